import { ServerClock } from "./clock";
import type { Acked, Command, LiveFrame, ProblemBody, SeatFrame, ServerFrame, Welcome } from "./types";

const PROTOCOL = 1;
const PING_MS = 3_000;
const SILENCE_MS = 3_500;
const FIRST_RETRY_MS = 300;
const MAX_RETRY_MS = 4_000;
const PROBES = 3;

const NO_WAY: ProblemBody = {
  type: "about:blank",
  title: "",
  detail: "",
  request_id: "",
  status: 403,
  code: "not-permitted",
  retry: false,
  faults: [],
};
/** Close codes after which another try can't help. */
const FINAL: Record<number, Partial<ProblemBody>> = {
  4401: { code: "login-required", status: 401 },
  4403: { code: "wrong-origin", status: 403 },
};

export interface WireHooks {
  welcome(frame: Welcome): void;
  acked(frame: Acked): void;
  refused(id: string | null, problem: ProblemBody): void;
  changed(frame: Extract<ServerFrame, { type: "changed" }>): void;
  /** The task changed by itself. */
  live(frame: LiveFrame): void;
  stale(): void;
  down(): void;
  /** What each ping tells of this page. */
  standing(): Standing;
}

export interface Standing {
  queued: number;
  /** Sound that this machine has not handed over yet, ms. */
  unsent_ms: number;
  /** The end that the page counts down to. */
  ends_ms: number | null;
}

type Timer = ReturnType<typeof setTimeout>;

/** What JSON can't carry to the server: a surrogate without its other half (only those are characters to `u`). */
const LONE = /\p{Surrogate}/gu;
const wellFormed = (_key: string, value: unknown): unknown =>
  typeof value === "string" ? value.replace(LONE, "\ufffd") : value;

/** One WebSocket kept alive: hello, pings for the clock and for silence, jittered reconnects. */
export class Wire {
  private socket: WebSocket | undefined;
  private welcomed = false;
  private stopped = false;
  private failures = 0;
  private seq: number | undefined;
  /** Of the lease that this page holds; 0 before its first welcome. */
  epoch = 0;
  private helloAt = 0;
  private retryTimer: Timer | undefined;
  private pingTimer: Timer | undefined;
  private silenceTimer: Timer | undefined;

  constructor(
    private readonly attemptId: string,
    private page: string,
    readonly clock: ServerClock,
    private readonly hooks: WireHooks,
  ) {}

  start(): void {
    this.stopped = false;
    addEventListener("online", this.hurry);
    addEventListener("offline", this.probe);
    document.addEventListener("visibilitychange", this.hurry);
    this.connect();
  }

  /** Ends for good; used when the page is left, or is stale. */
  stop(): void {
    this.stopped = true;
    removeEventListener("online", this.hurry);
    removeEventListener("offline", this.probe);
    document.removeEventListener("visibilitychange", this.hurry);
    clearTimeout(this.retryTimer);
    this.drop();
  }

  /** Takes the attempt over under a new page id. */
  restart(page: string): void {
    this.stop();
    this.page = page;
    this.seq = undefined;
    this.epoch = 0;
    this.start();
  }

  /** Says hello again from scratch: the answer brings content and state. What is under way stays under way. */
  refresh(): void {
    this.seq = undefined;
    if (this.welcomed) this.hello();
    else this.connect();
  }

  send(id: string, stampMs: number, command: Command): boolean {
    if (!this.welcomed) return false;
    return this.put({ type: "command", id, epoch: this.epoch, stamp_ms: stampMs, command });
  }

  /** Says at once how this page stands: that is how a changed end is acknowledged. */
  report(): void {
    if (this.welcomed && this.probeOnce()) this.listen();
  }

  private connect(): void {
    this.drop();
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/ws`);
    this.socket = socket;
    socket.onopen = () => {
      this.helloAt = performance.now();
      this.hello();
      this.listen();
    };
    socket.onmessage = ({ data }: MessageEvent<string>) => {
      if (socket === this.socket) this.receive(JSON.parse(data) as ServerFrame);
    };
    socket.onclose = ({ code }) => {
      if (socket !== this.socket) return;
      if (code in FINAL) this.hooks.refused(null, { ...NO_WAY, ...FINAL[code] });
      else this.lost();
    };
    this.listen();
  }

  private hello(): void {
    this.put({
      type: "hello",
      protocol: PROTOCOL,
      attempt_id: this.attemptId,
      page: this.page,
      after: this.seq ?? null,
      epoch: this.epoch || null,
    });
  }

  private receive(frame: ServerFrame): void {
    this.heard();
    switch (frame.type) {
      case "welcome": {
        // A later welcome is the server's own word (the start), not the answer to a probe.
        if (!this.welcomed) this.clock.add(this.helloAt, performance.now(), frame.attempt.server_ms);
        this.welcomed = true;
        this.failures = 0;
        this.epoch = frame.epoch;
        this.seq = frame.seq;
        this.hooks.welcome(frame);
        this.ping(PROBES);
        return;
      }
      case "pong":
        this.clock.add(frame.sent, performance.now(), frame.server_ms);
        return;
      case "acked":
        this.seq = Math.max(this.seq ?? 0, frame.seq);
        this.hooks.acked(frame);
        return;
      case "refused":
        // The hello itself: only another one can help.
        if (!this.welcomed && frame.problem.retry) this.lost();
        this.hooks.refused(frame.id ?? null, frame.problem);
        return;
      case "changed":
        this.seq = Math.max(this.seq ?? 0, frame.seq);
        this.hooks.changed(frame);
        return;
      case "live":
        this.seq = Math.max(this.seq ?? 0, frame.seq);
        this.hooks.live(frame);
        return;
      case "stale":
        this.hooks.stale();
    }
  }

  private ping(soon: number): void {
    clearTimeout(this.pingTimer);
    if (!this.probeOnce()) return;
    this.listen();
    this.pingTimer = setTimeout(() => this.ping(soon - 1), soon > 0 ? 150 : PING_MS);
  }

  private probeOnce(): boolean {
    return this.put({
      type: "ping",
      sent: performance.now(),
      // The machine's own clock, only to be looked at by technicians.
      wall_ms: Date.now(),
      rtt_ms: this.clock.roundTrip,
      ...this.hooks.standing(),
    });
  }

  /** Silence means a dead line, even when no one closed it. */
  private listen(): void {
    this.silenceTimer ??= setTimeout(() => this.lost(), SILENCE_MS);
  }

  private heard(): void {
    clearTimeout(this.silenceTimer);
    this.silenceTimer = undefined;
  }

  private lost(): void {
    this.drop();
    if (this.stopped) return;
    this.hooks.down();
    const ceiling = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** this.failures);
    this.failures += 1;
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => this.connect(), ceiling * (0.5 + Math.random() / 2));
  }

  private drop(): void {
    clearTimeout(this.pingTimer);
    this.heard();
    this.welcomed = false;
    const socket = this.socket;
    this.socket = undefined;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private put(frame: SeatFrame): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame, wellFormed));
    return true;
  }

  private readonly hurry = (): void => {
    if (this.stopped || document.visibilityState === "hidden") return;
    if (this.welcomed) this.ping(1);
    else {
      clearTimeout(this.retryTimer);
      this.connect();
    }
  };

  /** "offline" of the browser is only a hint: a server on this very machine still answers. */
  private readonly probe = (): void => {
    if (!this.stopped && this.welcomed) this.ping(0);
  };
}
