/** Places of a draft whose name is not the last of their path. */
const SKIPPED = new Set(["id", "audio", "kind"]);

/** Every text, number and switch of a draft by its path; elements that have an id go by it. */
export function leaves(value: unknown, path: string, into: Map<string, string>): Map<string, string> {
  if (Array.isArray(value)) {
    if (value.every((one) => typeof one !== "object" || one === null)) into.set(path, value.join(" · "));
    else
      value.forEach((one: unknown, index) => {
        const id = (one as { id?: string } | null)?.id;
        leaves(one, `${path}.${id ?? index}`, into);
      });
  } else if (value && typeof value === "object")
    for (const [key, one] of Object.entries(value)) {
      if (!SKIPPED.has(key)) leaves(one, path ? `${path}.${key}` : key, into);
    }
  else into.set(path, value === null || value === undefined ? "" : String(value));
  return into;
}
