import type { VoiceAction } from "@/exam/keys";

/** In the order in which the overview of keys lists them. */
export const VOICE_ACTIONS: readonly VoiceAction[] = [
  "answer",
  "talk",
  "again",
  "replay",
  "hold",
  "mute",
  "hangUp",
  "knowledge",
  "records",
  "previous",
  "next",
  "overview",
];
