const two = (value: number): string => String(value).padStart(2, "0");

/** Server time (UTC epoch ms) as a field of local date and time takes it. */
export function toField(ms: number | null): string {
  if (ms === null) return "";
  const at = new Date(ms);
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** null when nothing, or nothing whole, was entered. */
export function fromField(text: string): number | null {
  const ms = text ? new Date(text).getTime() : NaN;
  return Number.isNaN(ms) ? null : ms;
}
