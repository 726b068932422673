import { newId } from "./ids";

const KEY = "ccss.page";
const CLAIM_MS = 120;
const tab = newId();

interface Claim {
  kind: "claim" | "taken";
  page: string;
  tab: string;
}

function stored(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function store(page: string): string {
  try {
    sessionStorage.setItem(KEY, page);
  } catch {
    // Without storage the page is simply a new one after each reload.
  }
  return page;
}

/** A page id of its own: taken by choice, or because this tab is a copy of a living one. */
export function freshPage(): string {
  return store(newId());
}

/** The page id kept over reloads. A duplicated tab copies sessionStorage, so living tabs are asked first. */
export async function claimPage(): Promise<string> {
  const page = stored();
  if (page === null) return watch(freshPage());
  if (typeof BroadcastChannel === "undefined") return page;
  const channel = new BroadcastChannel(KEY);
  const taken = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), CLAIM_MS);
    channel.onmessage = ({ data }: MessageEvent<Claim>) => {
      if (data.kind !== "taken" || data.page !== page || data.tab === tab) return;
      clearTimeout(timer);
      resolve(true);
    };
    channel.postMessage({ kind: "claim", page, tab } satisfies Claim);
  });
  channel.close();
  return watch(taken ? freshPage() : page);
}

let watching: BroadcastChannel | undefined;

function watch(page: string): string {
  if (typeof BroadcastChannel === "undefined" || watching) return page;
  watching = new BroadcastChannel(KEY);
  watching.onmessage = ({ data }: MessageEvent<Claim>) => {
    if (data.kind === "claim" && data.tab !== tab && data.page === stored())
      watching?.postMessage({ kind: "taken", page: data.page, tab } satisfies Claim);
  };
  return page;
}
