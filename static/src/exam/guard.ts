import { lengthOf } from "./ime";

export type BlockedKind = "paste" | "drop" | "copy" | "cut" | "contextmenu";
export type OnBlocked = (kind: BlockedKind, length: number, target: EventTarget | null) => void;

function selectionLength(target: EventTarget | null): number {
  if (!(target instanceof HTMLInputElement) && !(target instanceof HTMLTextAreaElement))
    return lengthOf(String(getSelection() ?? ""));
  return lengthOf(target.value.slice(target.selectionStart ?? 0, target.selectionEnd ?? 0));
}

/** Blocks moving text in or out of an element, and reports each try. Returns the undo. */
export function guard(element: HTMLElement, onBlocked: OnBlocked): () => void {
  const stop = (event: Event): void => {
    const kind = event.type as BlockedKind;
    let length = 0;
    if (event instanceof ClipboardEvent && kind === "paste")
      length = lengthOf(event.clipboardData?.getData("text/plain") ?? "");
    else if (kind === "copy" || kind === "cut") length = selectionLength(event.target);
    else if (event instanceof DragEvent && kind === "drop")
      length = lengthOf(event.dataTransfer?.getData("text/plain") ?? "");
    event.preventDefault();
    onBlocked(kind, length, event.target);
  };
  // Comes without a paste or drop event when a menu or a tool put the text in.
  const before = (event: Event): void => {
    const { inputType, data } = event as InputEvent;
    const kind =
      inputType === "insertFromPaste" || inputType === "insertFromPasteAsQuotation"
        ? "paste"
        : inputType === "insertFromDrop"
          ? "drop"
          : undefined;
    if (!kind) return;
    event.preventDefault();
    onBlocked(kind, lengthOf(data ?? ""), event.target);
  };
  const quiet = (event: Event): void => event.preventDefault();
  const kinds: BlockedKind[] = ["paste", "drop", "copy", "cut", "contextmenu"];
  for (const kind of kinds) element.addEventListener(kind, stop);
  element.addEventListener("beforeinput", before);
  element.addEventListener("dragstart", quiet);
  return () => {
    for (const kind of kinds) element.removeEventListener(kind, stop);
    element.removeEventListener("beforeinput", before);
    element.removeEventListener("dragstart", quiet);
  };
}
