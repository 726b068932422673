import { createApp } from "vue";
import { i18n, restoreLanguage } from "@/i18n";
import { startTheme } from "@/theme";
import "@/theme/tokens.css";
import "@/theme/base.css";
import { startKeyHelp } from "@/ui/keys/registry";
import { resumeUploads } from "@/media/waiting";
import App from "./App.vue";
import { router } from "./router";

startTheme();
startKeyHelp();
void restoreLanguage().finally(() => createApp(App).use(i18n).use(router).mount("#app"));

void resumeUploads().catch(() => undefined);

if (import.meta.env.PROD && isSecureContext && "serviceWorker" in navigator)
  void navigator.serviceWorker.register("/sw.js").catch(() => undefined);
