import { ref, shallowRef } from "vue";
import { ApiProblem } from "@/api/http";
import type { TaskView } from "./model";

export const SAVE_AFTER_MS = 1_000;
export const AGAIN_AFTER_MS = 4_000;

/** How the draft stands: `refused` waits for the next key, `offline` tries again, `overtaken` never saves again. */
export type Saving = "saved" | "waiting" | "saving" | "offline" | "refused" | "overtaken";

export interface SaverHooks<C> {
  /** What is to be saved, as it stands on the page now. */
  take(): C;
  send(change: C, seen: number): Promise<TaskView>;
  /** The server's answer; `own` is false after an act of the server's, which has changed the draft itself. */
  took(view: TaskView, own: boolean): void;
}

/** Saves a draft a moment after the last key; saves and acts go one after the other, each on the newest revision. */
export class DraftSaver<C> {
  readonly state = ref<Saving>("saved");
  readonly problem = shallowRef<ApiProblem>();
  readonly busy = ref(false);

  private timer: ReturnType<typeof setTimeout> | undefined;
  private queue: Promise<unknown> = Promise.resolve();
  private changes = 0;
  private savedChanges = 0;
  private over = false;

  constructor(
    private seen: number,
    private readonly hooks: SaverHooks<C>,
    private readonly delayMs = SAVE_AFTER_MS,
  ) {}

  get dirty(): boolean {
    return this.changes !== this.savedChanges;
  }

  /** Something was typed. */
  touch(): void {
    this.changes += 1;
    if (this.state.value === "overtaken") return;
    if (this.state.value !== "saving") this.state.value = "waiting";
    this.later(this.delayMs);
  }

  /** Saves now; resolves when nothing waits, or when it can't be saved. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    return this.enqueue(() => this.save());
  }

  /** An act of the server's on the draft as it stands; throws ApiProblem, also when the draft can't be saved first. */
  act(work: (seen: number) => Promise<TaskView>): Promise<TaskView> {
    clearTimeout(this.timer);
    return this.enqueue(async () => {
      await this.save();
      if (this.dirty && this.problem.value) throw this.problem.value;
      this.busy.value = true;
      try {
        const view = await work(this.seen);
        this.seen = view.revision;
        this.hooks.took(view, false);
        return view;
      } catch (error) {
        if (error instanceof ApiProblem && error.code === "overtaken") this.stop(error);
        throw error;
      } finally {
        this.busy.value = false;
        if (this.dirty) this.later(this.delayMs);
      }
    });
  }

  /** The page is left: nothing more is sent. */
  close(): void {
    this.over = true;
    clearTimeout(this.timer);
  }

  private later(ms: number): void {
    clearTimeout(this.timer);
    if (!this.over) this.timer = setTimeout(() => void this.flush(), ms);
  }

  private enqueue<T>(work: () => Promise<T>): Promise<T> {
    const next = this.queue.then(work);
    this.queue = next.catch(() => undefined);
    return next;
  }

  private async save(): Promise<void> {
    if (!this.dirty || this.state.value === "overtaken" || this.over) return;
    const upTo = this.changes;
    this.state.value = "saving";
    try {
      const view = await this.hooks.send(this.hooks.take(), this.seen);
      this.seen = view.revision;
      this.savedChanges = upTo;
      this.problem.value = undefined;
      this.hooks.took(view, true);
      this.state.value = this.dirty ? "waiting" : "saved";
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      if (error.code === "overtaken") return this.stop(error);
      this.problem.value = error;
      this.state.value = error.retry ? "offline" : "refused";
      if (error.retry) this.later(AGAIN_AFTER_MS);
    }
  }

  private stop(problem: ApiProblem): void {
    clearTimeout(this.timer);
    this.problem.value = problem;
    this.state.value = "overtaken";
  }
}
