import type { Component } from "vue";
import type { Fault } from "./model";

/** What differs between two drafts: where (titles), and the two texts. */
export interface Change {
  item: string;
  field: string;
  before: string;
  after: string;
}

/** How often a recording of a module says its text; of no meaning in one without sound. */
export const READINGS: Record<string, 1 | 2> = { typing_test: 2, telephony: 1, chat_sim: 1 };

/** The authoring side of a contest module's front end. Drafts are of the module's own shape. */
export interface AuthorModule {
  /** Props: `desk` (TaskDesk). Exposes `show(path)`, which leads to the control of a fault. */
  editor: Component;
  /**
   * Props: `content` (as a seat gets it), `fileOf` (sha256 and part to address); `taskId` where the module
   * `plays` by itself. Emits `done`.
   */
  trial: Component;
  /** The trial asks the server what happens next. */
  plays?: boolean;
  /** Takes over from the server what is never typed: recordings. */
  carry(here: unknown, server: unknown): void;
  /** Takes over a whole part. */
  takePart(here: unknown, server: unknown, part: string): void;
  changes(version: unknown, draft: unknown): Change[];
  /** Where a fault belongs, in words. */
  whereOf(fault: Fault, draft: unknown): string;
}

export const MODULES: Record<string, () => Promise<AuthorModule>> = {
  typing_test: async () => (await import("@/typing_test/author")).author,
  telephony: async () => (await import("@/telephony/author")).author,
  chat_sim: async () => (await import("@/chat_sim/author")).author,
};
