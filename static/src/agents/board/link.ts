import type { BoardFrame } from "./store";

const SILENCE_MS = 4_000;
const FIRST_RETRY_MS = 300;
const MAX_RETRY_MS = 4_000;
/** Close codes after which another try can't help. */
const FINAL = new Set([4401, 4403, 4404]);

export type LinkState = "connecting" | "live" | "cut" | "refused";
type Timer = ReturnType<typeof setTimeout>;

/** The board's line kept alive: what comes is taken as it comes, silence counts as a cut, tries are jittered. */
export class BoardLink {
  private socket: WebSocket | undefined;
  private stopped = true;
  private failures = 0;
  private address = "";
  private retry: Timer | undefined;
  private silence: Timer | undefined;

  constructor(
    private readonly take: (frame: BoardFrame) => void,
    private readonly say: (state: LinkState) => void,
  ) {}

  open(contestId: string, stageId: string | undefined): void {
    this.close();
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const query = new URLSearchParams({ contest: contestId, ...(stageId ? { stage: stageId } : {}) });
    this.address = `${scheme}://${location.host}/ws/board?${query}`;
    this.stopped = false;
    this.failures = 0;
    addEventListener("online", this.hurry);
    document.addEventListener("visibilitychange", this.hurry);
    this.say("connecting");
    this.connect();
  }

  close(): void {
    this.stopped = true;
    clearTimeout(this.retry);
    removeEventListener("online", this.hurry);
    document.removeEventListener("visibilitychange", this.hurry);
    this.drop();
  }

  private connect(): void {
    this.drop();
    const socket = new WebSocket(this.address);
    this.socket = socket;
    socket.onmessage = ({ data }: MessageEvent<string>) => {
      if (socket !== this.socket) return;
      this.failures = 0;
      this.listen();
      this.take(JSON.parse(data) as BoardFrame);
      this.say("live");
    };
    socket.onclose = ({ code }) => {
      if (socket !== this.socket) return;
      if (FINAL.has(code)) {
        this.close();
        this.say("refused");
      } else this.lost();
    };
    this.listen();
  }

  /** Frames come even when nothing changes, so silence means a dead line. */
  private listen(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.lost(), SILENCE_MS);
  }

  private lost(): void {
    this.drop();
    if (this.stopped) return;
    this.say("cut");
    const ceiling = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** this.failures);
    this.failures += 1;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.connect(), ceiling * (0.5 + Math.random() / 2));
  }

  private readonly hurry = (): void => {
    if (this.socket || document.visibilityState !== "visible") return;
    clearTimeout(this.retry);
    this.connect();
  };

  private drop(): void {
    clearTimeout(this.silence);
    const socket = this.socket;
    this.socket = undefined;
    if (!socket) return;
    socket.onmessage = socket.onclose = null;
    socket.close();
  }
}
