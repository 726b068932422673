import { computed, ref, shallowRef } from "vue";
import { ServerClock } from "@/api/clock";
import { Outbox } from "@/api/outbox";
import { claimPage, freshPage } from "@/api/page";
import { forgetAttempt, outboxStore, type Entry, type OutboxStore } from "@/api/store";
import type { AnnouncementView, AttemptView, Command, CoreCommand, ProblemBody, Welcome } from "@/api/types";
import { Wire } from "@/api/wire";
import { unsent } from "@/media/unsent";

/** What a module's page adds to the desk. */
export interface ModulePage {
  /** Server state came anew (first load, reconnect, take-over). */
  merge(state: unknown): void;
  /** `seq`: what is live shows what the command did, once it has come as far as this. */
  acked(entry: Entry, seq?: number): void;
  dropped(entry: Entry, problem: ProblemBody): void;
  /** Hands everything typed so far to the queue, also what an input method still composes. */
  flush(stampMs?: number): void;
}

/** What happens in a task by itself, as it stood at a moment: `stageMs` is the net time at `serverMs`. */
export interface LiveState {
  live: unknown;
  seq: number;
  serverMs: number;
  stageMs: number;
}

export type SaveState =
  | { kind: "idle" }
  | { kind: "saving" }
  | { kind: "saved"; at: number }
  | { kind: "offline"; count: number }
  | { kind: "blocked"; problem: ProblemBody };

/** What a module's page needs of a session; a trial in the task bank brings its own. */
export type DeskSession = Pick<
  SeatSession,
  "state" | "online" | "stale" | "ended" | "handingIn" | "dirty" | "waiting" | "attach" | "send" | "handIn"
>;

const ALWAYS = new Set([
  "acknowledge_rules",
  "start",
  "resume",
  "raise_hand",
  "lower_hand",
  "read_announcement",
  "device_check",
]);
const AFTER_END_MS = 100;
const MAX_DOUBT_MS = 1_000;
/** The server could not even tell which command the frame was. */
const UNREADABLE = new Set(["malformed", "too-large"]);
const STAGE_CODES = new Set(["stage-closed", "stage-paused", "stage-not-running"]);

const readOf = ({ command }: Entry): string | undefined =>
  command.type === "read_announcement" ? String(command.announcement_id) : undefined;

const isHandIn = ({ command }: Entry, cause: string): boolean =>
  command.type === "hand_in" && command.cause === cause;

/** One attempt at this desk: the wire, the queue, the clock, and what the screens show of them. */
export class SeatSession {
  readonly clock = new ServerClock();
  readonly attempt = shallowRef<AttemptView>();
  readonly content = shallowRef<unknown>();
  readonly state = shallowRef<unknown>();
  /** Only in modules that push it. */
  readonly live = shallowRef<LiveState>();
  readonly online = ref(false);
  readonly stale = ref(false);
  readonly fatal = shallowRef<ProblemBody>();
  readonly refusal = shallowRef<ProblemBody>();
  readonly queued = ref(0);
  readonly blocked = shallowRef<ProblemBody>();
  readonly savedAt = ref<number>();
  readonly dirty = ref(false);
  /** This machine can't store: a reload would lose what is not acknowledged. */
  readonly unsafe = ref(false);
  /** The end has come for this page; the server's word is still out. */
  readonly ended = ref(false);
  /** The contestant has handed in; the server's word is still out. */
  readonly handingIn = ref(false);
  readonly lateKept = ref(0);
  /** Announcements to be read, oldest first. */
  readonly news = shallowRef<readonly AnnouncementView[]>([]);

  readonly save = computed<SaveState>(() => {
    if (this.blocked.value) return { kind: "blocked", problem: this.blocked.value };
    if (!this.online.value) return { kind: "offline", count: this.queued.value };
    if (this.queued.value > 0 || this.dirty.value) return { kind: "saving" };
    return this.savedAt.value === undefined ? { kind: "idle" } : { kind: "saved", at: this.savedAt.value };
  });

