import type { components } from "@/api/schema.gen";
import type { Marker, Measure, Stretch } from "@/telephony/replay/api";
import { evidenceUrl, type Dossier } from "./api";

type Text = components["schemas"]["Text"];

/** A call of a work: what was said and written in it, and which files of evidence hold its sound. */
export interface CallEvidence {
  call_id: string;
  part: string;
  title: Text;
  duration_ms: number;
  sound_sha256: string | null;
  peaks_sha256: string | null;
  /** Times in ms from the recording's begin. */
  markers: Marker[];
  stretches: Stretch[];
  measures: Measure[];
  /** Stretches to be masked, ms from the begin. */
  mask: [number, number][];
}

/** The calls of a work; none where the dossier has no such file. */
export async function loadCalls(dossier: Dossier): Promise<CallEvidence[]> {
  const file = dossier.evidence.find((one) => one.role === "calls");
  if (!file) return [];
  const answer = await fetch(evidenceUrl(dossier.work_code, file.sha256), { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`calls: ${answer.status}`);
  return ((await answer.json()) as { calls: CallEvidence[] }).calls;
}
