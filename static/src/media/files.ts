/** Recordings come whole into memory: a cut line then never stops one that is being heard. */
const kept = new Map<string, Promise<string>>();

async function load(url: string): Promise<string> {
  const answer = await fetch(url, { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`recording: ${answer.status}`);
  return URL.createObjectURL(await answer.blob());
}

/** An object URL of the file; a failed load is not remembered. */
export function blobUrl(url: string): Promise<string> {
  let known = kept.get(url);
  if (!known) {
    known = load(url);
    kept.set(url, known);
    known.catch(() => kept.delete(url));
  }
  return known;
}

/** Fetches ahead; whatever goes wrong will show when the file is needed. */
export function prefetch(url: string): void {
  blobUrl(url).catch(() => undefined);
}

/** Drops one file, or all, so that the next use loads it anew. */
export function forget(url?: string): void {
  for (const key of url === undefined ? [...kept.keys()] : [url]) {
    const known = kept.get(key);
    kept.delete(key);
    known?.then(URL.revokeObjectURL, () => undefined);
  }
}
