import { reactive } from "vue";

/** What of the sound recorded here the server does not have yet; all pages of the app show it. */
export const unsent = reactive({
  /** Sound that waits, ms. */
  ms: 0,
  /** Recorders that the server takes no more of: they stay on this machine for the technician. */
  aside: 0,
  /** This machine can't store: what waits is lost when the page is closed. */
  unsafe: false,
});

/** A second or two are always on their way while somebody speaks; more than this is worth a word. */
export const ON_THE_WAY_MS = 3_000;
