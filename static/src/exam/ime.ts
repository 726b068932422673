/** Enter that is not part of an input method's work. keyCode 229 marks keys that the IME has taken. */
export function isPlainEnter(
  event: Pick<KeyboardEvent, "type" | "key" | "shiftKey" | "isComposing" | "keyCode">,
): boolean {
  return (
    event.type === "keydown" &&
    event.key === "Enter" &&
    !event.shiftKey &&
    !event.isComposing &&
    event.keyCode !== 229
  );
}

/** Full-width forms and the ideographic space as half-width; the scorer's rule, here for display only. */
export function fold(text: string): string {
  return text
    .normalize("NFC")
    .replace(/[\uff01-\uff5e]/g, (char) => String.fromCharCode(char.charCodeAt(0) - 0xfee0))
    .replace(/\u3000/g, " ");
}

/** Digits, letters and signs that will count as their half-width twins. */
export function hasFullWidth(text: string): boolean {
  return /[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff20\uff0e\uff3f\uff0d]/.test(text);
}

/** Characters as people count them: code points. */
export const lengthOf = (text: string): number => [...text].length;

/** How many characters one change brought, given the text before and after. */
export function inserted(before: string, after: string): number {
  const [a, b] = [[...before], [...after]];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  return b.length - head - tail;
}
