import { createHash } from "node:crypto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ApiProblem } from "@/api/http";
import type { KeptRecorder, SoundChunk } from "@/api/store";
import { sha256 } from "@/media/sha256";
import { Spool } from "@/media/spool";
import { unsent } from "@/media/unsent";
import { Uploader, type UploadLine } from "@/media/uploads";
import { MemorySpool } from "./support";

const problem = (status: number, code: string, retry = false): ApiProblem =>
  new ApiProblem({ code, status, retry, detail: "" });

/** The server: keeps what it is sent, and fails as it is told. */
class FakeLine implements UploadLine {
  readonly got = new Map<string, Map<number, string>>();
  readonly ends = new Map<string, { chunks: number; ended_ms: number }>();
  readonly puts: number[] = [];
  flying = 0;
  most = 0;
  fail: (what: "register" | "put" | "held" | "finish", n?: number) => ApiProblem | undefined = () =>
    undefined;
  private made = 0;
  private answer<T>(what: Parameters<FakeLine["fail"]>[0], value: () => T, n?: number): Promise<T> {
    const refused = this.fail(what, n);
    return refused ? Promise.reject(refused) : Promise.resolve(value());
  }
  register = () =>
    this.answer("register", () => {
      const id = `r${(this.made += 1)}`;
      this.got.set(id, new Map());
      return { recorder_id: id, token: `t-${id}` };
    });
  held = (id: string) => this.answer("held", () => [...this.got.get(id)!.keys()].map((n) => [n, n] as const));
  async put(id: string, token: string, n: number, bytes: ArrayBuffer): Promise<void> {
    expect(token).toBe(`t-${id}`);
    this.most = Math.max(this.most, ++this.flying);
    this.puts.push(n);
    await Promise.resolve();
    this.flying -= 1;
    await this.answer("put", () => this.got.get(id)!.set(n, new TextDecoder().decode(bytes)), n);
  }
  finish = (id: string, _token: string, end: { chunks: number; ended_ms: number }) =>
    this.answer("finish", () => void this.ends.set(id, end));
}

const chunk = (n: number, recorder = "k1"): SoundChunk => ({
  recorder,
  n,
  ms: 1_000,
  bytes: new TextEncoder().encode(`chunk ${n}`).buffer as ArrayBuffer,
});
const recorder = (more: Partial<KeptRecorder> = {}): KeptRecorder => ({
  key: "k1",
  attemptId: "a1",
  callId: "in1.1",
  mediaType: "audio/webm;codecs=opus",
  beganMs: 5_000,
  ...more,
});

describe("the digest of a chunk", () => {
  it("is SHA-256, at every length around a block", () => {
    for (const size of [0, 1, 55, 56, 63, 64, 65, 119, 120, 6_000]) {
      const bytes = Uint8Array.from({ length: size }, (_, n) => (n * 31 + size) % 256);
      expect(sha256(bytes)).toBe(createHash("sha256").update(bytes).digest("hex"));
    }
  });
});

