import type { Plugin } from "vite";

const NAMESPACE = "import * as Vue from 'vue';";
const ASKED =
  /const key = 'currentInstance';\s+if \(key in Vue\) \{\s+return Vue\[key\];\s+\}\s+else \{\s+return (Vue\.getCurrentInstance\(\));\s+\}/;

/**
 * vue-i18n looks a name up in the whole namespace of Vue, which keeps every export of Vue in the first load: hydration,
 * custom elements, transitions. Vue 3.5 has no such name, so the fallback is what always runs.
 */
export function shaking(): Plugin {
  return {
    name: "ccss:shaking",
    transform(code, id) {
      if (!id.includes("vue-i18n.runtime.mjs")) return undefined;
      if (!code.includes(NAMESPACE) || !ASKED.test(code))
        throw new Error("vue-i18n has changed: see whether scripts/shaking.ts is still needed");
      return code
        .replace(NAMESPACE, "import { getCurrentInstance as currentOfVue } from 'vue';")
        .replace(ASKED, "return currentOfVue();");
    },
  };
}