  private page: ModulePage | undefined;
  private wire: Wire | undefined;
  private readonly outbox: Outbox;
  private left = false;
  private accepted = false;
  private ackedSeq = 0;
  private forgotten = false;
  /** The end that the countdown on the screen runs to. */
  private aim: number | null = null;
  private readonly readHere = new Set<string>();
  private endTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly attemptId: string,
    store: OutboxStore = outboxStore,
    private readonly forget = forgetAttempt,
  ) {
    this.outbox = new Outbox(attemptId, store, {
      transmit: (entry) => this.wire?.send(entry.id, entry.stampMs, entry.command) ?? false,
      sendable: (entry) => this.mayGo(entry.command.type),
      changed: () => this.look(),
      acked: (entry, serverMs) => {
        this.savedAt.value = serverMs;
        this.accepted ||= entry.command.type === "hand_in";
        this.page?.acked(entry, this.ackedSeq);
      },
      dropped: (entry, problem) => this.dropped(entry, problem),
      unsafe: () => (this.unsafe.value = true),
    });
  }

  async open(): Promise<void> {
    const [page] = await Promise.all([claimPage(), this.outbox.restore()]);
    if (this.left) return;
    this.wire = new Wire(this.attemptId, page, this.clock, {
      welcome: (frame) => this.welcome(frame),
      acked: (frame) => {
        this.ackedSeq = frame.seq;
        this.outbox.ack(frame.id, frame.server_ms);
      },
      refused: (id, problem) => this.refused(id, problem),
      changed: (frame) => {
        this.anchor(frame.attempt);
        this.follow(frame.attempt);
      },
      live: (frame) =>
        (this.live.value = {
          live: frame.live,
          seq: frame.seq,
          serverMs: frame.server_ms,
          stageMs: frame.stage_ms,
        }),
      stale: () => this.retire(),
      down: () => {
        this.online.value = false;
        this.outbox.closed();
      },
      standing: () => ({ queued: this.outbox.size, unsent_ms: Math.round(unsent.ms), ends_ms: this.aim }),
    });
    this.wire.start();
  }

  close(): void {
    this.left = true;
    this.page?.flush();
    this.wire?.stop();
    this.outbox.closed();
  }

  /** The page has taken the state over; only from now on do its commands go, so that no ack passes it by. */
  attach(page: ModulePage): () => void {
    this.page = page;
    this.outbox.pump();
    return () => {
      if (this.page === page) this.page = undefined;
    };
  }

  send(command: CoreCommand | Command, stampMs = this.clock.now()): void {
    this.outbox.add(command as Command, stampMs);
  }

  read(announcementId: string): void {
    this.send({ type: "read_announcement", announcement_id: announcementId });
  }

  /** The countdown has taken over this end (null: it stands still); the server is told at once. */
  countsTo(endsMs: number | null): void {
    if (this.aim === endsMs) return;
    this.aim = endsMs;
    this.wire?.report();
  }

  /** Of the lease that this page holds; what does not go over the wire names it too. */
  get epoch(): number {
    return this.wire?.epoch ?? 0;
  }

  /** Commands that an earlier life of the page left unsent. */
  get waiting(): readonly Entry[] {
    return this.outbox.waiting;
  }

  handIn(): void {
    if (this.handingIn.value) return;
    this.page?.flush();
    this.send({ type: "hand_in", cause: "handed_in" });
  }

  /** The end by the server's clock: what stands in the fields at this instant goes first. */
  timeUp(): void {
    const ends = this.attempt.value?.ends_ms;
    if (this.stale.value || ends === null || ends === undefined) return;
    this.ended.value = true;
    this.page?.flush(ends - 1);
    // Before the end by its own clock the server would refuse: wait out the doubt of the estimate.
    const doubt = Math.min(MAX_DOUBT_MS, this.clock.uncertainty);
    clearTimeout(this.endTimer);
    this.endTimer = setTimeout(
      () => this.send({ type: "hand_in", cause: "time_up" }, ends),
      doubt + AFTER_END_MS,
    );
  }

  /** The page has missed something: asks for the whole state again. */
  resync(): void {
    this.wire?.refresh();
  }

  /** Goes on in this page: a new page id takes the lease over. */
  takeOver(): void {
    this.stale.value = false;
    this.wire?.restart(freshPage());
  }

  private mayGo(type: string): boolean {
    const phase = this.attempt.value?.phase;
    if (ALWAYS.has(type) || phase === "closed") return true;
    return phase === "running" && this.page !== undefined;
  }

  private welcome(frame: Welcome): void {
    const first = !this.online.value;
    this.online.value = true;
    this.fatal.value = undefined;
    this.accepted = false;
    if (frame.content !== null) this.content.value = frame.content;
    if (frame.state !== null) this.state.value = frame.state;
    if (frame.live) {
      const { server_ms: serverMs, stage_ms: stageMs } = frame.attempt;
      this.live.value = { live: frame.live, seq: frame.seq, serverMs, stageMs };
    }
    this.follow(frame.attempt);
    if (frame.state !== null) this.page?.merge(frame.state);
    if (first) this.outbox.opened();
  }

  /** A pause stops the net time and no news of the module says so: what is live stands as of this moment. */
  private anchor({ server_ms: serverMs, stage_ms: stageMs }: AttemptView): void {
    const live = this.live.value;
    if (live && serverMs > live.serverMs) this.live.value = { ...live, serverMs, stageMs };
  }

  private follow(attempt: AttemptView): void {
    const before = this.attempt.value?.phase;
    this.attempt.value = attempt;
    if (attempt.phase === "paused") this.takeBackEnd();
    if (attempt.phase === "running" && attempt.ends_ms !== null && attempt.ends_ms > this.clock.now())
      this.ended.value = false;
    // The content is withheld until the start: a new hello brings it.
    if (attempt.phase === "running" && before !== "running" && !this.content.value) this.wire?.refresh();
    this.look();
    this.outbox.pump();
  }

  /** A pause moves the end: the one that this page saw holds no longer, and another will come. */
  private takeBackEnd(): void {
    this.ended.value = false;
    clearTimeout(this.endTimer);
    this.outbox.discard((entry) => isHandIn(entry, "time_up"));
  }

  private look(): void {
    const { size, waiting, blockedBy } = this.outbox;
    this.queued.value = size;
    for (const id of waiting.map(readOf)) if (id) this.readHere.add(id);
    this.news.value = (this.attempt.value?.announcements ?? []).filter(
      ({ announcement_id }) => !this.readHere.has(announcement_id),
    );
    this.blocked.value = blockedBy;
    this.handingIn.value = this.accepted || waiting.some((entry) => isHandIn(entry, "handed_in"));
    if (this.attempt.value?.phase !== "closed" || size > 0 || this.forgotten) return;
    this.forgotten = true;
    void this.forget(this.attemptId).catch(() => undefined);
  }

  private refused(id: string | null, problem: ProblemBody): void {
    if (problem.code === "stale-lease") return this.retire();
    if (id !== null) return this.outbox.refuse(id, problem);
    if (problem.retry) return this.outbox.block(problem);
    if (UNREADABLE.has(problem.code) && this.outbox.refuseFlying(problem)) return;
    this.fatal.value = problem;
    this.wire?.stop();
    this.online.value = false;
    this.outbox.closed();
  }

  private retire(): void {
    this.page?.flush();
    this.stale.value = true;
    this.online.value = false;
    this.wire?.stop();
    this.outbox.closed();
  }

  private dropped(entry: Entry, problem: ProblemBody): void {
    this.page?.dropped(entry, problem);
    const unread = readOf(entry);
    if (unread) this.readHere.delete(unread);
    const isText = entry.command.type.endsWith(".save_field");
    if (isText && problem.code === "stage-closed") this.lateKept.value += 1;
    // Refusals that only say what the screen already shows are no news to the contestant.
    if (!isHandIn(entry, "time_up") && !STAGE_CODES.has(problem.code)) this.refusal.value = problem;
  }
}
