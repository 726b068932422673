import { textOf, translate as t } from "@/i18n";
import { span } from "@/ui/format";
import { figureOf, putNeeds, type Conversation, type Message, type Order, type Sheet } from "./sheet";

const rule = "-".repeat(48);

export const orderWords = (order: Order): string =>
  order.quote.lines.map((line) => `${line.name} × ${line.quantity}`).join(t("chatReplay.separator"));

/** What a message says, cards and pictures in words. */
export function wordsOf(message: Message, conversation: Conversation): string {
  const order = conversation.orders.find((one) => one.order === message.order);
  const parts = [message.text];
  if (message.product) parts.push(t("chatReplay.card.product", { name: productName(conversation, message) }));
  if (order)
    parts.push(t("chatReplay.card.order", { items: orderWords(order), total: `${order.quote.total}` }));
  if (message.picture) parts.push(t("chatReplay.card.picture", { alt: message.picture.alt }));
  return parts.filter(Boolean).join(" ");
}

/** Name of the product of a card: from the recommendations, else its id. */
export const productName = (conversation: Conversation, message: Message): string =>
  conversation.suggestions.find((one) => one.product === message.product)?.name ?? message.product ?? "";

function judgements(message: Message, conversation: Conversation): string {
  return Object.entries(message.verdicts)
    .filter(([, verdict]) => verdict !== "nothing")
    .map(([id, verdict]) => {
      const need = conversation.needs.find((one) => one.id === id)?.title ?? id;
      return `${need}${t("chatReplay.colon")}${t(`chatReplay.verdict.${verdict}`)}`;
    })
    .join(t("chatReplay.separator"));
}

/** One conversation as plain text: who said what when, then what was made of it. */
export function transcriptOf(sheet: Sheet, conversation: Conversation): string {
  const number = sheet.conversations.indexOf(conversation) + 1;
  const lines = [
    t("chatReplay.file.heading", { n: number, name: conversation.name, shop: sheet.shop }),
    t("chatReplay.file.who", { nickname: sheet.nickname || "—" }),
    t("chatReplay.file.times", {
      arrived: span(conversation.arrived_ms),
      accepted: conversation.accepted_ms === null ? "—" : span(conversation.accepted_ms),
      ended: conversation.ended_ms === null ? "—" : span(conversation.ended_ms),
      how: conversation.reason ? t(`chatReplay.reason.${conversation.reason}`) : t("chatReplay.notEnded"),
    }),
    rule,
  ];
  for (const message of conversation.messages) {
    lines.push(
      `[${span(message.at_ms)}] ${t(`chatReplay.by.${message.by}`)}${t("chatReplay.colon")}${wordsOf(message, conversation)}`,
    );
    const judged = judgements(message, conversation);
    if (judged) lines.push(`        ${t("chatReplay.file.judged", { text: judged })}`);
    if (message.forbidden.length)
      lines.push(
        `        ${t("chatReplay.file.forbidden", { words: message.forbidden.join(t("chatReplay.separator")) })}`,
      );
  }
  lines.push(rule, t("chatReplay.needs"));
  for (const need of putNeeds(conversation))
    lines.push(
      `  ${t(need.met ? "chatReplay.met" : "chatReplay.unmet")} ${need.title}${
        need.reference ? ` ${t("chatReplay.file.reference", { text: need.reference })}` : ""
      }`,
    );
  for (const order of conversation.orders)
    lines.push(
      `${t(`chatReplay.order.${order.status}`)}${t("chatReplay.colon")}${orderWords(order)} ¥${order.quote.total}`,
    );
  lines.push(
    t("chatReplay.file.rating", {
      stars: conversation.rating.stars,
      working: conversation.rating.working.map((line) => textOf(line)).join(t("chatReplay.separator")),
    }),
  );
  for (const measure of conversation.measures) {
    const shown = figureOf(measure.value, measure.unit, measure.formula);
    lines.push(`${textOf(measure.title)}${t("chatReplay.colon")}${shown} (${measure.formula})`);
  }
  if (conversation.note.trim()) lines.push(t("chatReplay.file.note", { text: conversation.note }));
  return `${lines.join("\r\n")}\r\n`;
}

export const transcripts = (sheet: Sheet): string =>
  sheet.conversations.map((conversation) => transcriptOf(sheet, conversation)).join("\r\n\r\n");

/** A name that every file system takes. */
export const fileName = (parts: readonly string[]): string =>
  `${parts
    .map((part) => part.replace(/[\u0000-\u001f\\/:*?"<>|]+/g, " ").trim())
    .filter(Boolean)
    .join("-")
    .slice(0, 100)}.txt`;

/** Hands a text to the browser as a file; the mark at its begin tells editors that it is UTF-8. */
export function saveText(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/plain;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
