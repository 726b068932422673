import { ref, shallowRef } from "vue";
import { ServerClock } from "@/api/clock";
import { ApiProblem } from "@/api/problem";
import type { DraftStore, Entry } from "@/api/store";
import type { AttemptView, Command, ProblemBody } from "@/api/types";
import type { LiveState, ModulePage } from "@/exam/session";
import { problemText } from "@/i18n";
import type { ChatSession } from "../model";
import type { TrialView } from "./model";
import type { Act, Run } from "./tryout";

const ID = "trial";
const MOST_ACTS = 1_900;

export const trialAttempt = {
  attempt_id: ID,
  module: "chat_sim",
  phase: "running",
  stage_ms: 0,
} as unknown as AttemptView;

/** Keeps nothing. */
export const noDrafts: DraftStore = {
  load: () => Promise.resolve([]),
  put: () => Promise.resolve(),
  remove: () => Promise.resolve(),
};

/** Without what later acts have overwritten: what stood in a field, which conversations were looked at. */
export function thinned(acts: readonly Act[]): Act[] {
  const last = new Map<string, number>();
  const keyOf = ({ command }: Act): string | undefined => {
    if (command.type === "chat_sim.save_field") return `${String(command.item)} ${String(command.field)}`;
    return command.type === "chat_sim.show" ? "show" : undefined;
  };
  acts.forEach((act, index) => {
    const key = keyOf(act);
    if (key) last.set(key, index);
  });
  return acts.filter((act, index) => {
    const key = keyOf(act);
    return !key || last.get(key) === index;
  });
}

/** A whole desk in real time over the bank's trial: the server works out anew what has happened so far. */
export class ChatTrialSession implements ChatSession {
  readonly state = shallowRef<unknown>();
  readonly live = shallowRef<LiveState>();
  readonly online = ref(true);
  readonly stale = ref(false);
  readonly ended = ref(false);
  readonly handingIn = ref(false);
  readonly dirty = ref(false);
  readonly clock = new ServerClock(() => this.monotonic());
  readonly failed = ref<string>();
  private page: ModulePage | undefined;
  private acts: Act[] = [];
  private queue: Entry[] = [];
  private sent = 0;
  private began = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private working: Promise<void> = Promise.resolve();
  private over = false;

  constructor(
    private readonly run: Run,
    private readonly done: () => void,
    private readonly monotonic: () => number = () => performance.now(),
  ) {
    this.clock.add(0, 0, 0);
  }

  get waiting(): readonly Entry[] {
    return this.queue;
  }

  async begin(): Promise<void> {
    this.began = this.monotonic();
    await this.renew();
  }

  attach(page: ModulePage): () => void {
    this.page = page;
    return () => {
      if (this.page === page) this.page = undefined;
    };
  }

  send(command: Command): void {
    this.sent += 1;
    const entry = {
      id: `${ID}-${this.sent}`,
      attemptId: ID,
      n: this.sent,
      stampMs: this.clock.now(),
      command,
    };
    this.queue = [...this.queue, entry];
    void this.renew();
  }

  resync(): void {
    this.page?.merge(this.state.value);
  }

  handIn(): void {
    this.close();
    this.done();
  }

  close(): void {
    this.over = true;
    clearTimeout(this.timer);
  }

  private get stageMs(): number {
    return Math.max(0, Math.round(this.monotonic() - this.began));
  }

  /** One after the other; each takes all that waits. */
  private renew(): Promise<void> {
    this.working = this.working.then(() => this.step());
    return this.working;
  }

  private async step(): Promise<void> {
    if (this.over) return;
    const entries = this.queue;
    const stageMs = this.stageMs;
    const acts = [
      ...this.acts,
      ...entries.map(({ command }) => ({ stage_ms: stageMs, command: command as unknown as Act["command"] })),
    ];
    try {
      const view = await this.run(acts, stageMs);
      this.took(view, entries, acts);
      this.failed.value = undefined;
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      this.failed.value = problemText(error);
      for (const entry of entries) this.page?.dropped(entry, error as unknown as ProblemBody);
    }
    this.queue = this.queue.filter((entry) => !entries.includes(entry));
  }

  private took(view: TrialView, entries: readonly Entry[], acts: Act[]): void {
    const first = this.acts.length;
    const refused = new Map(view.refusals.map(({ index, problem }) => [index - first, problem]));
    const kept = acts.filter((_, index) => !refused.has(index - first));
    this.acts = thinned(kept);
    if (this.acts.length > MOST_ACTS) return this.handIn();
    this.state.value = view.state;
    const seq = view.events.length + this.sent;
    this.live.value = { live: view.live, seq, serverMs: this.clock.now(), stageMs: view.now_ms };
    entries.forEach((entry, index) => {
      const problem = refused.get(index) as unknown as ProblemBody | undefined;
      if (problem) {
        this.failed.value = problemText(problem);
        this.page?.dropped(entry, problem);
      } else this.page?.acked(entry, seq);
    });
    clearTimeout(this.timer);
    if (view.due_ms !== null && !this.over)
      this.timer = setTimeout(() => void this.renew(), Math.max(20, view.due_ms - this.stageMs));
  }
}
