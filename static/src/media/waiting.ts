import { defineAsyncComponent } from "vue";
import { soundWaiting } from "@/api/store";
import { loadMessages } from "@/i18n";

export { unsent } from "./unsent";

const fetchMark = () => import("./UnsentMark.vue");
/** How much sound waits, in words; it is fetched with the uploader, before there is anything to say. */
export const UnsentMark = defineAsyncComponent(fetchMark);

/** A part that did not come, as from a server that is away, is asked for again. */
const AGAIN_MS = 10_000;
let begun: Promise<void> | undefined;

/** Fetches and starts the uploader; it is one for all pages of the app. */
export function beginUploads(): Promise<void> {
  begun ??= Promise.all([import("./uploads"), fetchMark(), loadMessages("sound")]).then(
    ([{ uploader }]) => uploader().start(),
    (error: unknown) => {
      begun = undefined;
      setTimeout(() => void beginUploads().catch(() => undefined), AGAIN_MS);
      throw error;
    },
  );
  return begun;
}

/** Whatever an earlier life of the app, or the contestant before, left on this machine goes on its way. */
export async function resumeUploads(): Promise<void> {
  if ((await soundWaiting()) > 0) await beginUploads();
}
