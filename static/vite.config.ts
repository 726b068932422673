import vue from "@vitejs/plugin-vue";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { handbook } from "./scripts/handbook.ts";
import { messages } from "./scripts/messages.ts";
import { shaking } from "./scripts/shaking.ts";

const server = process.env.CCSS_URL ?? "http://127.0.0.1:8123";
const BASE =
  /node_modules\/(@vue|@intlify|vue|vue-router|vue-i18n|idb|openapi-fetch)\/|plugin-vue:export-helper|\/src\/(api\/|app\/(site|poll)|exam\/(autosave|card|countdown|guard|HandInFrame|home|ime|keys)|i18n\/|media\/(unsent|waiting)|ui\/(HelpLinks|keys\/registry|StatePanel|Preferences|AppIcon|ModalDialog|format)|theme\/)|messages\/(zh-CN|parts)$/;

export default defineConfig({
  plugins: [vue(), messages(), shaking(), handbook()],
  resolve: {
    alias: {
      "@": fileURLToPath(new URL("./src", import.meta.url)),
      "vue-i18n": "vue-i18n/dist/vue-i18n.runtime.esm-bundler.js",
    },
  },
  define: {
    __VUE_OPTIONS_API__: "false",
    __VUE_PROD_DEVTOOLS__: "false",
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
    __VUE_I18N_FULL_INSTALL__: "false",
    __VUE_I18N_LEGACY_API__: "false",
    __INTLIFY_PROD_DEVTOOLS__: "false",
    __INTLIFY_DROP_MESSAGE_COMPILER__: "true",
  },
  build: {
    outDir: "dist",
    target: "chrome109",
    cssTarget: "chrome109",
    manifest: true,
    modulePreload: {
      polyfill: false,
      // The list of every page's chunks would be a part of the first load; on a LAN a chunk asks for its own.
      resolveDependencies: (_file, deps, { hostType }) =>
        hostType === "html" ? deps : deps.filter((name) => name.endsWith(".css")),
    },
    // What the desk shares with other pages comes in one piece: small pieces compress badly.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "base", test: BASE }] } } },
    // A data: URL would need an exception in the content security policy.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: {
    proxy: {
      "/api": { target: server },
      "/ws": { target: server, ws: true },
    },
  },
});
