import { reactive } from "vue";
import type { Entry } from "@/api/store";
import type { CommandOf, LiveConversation, OrderForm, OrderLine } from "./model";

export interface Draft {
  lines: readonly OrderLine[];
  coupon: string;
  rev: number;
}

/** A form as the screen has it; what it comes to is the server's word, and may not be there yet. */
export interface FormView extends Draft {
  quote: OrderForm["quote"];
  fault: OrderForm["fault"];
  /** The server has not said yet what it comes to. */
  counting: boolean;
}

/** Order forms by conversation: what the screen has ahead of the server. */
export class OrderForms {
  private readonly ahead: Record<string, Draft> = reactive({});
  /** Refused only because the stage stood still. */
  private readonly held = new Set<string>();

  constructor(
    private readonly set: (conversation: string, draft: Draft) => void,
    private readonly kept: (conversation: string) => OrderForm | undefined,
  ) {}

  /** Of the queue that an earlier life of the page left. */
  restore(waiting: readonly Entry[]): void {
    for (const { command } of waiting) {
      if (command.type !== "chat_sim.set_order") continue;
      const { conversation, lines, coupon = "", rev } = command as unknown as CommandOf<"set_order">;
      this.ahead[conversation] = { lines, coupon, rev };
    }
  }

  of(conversation: string): FormView {
    const theirs = this.kept(conversation);
    const ours = this.ahead[conversation];
    if (ours && ours.rev > (theirs?.rev ?? 0)) return { ...ours, quote: null, fault: null, counting: true };
    const { lines = [], coupon = "", rev = 0, quote = null, fault = null } = theirs ?? {};
    return { lines, coupon, rev, quote, fault, counting: false };
  }

  change(conversation: string, lines: readonly OrderLine[], coupon: string): void {
    const draft = { lines: [...lines], coupon, rev: this.of(conversation).rev + 1 };
    this.ahead[conversation] = draft;
    this.set(conversation, draft);
  }

  /** More of a variant: on its line, or on a new one. */
  add(conversation: string, sku: string): void {
    const { lines, coupon } = this.of(conversation);
    this.change(conversation, plus(lines, sku), coupon);
  }

  /** The server did not take a change: `again` if it may do so later, else the form stands as the server has it. */
  dropped({ conversation, rev }: CommandOf<"set_order">, again: boolean): void {
    if (this.ahead[conversation]?.rev !== rev) return;
    if (again) this.held.add(conversation);
    else delete this.ahead[conversation];
  }

  /** Once the stage runs again: what was refused meanwhile goes anew. */
  again(): void {
    const held = [...this.held];
    this.held.clear();
    for (const conversation of held) {
      const draft = this.ahead[conversation];
      if (draft) this.set(conversation, draft);
    }
  }
}

export function plus(lines: readonly OrderLine[], sku: string): OrderLine[] {
  if (lines.some((line) => line.sku === sku))
    return lines.map((line) => (line.sku === sku ? { ...line, quantity: line.quantity + 1 } : line));
  return [...lines, { sku, quantity: 1 }];
}

/** What an order with these lines would be refused for is the server's to say; here only what is no number. */
export function quantityOf(text: string): number | undefined {
  const plain = text.normalize("NFKC").trim();
  if (!/^-?\d{1,6}$/.test(plain)) return undefined;
  return Number(plain);
}

export const formOf = (conversations: readonly LiveConversation[], id: string): OrderForm | undefined =>
  conversations.find((one) => one.id === id)?.form;
