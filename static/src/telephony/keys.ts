import { offerKeys, type VoiceAction } from "@/exam/keys";

offerKeys({
  answer: "F2",
  talk: "Alt+Digit1",
  again: "Alt+Digit2",
  replay: "Alt+Digit3",
  hold: "Alt+Digit4",
  mute: "Alt+Digit5",
  hangUp: "Alt+Digit9",
  knowledge: "Alt+KeyK",
  records: "Alt+KeyB",
});

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
