import type { HallClock } from "@/api/types";

/** What the big figures say; times UTC epoch ms by the server's clock. */
export interface Face {
  kind: "none" | "planned" | "waiting" | "starting" | "running" | "over" | "paused" | "closed";
  /** Counted down to, if any; else `still` stands, or the time of day if that is undefined too. */
  target?: number;
  still?: number;
}

export function faceOf(view: HallClock, nowMs: number): Face {
  if (view.paused && view.phase === "running") return { kind: "paused", still: view.left_ms ?? 0 };
  switch (view.phase) {
    case null:
      return { kind: "none" };
    case "not_open":
      return { kind: "planned" };
    case "armed":
      return view.left_ms === null ? { kind: "waiting" } : { kind: "waiting", still: view.left_ms };
    case "scheduled":
      return view.starts_ms === null ? { kind: "waiting" } : { kind: "starting", target: view.starts_ms };
    case "running":
      if (view.ends_ms === null) return { kind: "running", still: view.left_ms ?? 0 };
      return { kind: nowMs < view.ends_ms ? "running" : "over", target: view.ends_ms };
    case "closed":
      return { kind: "closed" };
  }
}
