import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

type Messages = string | Messages[] | { [key: string]: Messages };

const PREFIX = "virtual:messages/";
const PARTS = "parts";

/** A text as the function that vue-i18n's runtime takes, with its {placeholders}. */
function compiled(message: Messages): string {
  if (Array.isArray(message)) return `[${message.map(compiled).join(",")}]`;
  if (typeof message === "object")
    return `{${Object.entries(message)
      .map(([key, value]) => `${JSON.stringify(key)}:${compiled(value)}`)
      .join(",")}}`;
  const parts = message.split(/(\{\w+\})/);
  if (parts.length === 1) return `s(${JSON.stringify(message)})`;
  const pieces = parts
    .filter(Boolean)
    .map((part) =>
      /^\{\w+\}$/.test(part)
        ? `c.interpolate(c.named(${JSON.stringify(part.slice(1, -1))}))`
        : JSON.stringify(part),
    );
  return `c=>c.normalize([${pieces.join(",")}])`;
}

/**
 * Compiles the texts when building: the message compiler of vue-i18n stays out of the first load.
 * `virtual:messages/parts` names every file of src/i18n/parts with its import, to be fetched when it is needed.
 */
export function messages(): Plugin {
  const folder = fileURLToPath(new URL("../src/i18n/", import.meta.url));
  const parts = (): string => {
    const names = readdirSync(`${folder}${PARTS}`).filter((name) => name.endsWith(".json"));
    const entries = names
      .map((name) => name.slice(0, -".json".length))
      .map((name) => `${JSON.stringify(name)}:()=>import(${JSON.stringify(`${PREFIX}${PARTS}/${name}`)})`);
    return `export default {${entries.join(",")}}`;
  };
  return {
    name: "ccss-messages",
    resolveId: (id) => (id.startsWith(PREFIX) ? `\0${id}` : undefined),
    load(id) {
      if (!id.startsWith(`\0${PREFIX}`)) return undefined;
      const name = id.slice(PREFIX.length + 1);
      if (name === PARTS) return parts();
      const file = `${folder}${name}.json`;
      this.addWatchFile(file);
      return `const s=x=>()=>x;export default ${compiled(JSON.parse(readFileSync(file, "utf8")) as Messages)}`;
    },
  };
}
