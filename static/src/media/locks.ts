/** Locks of the browser, over all pages of this origin; where it has none, a page is alone. */

const here = new Set<string>();

/** Marks a recorder as alive in this page until the answer is called, or the page dies. */
export function aliveFor(key: string): () => void {
  here.add(key);
  let free: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    free = () => {
      here.delete(key);
      resolve();
    };
  });
  void navigator.locks?.request(`ccss.recorder.${key}`, () => held).catch(() => undefined);
  return free;
}

/** Whether the page that made a recorder is gone. */
export async function isDead(key: string): Promise<boolean> {
  if (here.has(key)) return false;
  if (!navigator.locks) return true;
  return navigator.locks.request(`ccss.recorder.${key}`, { ifAvailable: true }, (lock) => lock !== null);
}

/** Runs something in one page at a time; the next one begins when the page before is gone. */
export async function alone(name: string, run: () => Promise<void>): Promise<void> {
  if (!navigator.locks) return run();
  await navigator.locks.request(`ccss.${name}`, run);
}
