/** In a `beforeunload`: the browser asks whether the page may really be left. */
export function askToStay(event: BeforeUnloadEvent): void {
  event.preventDefault();
  // Chrome before 119 asks only for this one.
  event.returnValue = "unsaved";
}
