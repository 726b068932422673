import { ref, shallowRef } from "vue";
import type { DraftStore, Entry } from "@/api/store";
import type { AttemptView, Command } from "@/api/types";
import type { DeskSession, ModulePage } from "@/exam/session";
import type { SeatState } from "../model";

const ID = "trial";

/** An attempt that is none: everything is acknowledged at once, nothing leaves the page. */
export const trialAttempt = {
  attempt_id: ID,
  module: "typing_test",
  phase: "running",
  stage_ms: 0,
} as unknown as AttemptView;

/** Keeps nothing. */
export const noDrafts: DraftStore = {
  load: () => Promise.resolve([]),
  put: () => Promise.resolve(),
  remove: () => Promise.resolve(),
};

/** Satisfies what a module's page needs of a session. */
export class TrialSession implements DeskSession {
  readonly state = shallowRef<unknown>({ current: "", texts: {}, players: {} } satisfies SeatState);
  readonly online = ref(true);
  readonly stale = ref(false);
  readonly ended = ref(false);
  readonly handingIn = ref(false);
  readonly dirty = ref(false);
  readonly waiting: readonly Entry[] = [];
  private page: ModulePage | undefined;
  private sent = 0;

  constructor(private readonly done: () => void) {}

  attach(page: ModulePage): () => void {
    this.page = page;
    return () => {
      if (this.page === page) this.page = undefined;
    };
  }

  send(command: Command): void {
    this.sent += 1;
    const entry = { id: `${ID}-${this.sent}`, attemptId: ID, n: this.sent, stampMs: 0, command };
    queueMicrotask(() => this.page?.acked(entry));
  }

  handIn(): void {
    this.done();
  }
}
