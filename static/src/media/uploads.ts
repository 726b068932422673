import { ApiProblem, client, need } from "@/api/http";
import { problemFrom } from "@/api/problem";
import type { KeptRecorder } from "@/api/store";
import type { components } from "@/api/schema.gen";
import { askToStay } from "@/ui/leaving";
import { alone, isDead } from "./locks";
import { sha256 } from "./sha256";
import { spool, type Spool } from "./spool";
import { unsent } from "./unsent";

type Schemas = components["schemas"];

const AT_ONCE = 2;
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 20_000;
/** Other pages of this machine may record: how often the spool is looked at when nothing is said. */
const LOOK_MS = 4_000;
/** A request that hangs in a cut network is given up, and made anew. */
const PATIENCE_MS = 30_000;

/** The server's side of uploading; every refusal is an ApiProblem. */
export interface UploadLine {
  register(recorder: KeptRecorder): Promise<Schemas["RecorderView"]>;
  /** Numbers of the chunks that are durable there, as [first, last]. */
  held(id: string, token: string): Promise<readonly (readonly number[])[]>;
  put(id: string, token: string, n: number, bytes: ArrayBuffer): Promise<void>;
  finish(id: string, token: string, end: Schemas["FinishUpload"]): Promise<void>;
}

const soon = (): AbortSignal => AbortSignal.timeout(PATIENCE_MS);
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

export const uploadLine: UploadLine = {
  register: ({ attemptId, callId, mediaType, beganMs }) =>
    need(
      client.POST("/api/v1/attempts/{attempt_id}/recorders", {
        params: { path: { attempt_id: attemptId } },
        body: { call_id: callId, media_type: mediaType, began_ms: beganMs },
        signal: soon(),
      }),
    ),
  held: async (id, token) => {
    const { held } = await need(
      client.GET("/api/v1/uploads/{recorder_id}", {
        params: { path: { recorder_id: id } },
        headers: bearer(token),
        signal: soon(),
      }),
    );
    return held;
  },
  put: async (id, token, n, bytes) => {
    // The raw body of a chunk: nothing that the typed client could read.
    const answer = await fetch(`/api/v1/uploads/${encodeURIComponent(id)}/${n}`, {
      method: "PUT",
      credentials: "same-origin",
      headers: {
        ...bearer(token),
        "X-CCSS": "1",
        "content-type": "application/octet-stream",
        "x-content-sha256": sha256(new Uint8Array(bytes)),
      },
      body: bytes,
      signal: soon(),
    }).catch(() => {
      throw problemFrom(undefined, 0);
    });
    if (!answer.ok) throw problemFrom(await answer.json().catch(() => undefined), answer.status);
  },
  finish: async (id, token, end) => {
    await need(
      client.POST("/api/v1/uploads/{recorder_id}/finish", {
        params: { path: { recorder_id: id } },
        headers: bearer(token),
        body: end,
        signal: soon(),
      }),
    );
  },
};

/** Refusals of a recorder, or of one chunk, that no repetition changes. */
const FINAL = new Set([401, 403, 404, 405, 409, 410, 413]);
const OF_CHUNK = new Set([409, 413]);
const isFinal = (problem: unknown, of = FINAL): problem is ApiProblem =>
  problem instanceof ApiProblem && !problem.retry && of.has(problem.status);

const OTHERS = new Set([401, 403, 404]);

/** Nobody is logged in, or somebody whose attempt it isn't: whoever recorded it may come back. */
function patient(problem: unknown): never {
  if (!(problem instanceof ApiProblem) || !OTHERS.has(problem.status) || problem.code === "no-such-call")
    throw problem;
  const { code, status, detail } = problem;
  throw new ApiProblem({ code, status, detail, retry: true });
}

export interface UploaderHooks {
  wait?(ms: number): Promise<void>;
  random?(): number;
  dead?(key: string): Promise<boolean>;
}

/**
 * Carries whatever the spool has to the server, for ever: two chunks at a time, with what is already there asked for
 * first. A chunk leaves this machine's store only after the server has said that it is durable.
 */
export class Uploader {
  private begun = false;
  private failures = 0;
  private wake: (() => void) | undefined;
  /** The network is back: no need to wait on. */
  private hurry: (() => void) | undefined;
  /** It is this page of the machine that carries. */
  private carrying = false;
  /** Chunks that the server takes no more, by recorder: the others go all the same. */
  private readonly refused = new Map<string, Map<number, string>>();
  /** Recorders whose state the server was asked for in this life of the page. */
  private readonly asked = new Set<string>();

  constructor(
    private readonly spool: Spool,
    private readonly line: UploadLine,
    private readonly hooks: UploaderHooks = {},
  ) {}

  start(): void {
    if (this.begun) return;
    this.begun = true;
    this.spool.onMore(() => {
      void this.count();
      this.wake?.();
    });
    addEventListener("online", () => {
      this.wake?.();
      this.hurry?.();
    });
    addEventListener("beforeunload", (event) => {
      if (unsent.ms > 0) askToStay(event);
    });
    void this.count();
    void alone("uploads", () => {
      this.carrying = true;
      return this.run();
    }).catch(() => undefined);
    void this.follow();
  }

  /**
   * A look of a page beside the one that carries: what that one has carried counts here no longer. What this page
   * could not store only it can carry.
   */
  async look(): Promise<void> {
    for (const recorder of await this.spool.recorders()) {
      const { key, id, aside } = recorder;
      if (!this.spool.isLoose(key)) await this.spool.waiting(key);
      // The one that carries names a recorder that is stored: two names would tear it apart.
      else if (aside === undefined && (id !== undefined || (await this.spool.isOnlyHere(key))))
        await this.carryOne(recorder);
    }
    await this.count();
  }

