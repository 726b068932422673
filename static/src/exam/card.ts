import { reactive } from "vue";
import type { Draft, DraftStore, Entry } from "@/api/store";
import type { ProblemBody } from "@/api/types";
import { Autosave } from "./autosave";
import { inserted } from "./ime";

/** After the server failed at a save, the text goes anew, as another command. */
const AGAIN_MS = 5_000;

export interface FieldRecord {
  text: string;
  /** Revision of the newest save handed to the queue. */
  rev: number;
  /** The text that the server has acknowledged. */
  acked: string;
  composing: boolean;
  largest: number;
}

/** What every module's save of a field says. */
export interface FieldSave<Type extends string = string> {
  type: Type;
  item: string;
  field: string;
  text: string;
  rev: number;
  composing: boolean;
  largest_insert: number;
}

export interface CardHooks<Type extends string = string> {
  attemptId: string;
  send(command: FieldSave<Type>, stampMs?: number): void;
  waiting(): readonly Entry[];
  drafts: DraftStore;
  /** What stands in the field on the screen, if it is there: v-model and events lag behind an IME. */
  shown(part: string): string | undefined;
  dirty(any: boolean): void;
}

/** Texts by item and field, as a server's state has them. */
export type Texts = Record<string, Record<string, { text: string; rev: number }>>;

/** A field by its item and its own key; neither has a slash. */
export const partOf = (item: string, field: string): string => `${item}/${field}`;

/** Texts of all fields of a paper: typed, handed to the queue, acknowledged. */
export class FieldCard<Type extends string = string> {
  readonly fields: Record<string, FieldRecord> = reactive({});
  private readonly autosave = new Autosave((part) => this.save(part));
  protected readonly handed: Record<string, string> = {};

  constructor(
    parts: Iterable<string>,
    private readonly type: Type,
    private readonly mostInserted: number,
    private readonly hooks: CardHooks<Type>,
  ) {
    for (const part of parts) {
      this.fields[part] = { text: "", rev: 0, acked: "", composing: false, largest: 0 };
      this.handed[part] = "";
    }
  }

  /** Takes the server's texts; one of ours that it has not seen wins by its revision. */
  take(texts: Texts, drafts: readonly Draft[] = []): void {
    const pending = new Map<string, FieldSave<Type>>();
    for (const entry of this.hooks.waiting()) {
      if (!this.isSave(entry)) continue;
      const command = this.saveOf(entry);
      const part = partOf(command.item, command.field);
      if (command.rev >= (pending.get(part)?.rev ?? 0)) pending.set(part, command);
    }
    for (const [part, record] of Object.entries(this.fields)) {
      const [item = "", field = ""] = part.split("/");
      const server = texts[item]?.[field] ?? { text: "", rev: 0 };
      const draft = drafts.find((candidate) => candidate.part === part);
      const queued = pending.get(part);
      // Ours: typed in this page's life, left in the queue, or left as a draft; the newest of them.
      const typing = record.text !== this.handed[part];
      const ours = [
        { rev: record.rev + (typing ? 1 : 0), text: record.text },
        { rev: queued?.rev ?? 0, text: queued?.text ?? "" },
        { rev: draft?.rev ?? 0, text: draft?.text ?? "" },
      ].reduce((a, b) => (b.rev > a.rev ? b : a));
      record.acked = server.text;
      this.handed[part] = queued && queued.rev > server.rev ? queued.text : server.text;
      record.rev = Math.max(record.rev, server.rev, queued?.rev ?? 0);
      record.text = ours.rev > server.rev ? ours.text : server.text;
      if (record.text !== this.handed[part]) this.autosave.touch(part);
    }
    this.report();
  }

  /** The field shows `value` now. */
  input(part: string, value: string, composing: boolean): void {
    const record = this.fields[part];
    if (!record) return;
    if (!composing) record.largest = Math.max(record.largest, inserted(record.text, value));
    record.composing = composing;
    if (record.text === value) return;
    record.text = value;
    const draft = { attemptId: this.hooks.attemptId, part, text: value, rev: record.rev + 1 };
    void this.hooks.drafts.put(draft).catch(() => undefined);
    this.autosave.touch(part);
    this.report();
  }

  /** A composition ended, having brought `length` characters. */
  composed(part: string, value: string, length: number): void {
    const record = this.fields[part];
    if (!record) return;
    record.largest = Math.max(record.largest, length);
    record.composing = false;
    this.input(part, value, false);
  }

  flush(part: string): void {
    this.autosave.flush(part);
  }

  /** Hands over every text that differs from what was handed over, as it stands on the screen now. */
  flushAll(stampMs?: number): void {
    for (const [part, record] of Object.entries(this.fields)) {
      // Elsewhere the screen may lag behind what was merged a moment ago.
      const shown = record.composing ? this.hooks.shown(part) : undefined;
      if (shown !== undefined) record.text = shown;
    }
    this.autosave.cancel();
    for (const part of Object.keys(this.fields)) this.save(part, stampMs);
  }

  acked(entry: Entry): void {
    if (!this.isSave(entry)) return;
    const command = this.saveOf(entry);
    const part = partOf(command.item, command.field);
    const record = this.fields[part];
    if (record && command.rev >= record.rev) record.acked = command.text;
    const draft = { attemptId: this.hooks.attemptId, part, text: command.text, rev: command.rev };
    void this.hooks.drafts.remove(draft).catch(() => undefined);
    this.report();
  }

  /** A save was refused for good: the text stands here only, until the stage lets it through again. */
  dropped(entry: Entry, problem: ProblemBody): void {
    if (!this.isSave(entry)) return;
    const command = this.saveOf(entry);
    const part = partOf(command.item, command.field);
    const record = this.fields[part];
    if (!record || command.rev !== record.rev) return;
    this.handed[part] = record.acked;
    if (problem.status >= 500) this.autosave.touch(part, AGAIN_MS);
    this.report();
  }

  /** Once the stage runs again: whatever was refused meanwhile goes anew. */
  again(): void {
    for (const part of Object.keys(this.fields))
      if (this.fields[part]!.text !== this.handed[part]) this.autosave.touch(part);
  }

  cancel(): void {
    this.autosave.cancel();
  }

  private save(part: string, stampMs?: number): void {
    const record = this.fields[part];
    if (!record || record.text === this.handed[part]) return this.report();
    const [item = "", field = ""] = part.split("/");
    record.rev += 1;
    this.handed[part] = record.text;
    this.hooks.send(
      {
        type: this.type,
        item,
        field,
        text: record.text,
        rev: record.rev,
        composing: record.composing,
        largest_insert: Math.min(this.mostInserted, record.largest),
      },
      stampMs,
    );
    record.largest = 0;
    this.report();
  }

  protected report(): void {
    this.hooks.dirty(Object.entries(this.fields).some(([part, record]) => record.text !== this.handed[part]));
  }

  private isSave(entry: Entry): boolean {
    return entry.command.type === this.type;
  }

  private saveOf(entry: Entry): FieldSave<Type> {
    return entry.command as unknown as FieldSave<Type>;
  }
}
