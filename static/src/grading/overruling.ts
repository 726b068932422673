import { reactive } from "vue";
import { ApiProblem, client, need } from "@/api/http";
import type { components } from "@/api/schema.gen";
import { problemText } from "@/i18n";
import type { Overruled, Overruling } from "@/server/sheetContext";
import type { Conversation, Need, Sheet } from "@/chat_sim/replay/sheet";
import type { Dossier } from "./api";

type Kept = components["schemas"]["Overruling"];

const of = (work_code: string) => ({ params: { path: { work_code } } });
const get = (work: string) => need(client.GET("/api/v1/grading/works/{work_code}/overrulings", of(work)));
const post = (work: string, body: Kept) =>
  need(client.POST("/api/v1/grading/works/{work_code}/overrulings", { ...of(work), body }));

/** What a referee made of single judgements of one work: kept by the grading service, under the referee's code. */
export class WorkOverrulings implements Overruling {
  readonly state = reactive({ kept: [] as Kept[], ready: false, failed: false });

  constructor(
    private readonly work: string,
    private readonly revision: () => number,
  ) {}

  async load(): Promise<void> {
    this.state.failed = false;
    try {
      this.state.kept = await get(this.work);
      this.state.ready = true;
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      this.state.failed = true;
    }
  }

  of(conversation: string, id: string): Overruled | undefined {
    const found = this.state.kept.find((one) => one.judgement === `${conversation}.${id}`);
    return found && found.met !== null
      ? { met: found.met, reason: found.reason, revision: found.revision }
      : undefined;
  }

  async set(
    conversation: string,
    id: string,
    met: boolean | null,
    reason: string,
  ): Promise<string | undefined> {
    try {
      this.state.kept = await post(this.work, {
        judgement: `${conversation}.${id}`,
        met,
        reason: met === null ? "" : reason,
        revision: this.revision(),
      });
      this.state.ready = true;
      return undefined;
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      return problemText(error);
    }
  }
}

export interface Line {
  conversation: Conversation;
  need: Need;
  said: Overruled;
}

/** Judgements that were overruled, in the order of the sheet. */
export const overruledLines = (sheet: Sheet, overruling: Pick<Overruling, "of">): Line[] =>
  sheet.conversations.flatMap((conversation) =>
    conversation.needs.flatMap((one) => {
      const said = overruling.of(conversation.id, one.id);
      return said && one.asked_ms !== null ? [{ conversation, need: one, said }] : [];
    }),
  );

/** Half up, as the server rounds; the small addend undoes what binary fractions lose. */
function rounded(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.floor(value * scale + 0.5 + 1e-9) / scale;
}

export interface Suggested {
  met: number;
  put: number;
  accuracy: { before: number; after: number };
  marks: { before: number; after: number; max: number };
}

function marksWith(sheet: Sheet, accuracy: number, max: number): number {
  let earned = 0;
  let weights = 0;
  for (const one of sheet.indicators) {
    const weight = Number(one.weight);
    let share = Number(one.share);
    if (one.key === "accuracy") {
      const slope = (accuracy - Number(one.zero)) / (Number(one.full) - Number(one.zero));
      const part = one.expected ? one.counted / one.expected : 0;
      share = rounded(Math.min(1, Math.max(0, slope)) * part, 4);
    }
    earned += share * weight;
    weights += weight;
  }
  return weights ? rounded(rounded(earned / weights, 4) * max, 2) : 0;
}

/**
 * What the system would propose if the overruled judgements were as the referee says: the share of accuracy anew, all
 * other figures as they are. Undefined where nothing was put, or the system's own proposal can't be had in this way.
 */
export function suggested(
  sheet: Sheet,
  mark: Dossier["marks"][number] | undefined,
  overruling: Pick<Overruling, "of">,
): Suggested | undefined {
  const needs = sheet.conversations.flatMap((conversation) =>
    conversation.needs
      .filter((one) => one.asked_ms !== null)
      .map((one) => ({ before: one.met, after: overruling.of(conversation.id, one.id)?.met ?? one.met })),
  );
  if (!mark || !needs.length || !sheet.indicators.some((one) => one.key === "accuracy")) return undefined;
  const share = (count: number): number => rounded(count / needs.length, 4);
  const before = share(needs.filter((one) => one.before).length);
  const met = needs.filter((one) => one.after).length;
  const max = Number(mark.max_marks);
  if (marksWith(sheet, before, max) !== Number(mark.marks)) return undefined;
  return {
    met,
    put: needs.length,
    accuracy: { before, after: share(met) },
    marks: { before: Number(mark.marks), after: marksWith(sheet, share(met), max), max },
  };
}