  /** One look at everything; true if it went as far as it could. */
  async round(): Promise<boolean> {
    let whole = true;
    const recorders = (await this.spool.recorders()).filter(({ aside }) => aside === undefined);
    for (const recorder of recorders) {
      if (!(await this.carryOne(recorder))) whole = false;
      await this.count();
    }
    return whole;
  }

  /** False if it has to be tried again. */
  private async carryOne(recorder: KeptRecorder): Promise<boolean> {
    try {
      await this.carry(recorder);
      this.failures = 0;
    } catch (problem) {
      if (!isFinal(problem)) return false;
      await this.setAside(recorder.key, problem.code);
    }
    return true;
  }

  private async follow(): Promise<void> {
    while (!this.carrying) {
      await this.wait(LOOK_MS);
      if (!this.carrying) await this.look().catch(() => undefined);
    }
  }

  private async run(): Promise<never> {
    for (;;) {
      const more = new Promise<void>((resolve) => (this.wake = resolve));
      const whole = await this.round().catch(() => false);
      if (whole) await Promise.race([more, this.wait(LOOK_MS)]);
      else {
        const ceiling = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** this.failures);
        this.failures += 1;
        const back = new Promise<void>((resolve) => (this.hurry = resolve));
        await Promise.race([back, this.wait(ceiling * (0.5 + (this.hooks.random?.() ?? Math.random()) / 2))]);
      }
    }
  }

  private async carry(recorder: KeptRecorder): Promise<void> {
    let { id, token } = recorder;
    if (id === undefined || token === undefined) {
      const view = await this.line.register(recorder).catch(patient);
      [id, token] = [view.recorder_id, view.token];
      await this.spool.keep({ key: recorder.key, id, token });
      this.asked.add(recorder.key);
    }
    if (!this.asked.has(recorder.key)) {
      await this.dropHeld(recorder.key, id, token);
      this.asked.add(recorder.key);
    }
    const numbers = await this.spool.waiting(recorder.key);
    const refused = this.refused.get(recorder.key) ?? new Map<number, string>();
    this.refused.set(recorder.key, refused);
    await this.putAll(recorder.key, id, token, numbers, refused);
    const end = await this.endOf(recorder, numbers);
    if (!end || (await this.spool.waiting(recorder.key)).some((n) => !refused.has(n))) return;
    await this.line.finish(id, token, end);
    const [code] = refused.values();
    if (code === undefined) await this.spool.forget(recorder.key);
    else await this.setAside(recorder.key, code);
    this.asked.delete(recorder.key);
    this.refused.delete(recorder.key);
  }

  private async putAll(
    key: string,
    id: string,
    token: string,
    numbers: number[],
    refused: Map<number, string>,
  ): Promise<void> {
    const queue = numbers.filter((n) => !refused.has(n));
    const worker = async (): Promise<void> => {
      for (let n = queue.shift(); n !== undefined; n = queue.shift()) {
        const chunk = await this.spool.chunk(key, n);
        if (!chunk) continue;
        try {
          await this.line.put(id, token, n, chunk.bytes);
        } catch (problem) {
          if (!isFinal(problem, OF_CHUNK)) throw problem;
          refused.set(n, problem.code);
          continue;
        }
        await this.spool.remove(key, n);
        await this.count();
      }
    };
    const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker));
    const failed = ends.filter((end) => end.status === "rejected").map(({ reason }) => reason as unknown);
    // What is final decides over what may be tried again.
    if (failed.length) throw failed.find((problem) => isFinal(problem)) ?? failed[0];
  }

  /** What the server holds already needs no second way. */
  private async dropHeld(key: string, id: string, token: string): Promise<void> {
    const held = await this.line.held(id, token);
    for (const n of await this.spool.waiting(key))
      if (held.some(([first = 0, last = first]) => n >= first && n <= last)) await this.spool.remove(key, n);
  }

  /** How a recorder ended; one whose page died ended with its last chunk that was stored. */
  private async endOf(
    recorder: KeptRecorder,
    numbers: number[],
  ): Promise<Schemas["FinishUpload"] | undefined> {
    const now = (await this.spool.recorders()).find(({ key }) => key === recorder.key) ?? recorder;
    if (now.chunks !== undefined && now.endedMs !== undefined)
      return { chunks: now.chunks, ended_ms: now.endedMs };
    if (!(await (this.hooks.dead ?? isDead)(recorder.key))) return undefined;
    const held = await this.line.held(now.id ?? "", now.token ?? "");
    const last = Math.max(-1, ...numbers, ...held.map((range) => range.at(-1) ?? -1));
    return { chunks: last + 1, ended_ms: now.beganMs + (last + 1) * 1_000 };
  }

  private async setAside(key: string, code: string): Promise<void> {
    await this.spool.keep({ key, aside: code });
  }

  private async count(): Promise<void> {
    const recorders = await this.spool.recorders();
    let ms = 0;
    for (const { key, aside } of recorders) if (aside === undefined) ms += this.spool.length(key);
    unsent.ms = ms;
    unsent.aside = recorders.filter(({ aside }) => aside !== undefined).length;
  }

  private wait(ms: number): Promise<void> {
    return this.hooks.wait?.(ms) ?? new Promise((resolve) => setTimeout(resolve, ms));
  }
}

let only: Uploader | undefined;

/** The uploader of this page. */
export function uploader(): Uploader {
  only ??= new Uploader(spool, uploadLine);
  return only;
}