describe("the uploader", () => {
  let store: MemorySpool;
  let line: FakeLine;
  let dead: boolean;
  const page = (): { spool: Spool; uploader: Uploader } => {
    const spool = new Spool(store);
    return { spool, uploader: new Uploader(spool, line, { dead: () => Promise.resolve(dead) }) };
  };
  const fill = async (spool: Spool, count: number, more: Partial<KeptRecorder> = {}): Promise<void> => {
    await spool.keep(recorder(more));
    for (let n = 0; n < count; n += 1) await spool.add(chunk(n));
  };
  beforeEach(() => {
    store = new MemorySpool();
    line = new FakeLine();
    dead = false;
    Object.assign(unsent, { ms: 0, aside: 0, unsafe: false });
  });

  it("sends every chunk, two at a time, and takes it from this machine only then", async () => {
    const { spool, uploader } = page();
    await fill(spool, 5);
    line.fail = (what, n) => (what === "put" && n === 3 ? problem(0, "offline", true) : undefined);
    expect(await uploader.round()).toBe(false);
    expect([...store.sound.values()].map(({ n }) => n)).toContain(3);
    expect(unsent.ms).toBeGreaterThanOrEqual(1_000);
    line.fail = () => undefined;
    expect(await uploader.round()).toBe(true);
    expect(line.most).toBe(2);
    expect([...line.got.get("r1")!.values()].sort()).toEqual([0, 1, 2, 3, 4].map((n) => `chunk ${n}`));
    expect([store.sound.size, unsent.ms]).toEqual([0, 0]);
  });

  it("leaves a recorder open that still records, and finishes one that has stopped", async () => {
    const { spool, uploader } = page();
    await fill(spool, 2);
    await uploader.round();
    expect([line.ends.size, store.kept.size]).toEqual([0, 1]);
    await spool.keep({ key: "k1", chunks: 2, endedMs: 7_000 });
    await uploader.round();
    expect(line.ends.get("r1")).toEqual({ chunks: 2, ended_ms: 7_000 });
    expect(store.kept.size).toBe(0);
  });

  it("goes on after the machine was switched off: asks what is there, and ends what the page could not", async () => {
    const before = page();
    await fill(before.spool, 4);
    line.fail = (what, n) => (what === "put" && n! >= 2 ? problem(503, "storage-failed", true) : undefined);
    await before.uploader.round();
    // Chunk 2 got there, but its answer did not.
    line.got.get("r1")!.set(2, "chunk 2");
    line.fail = () => undefined;
    line.puts.length = 0;
    dead = true;
    const after = page();
    await after.uploader.round();
    expect(line.puts).toEqual([3]);
    expect(line.ends.get("r1")).toEqual({ chunks: 4, ended_ms: 9_000 });
    expect([store.sound.size, store.kept.size]).toEqual([0, 0]);
  });

  it("sends a damaged chunk again", async () => {
    const { spool, uploader } = page();
    await fill(spool, 1);
    let once = true;
    line.fail = (what) => {
      if (what !== "put" || !once) return undefined;
      once = false;
      return problem(422, "chunk-damaged", true);
    };
    await uploader.round();
    await uploader.round();
    expect(line.puts).toEqual([0, 0]);
    expect(store.sound.size).toBe(0);
  });

  it("keeps aside what the server holds differently, says so, and carries the rest on", async () => {
    const { spool, uploader } = page();
    await fill(spool, 3);
    await spool.keep(recorder({ key: "k2", beganMs: 9_000 }));
    await spool.add(chunk(0, "k2"));
    line.fail = (what, n) => (what === "put" && n === 1 ? problem(409, "chunk-differs") : undefined);
    expect(await uploader.round()).toBe(true);
    expect([...line.got.get("r1")!.keys()]).toEqual([0, 2]);
    // What is spoken after it still goes.
    await spool.add(chunk(3));
    await spool.keep({ key: "k1", chunks: 4, endedMs: 9_000 });
    expect(await uploader.round()).toBe(true);
    expect(line.puts.filter((n) => n === 1)).toHaveLength(1);
    expect([...line.got.get("r1")!.keys()]).toEqual([0, 2, 3]);
    expect(line.ends.get("r1")?.chunks).toBe(4);
    expect(store.kept.get("k1")?.aside).toBe("chunk-differs");
    expect([...store.sound.keys()]).toEqual(["k1/1"]);
    expect(line.got.get("r2")?.get(0)).toBe("chunk 0");
    expect([unsent.ms, unsent.aside]).toEqual([0, 1]);
  });

  it("waits for whoever recorded to log in again, and sets nothing aside meanwhile", async () => {
    const { spool, uploader } = page();
    await fill(spool, 1);
    line.fail = (what) => (what === "register" ? problem(401, "login-required") : undefined);
    expect(await uploader.round()).toBe(false);
    expect(store.kept.get("k1")?.aside).toBeUndefined();
    line.fail = () => undefined;
    expect(await uploader.round()).toBe(true);
    expect(line.got.get("r1")?.size).toBe(1);
  });

  it("keeps nothing aside because somebody else sits here now", async () => {
    const { spool, uploader } = page();
    await fill(spool, 1);
    line.fail = (what) => (what === "register" ? problem(404, "not-found") : undefined);
    expect(await uploader.round()).toBe(false);
    expect([store.kept.get("k1")?.aside, unsent.ms]).toEqual([undefined, 1_000]);
    line.fail = (what) => (what === "register" ? problem(404, "no-such-call") : undefined);
    expect(await uploader.round()).toBe(true);
    expect(store.kept.get("k1")?.aside).toBe("no-such-call");
  });

  it("stays with one name for a recorder when the machine's store fills up in its midst", async () => {
    const { spool, uploader } = page();
    await fill(spool, 1);
    store.full = true;
    await uploader.round();
    await spool.add(chunk(1));
    await spool.keep({ key: "k1", chunks: 2, endedMs: 7_000 });
    await uploader.round();
    expect([...line.got.keys()]).toEqual(["r1"]);
    expect([...line.got.get("r1")!.keys()]).toEqual([0, 1]);
    expect(line.ends.get("r1")).toEqual({ chunks: 2, ended_ms: 7_000 });
    expect(await spool.recorders()).toEqual([]);
  });

  it("beside a page that carries counts what is left, and carries only what no other page can see", async () => {
    const [first, second] = [page(), page()];
    await fill(second.spool, 2);
    await first.uploader.round();
    await second.uploader.look();
    expect([unsent.ms, line.puts]).toEqual([0, [0, 1]]);
    store.full = true;
    await second.spool.add(chunk(2));
    await second.uploader.look();
    expect([...line.got.keys()]).toEqual(["r1"]);
    expect(line.got.get("r1")?.get(2)).toBe("chunk 2");
    expect(unsent.ms).toBe(0);
  });

  it("leaves the naming of a stored recorder to the page that carries", async () => {
    const { spool, uploader } = page();
    await spool.keep(recorder());
    store.full = true;
    await spool.add(chunk(0));
    await uploader.look();
    expect(line.got.size).toBe(0);
    expect(unsent.ms).toBe(1_000);
  });

  it("uploads what the machine could not store", async () => {
    const { spool, uploader } = page();
    store.full = true;
    await fill(spool, 3);
    expect(unsent.unsafe).toBe(true);
    await spool.keep({ key: "k1", chunks: 3, endedMs: 8_000 });
    await uploader.round();
    expect(line.ends.get("r1")).toEqual({ chunks: 3, ended_ms: 8_000 });
    expect(await spool.recorders()).toEqual([]);
  });

  it("warns before a page is closed on which sound waits", async () => {
    const { spool, uploader } = page();
    line.fail = () => problem(0, "offline", true);
    uploader.start();
    await fill(spool, 2);
    await vi.waitFor(() => expect(unsent.ms).toBe(2_000));
    const leaving = new Event("beforeunload", { cancelable: true });
    Object.defineProperty(leaving, "returnValue", { value: "", writable: true });
    dispatchEvent(leaving);
    expect(leaving.defaultPrevented).toBe(true);
    // Chrome before 119 asks only for this one.
    expect(leaving.returnValue).toBe("unsaved");
  });
});
