import { computed, ref, shallowRef } from "vue";
import { client, need } from "@/api/http";
import { ApiProblem } from "@/api/problem";
import { problemText, translate } from "@/i18n";
import type { TrialView } from "./model";

export interface Act {
  stage_ms: number;
  command: Record<string, unknown>;
}

export type Run = (acts: readonly Act[], untilMs: number) => Promise<TrialView>;

/** The customer's opaque id: there is one only. */
export const CUSTOMER = "c1";
/** When it comes. */
const ARRIVES_MS = 1_000;
const WAIT_MS = 10_000;

export interface Finding {
  need: string;
  fact: string;
  verdict: "right" | "wrong";
  text: string;
  start: number;
  end: number;
  sure: string;
  rule: string;
}

/** Something that stands in the transcript. */
export interface Line {
  at: number;
  type: string;
  text: string;
  cause?: string;
  need?: string | null;
  product?: string | null;
  picture?: string | null;
  findings: Finding[];
  needs: { need: string; verdict: string }[];
  courtesy: string[];
  forbidden: string[];
  suggested: string[];
  rules?: string;
  met?: boolean;
  total?: string;
  stars?: number | null;
  by?: string;
  ended?: string;
}

const SHOWN = new Set([
  "customer_said",
  "agent_said",
  "need_settled",
  "order_sent",
  "order_paid",
  "order_ended",
  "conversation_ended",
]);

/** What the customer does, and all that ends it. */
const BY_CUSTOMER = new Set(["customer_said", "order_paid", "order_ended", "conversation_ended"]);
/** Needs are settled in silence before the next message comes. */
const MOST_STEPS = 8;

/** What happened, as it is shown; what only the desk needs is left out. */
export function linesOf(view: TrialView): Line[] {
  return view.events.flatMap(({ stage_ms, event }) => {
    const one = event as Record<string, unknown>;
    const type = String(one.type).replace("chat_sim.", "");
    if (!SHOWN.has(type)) return [];
    const list = <T>(key: string): T[] => (one[key] as T[] | undefined) ?? [];
    return [
      {
        at: (one.stage_ms as number | undefined) ?? stage_ms,
        type,
        text: (one.text as string | undefined) ?? "",
        cause: type === "customer_said" ? (one.cause as string) : undefined,
        need: one.need as string | null | undefined,
        product: one.product as string | null | undefined,
        picture: one.picture as string | null | undefined,
        findings: list<Finding>("findings"),
        needs: list<{ need: string; verdict: string }>("needs"),
        courtesy: list<string>("courtesy"),
        forbidden: list<string>("forbidden"),
        suggested: list<string>("suggested"),
        rules: one.rules as string | undefined,
        met: one.met as boolean | undefined,
        total: one.total as string | undefined,
        stars: one.stars as number | null | undefined,
        by: one.by as string | undefined,
        ended: type === "order_ended" ? (one.cause as string) : undefined,
      },
    ];
  });
}

/** A text cut where something was recognised in it: pieces in order, with what was found there. */
export function pieces(text: string, findings: readonly Finding[]): { text: string; finding?: Finding }[] {
  // Spans are in characters; a text of JavaScript is in UTF-16 units.
  const characters = [...text];
  const cut: { text: string; finding?: Finding }[] = [];
  let at = 0;
  for (const finding of [...findings].sort((a, b) => a.start - b.start)) {
    if (finding.start < at || finding.end <= finding.start) continue;
    if (finding.start > at) cut.push({ text: characters.slice(at, finding.start).join("") });
    cut.push({ text: characters.slice(finding.start, finding.end).join(""), finding });
    at = finding.end;
  }
  if (at < characters.length) cut.push({ text: characters.slice(at).join("") });
  return cut;
}

export const runTrial = (
  taskId: string,
  part: string | null,
  acts: readonly Act[],
  untilMs: number,
): Promise<TrialView> =>
  need(
    client.POST("/api/v1/bank/tasks/{task_id}/trial", {
      params: { path: { task_id: taskId } },
      body: { part, acts: [...acts], until_ms: Math.round(untilMs) },
    }),
  );

/** A talk with one customer, in simulated time: the server works it out anew from all acts each time. */
export class TryOut {
  readonly view = shallowRef<TrialView>();
  readonly lines = computed(() => (this.view.value ? linesOf(this.view.value) : []));
  readonly now = ref(0);
  readonly busy = ref(false);
  readonly failed = ref<string>();
  readonly problem = shallowRef<ApiProblem>();
  /** Time goes on by itself up to the customer's next message after each of ours. */
  readonly onward = ref(true);
  private acts: Act[] = [];
  private rev = 0;

  constructor(private readonly run: Run) {}

  get over(): boolean {
    return this.lines.value.some(({ type }) => type === "conversation_ended");
  }

  async begin(): Promise<void> {
    this.acts = [
      {
        stage_ms: 0,
        command: { type: "chat_sim.set_nickname", nickname: translate("chatAuthor.try.nickname") },
      },
      { stage_ms: ARRIVES_MS, command: { type: "chat_sim.accept", conversation: CUSTOMER } },
    ];
    this.rev = 0;
    await this.go(ARRIVES_MS);
  }

  send(text: string): Promise<boolean> {
    return this.act({ type: "chat_sim.send", conversation: CUSTOMER, text });
  }

  card(product: string): Promise<boolean> {
    return this.act({ type: "chat_sim.send_product", conversation: CUSTOMER, product });
  }

  async order(lines: readonly { sku: string; quantity: number }[], coupon: string): Promise<boolean> {
    this.rev += 1;
    const form = {
      type: "chat_sim.set_order",
      conversation: CUSTOMER,
      lines: [...lines],
      coupon,
      rev: this.rev,
    };
    this.acts.push({ stage_ms: this.now.value, command: form });
    return this.act({ type: "chat_sim.send_order", conversation: CUSTOMER });
  }

  close(): Promise<boolean> {
    return this.act({ type: "chat_sim.close", conversation: CUSTOMER, reason: "solved" });
  }

  wait(ms = WAIT_MS): Promise<boolean> {
    return this.go(this.now.value + ms);
  }

  /** Up to what the customer does next; nothing if it does nothing any more. */
  async next(): Promise<boolean> {
    const done = (): number => this.lines.value.filter(({ type }) => BY_CUSTOMER.has(type)).length;
    const before = done();
    for (let step = 0; step < MOST_STEPS && done() === before; step += 1) {
      const due = this.view.value?.due_ms;
      if (due === null || due === undefined) return step > 0;
      if (!(await this.go(Math.max(due, this.now.value)))) return false;
    }
    return true;
  }

  /** An act as of now; taken back when it is refused, with the reason. */
  private async act(command: Record<string, unknown>): Promise<boolean> {
    this.acts.push({ stage_ms: this.now.value, command });
    if (!(await this.go(this.now.value))) {
      this.acts.pop();
      return false;
    }
    const refused = this.view.value?.refusals.find(({ index }) => index === this.acts.length - 1);
    if (refused) {
      this.acts.pop();
      this.failed.value = problemText(refused.problem as unknown as ApiProblem);
      return false;
    }
    if (this.onward.value && !this.over) await this.next();
    return true;
  }

  private async go(untilMs: number): Promise<boolean> {
    this.busy.value = true;
    this.failed.value = undefined;
    this.problem.value = undefined;
    try {
      this.view.value = await this.run(this.acts, untilMs);
      this.now.value = Math.max(untilMs, this.view.value.now_ms);
      return true;
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      this.problem.value = error;
      this.failed.value = problemText(error);
      return false;
    } finally {
      this.busy.value = false;
    }
  }
}
