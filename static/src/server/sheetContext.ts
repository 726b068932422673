import { inject, provide, type InjectionKey } from "vue";

/** What a referee made of a judgement of the system, on one work. */
export interface Overruled {
  met: boolean;
  reason: string;
  /** The revision of the work that was looked at. */
  revision: number;
}

/** Judging the judgements: only where a referee marks. */
export interface Overruling {
  /** By conversation and need. */
  of(conversation: string, need: string): Overruled | undefined;
  /** Undefined when it is kept, else why it is not. `met` null takes the referee's own word back. */
  set(conversation: string, need: string, met: boolean | null, reason: string): Promise<string | undefined>;
}

/** What the page around a score sheet knows that the sheet does not: where files lie, and what may be done. */
export interface SheetContext {
  pictureUrl?(sha256: string): string | undefined;
  /** The same as a workbook. */
  workbookUrl?(): string | undefined;
  /** What files are named by: a work code. */
  code?(): string;
  /** Which of the sheet's views was asked for in the address. */
  view?(): unknown;
  readonly overruling?: Overruling;
}

const KEY: InjectionKey<SheetContext> = Symbol("sheet");

export const provideSheetContext = (context: SheetContext): void => provide(KEY, context);
export const useSheetContext = (): SheetContext => inject(KEY, {});
