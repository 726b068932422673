import { offerKeys, type ChatAction } from "@/exam/keys";

offerKeys({
  accept: "F2",
  waiting: "F8",
  layout: "F9",
  phrases: "Alt+Slash",
  goods: "Alt+KeyP",
  articles: "Alt+KeyK",
  prices: "Alt+KeyJ",
  order: "Alt+KeyO",
  customer: "Alt+KeyU",
  terms: "Alt+KeyR",
  card: "Alt+KeyG",
  sendOrder: "Alt+KeyS",
  endChat: "Alt+KeyX",
});

/** In the order in which the overview of keys lists them. */
export const CHAT_ACTIONS: readonly ChatAction[] = [
  "accept",
  "waiting",
  "previous",
  "next",
  "overview",
  "layout",
  "phrases",
  "goods",
  "articles",
  "prices",
  "order",
  "customer",
  "terms",
  "card",
  "sendOrder",
  "endChat",
];
