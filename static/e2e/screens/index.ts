import { authoring, voiceAuthoring } from "../authoring";
import type { Walk } from "../walk";
import { acting, calling, calls, hearing } from "./calling";
import { chatAuthoring, chatResults, markingChats } from "./chatted";
import { chatting } from "./chatting";
import { first, practice } from "./first";
import { judging, marking, markingCalls } from "./judging";
import { organising, printing } from "./organising";
import { running } from "./running";
import { teaching } from "./teaching";

/** Walks that together lead over every screen and call `visit` on each; the last waits until calls are sealed. */
export const WALKS: Record<string, Walk> = {
  first,
  practice,
  teaching,
  organising,
  printing,
  judging,
  authoring,
  voiceAuthoring,
  marking,
  running,
  calling,
  hearing,
  acting,
  calls,
  chatting,
  chatResults,
  chatAuthoring,
  markingChats,
  markingCalls,
};
