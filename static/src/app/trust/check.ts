/** Whether this machine trusts the server's certificate, as far as a page can find out. */
export type Trust = "checking" | "yes" | "no" | "skipped";

const PATIENCE_MS = 8_000;

/** Over http: an opaque answer of the https door comes only through a handshake that the browser accepts. */
async function handshakes(secureUrl: string): Promise<boolean> {
  try {
    await fetch(`${secureUrl}/healthz`, {
      mode: "no-cors",
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return true;
  } catch {
    return false;
  }
}

/** Over https: who clicked the warning away is in, but the browser takes no service worker then. */
async function warned(): Promise<boolean> {
  if (!("serviceWorker" in navigator)) return false;
  try {
    await navigator.serviceWorker.register("/sw.js");
    return false;
  } catch (error) {
    return error instanceof DOMException && error.name === "SecurityError";
  }
}

export async function trustOf(secureUrl: string, protocol: string): Promise<Trust> {
  if (protocol === "https:") return (await warned()) ? "skipped" : "yes";
  return (await handshakes(secureUrl)) ? "yes" : "no";
}

/** Where to go once trusted: a path of this server, from `?next=`; empty for none. */
export function nextPath(next: unknown): string {
  return typeof next === "string" && /^\/(?![/\\])/.test(next) ? next : "";
}

/** The place whose script is offered: named itself, or by the page that was wanted. */
export function seatOf(query: { seat?: unknown; next?: unknown }): string {
  const named =
    typeof query.seat === "string" ? query.seat : /^\/place\/([\w-]+)/.exec(nextPath(query.next))?.[1];
  return named && /^[\w-]{1,26}$/.test(named) ? named : "";
}

export type System = "windows" | "firefox" | "linux" | "tablet";

/** Whose steps are shown open. */
export function systemOf(agent: string): System {
  if (/Android|iPad|iPhone/.test(agent)) return "tablet";
  if (/Windows/.test(agent)) return /Firefox/.test(agent) ? "firefox" : "windows";
  return /Linux/.test(agent) ? "linux" : "windows";
}
