import { hasFullWidth } from "@/exam/ime";
import type { DeviceReport } from "./judge";

export type Hint = "pasted" | "fullWidth" | "latin" | "uncomposed" | "wrong";

const CJK = /[\u3400-\u9fff]/;

/** What was seen in the field: the input method's own events tell typed characters from pasted ones. */
export class TypedTrial {
  text = "";
  composed = false;
  pasted = false;
  private composing = false;

  constructor(private readonly wanted: string) {}

  compositionStart(): void {
    this.composing = true;
  }

  compositionEnd(data: string): void {
    this.composing = false;
    if (CJK.test(data)) this.composed = true;
  }

  /** Whether the browser may go on with this change of the field. */
  allows(inputType: string): boolean {
    if (!/^insertFrom(Paste|Drop|Yank)/.test(inputType)) return true;
    this.pasted = true;
    return false;
  }

  get matched(): boolean {
    return this.text.replace(/\s/g, "").includes(this.wanted);
  }

  get hint(): Hint | undefined {
    if (this.composing) return undefined;
    if (this.matched) return this.composed ? undefined : "uncomposed";
    if (!this.text) return this.pasted ? "pasted" : undefined;
    if (!CJK.test(this.text)) return hasFullWidth(this.text) ? "fullWidth" : "latin";
    return "wrong";
  }

  /** null as long as nobody has tried. */
  get report(): DeviceReport["input_method"] {
    if (!this.text && !this.pasted) return null;
    return { matched: this.matched, composed: this.composed, pasted: this.pasted };
  }
}
