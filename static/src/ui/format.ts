const two = (value: number): string => String(value).padStart(2, "0");

/** m:ss or h:mm:ss of a duration in ms; `up` for counting down, so that 0:00 is the end itself. */
export function span(ms: number, up = false): string {
  const seconds = Math.max(0, up ? Math.ceil(ms / 1000) : Math.floor(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

export function clockTime(utcMs: number): string {
  const at = new Date(utcMs);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

export function dateTime(utcMs: number): string {
  const at = new Date(utcMs);
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** The time of day; with its date when that is not today's. */
export function recent(utcMs: number, nowMs = Date.now()): string {
  const day = dateTime(utcMs);
  return day.slice(0, 10) === dateTime(nowMs).slice(0, 10) ? clockTime(utcMs) : day.slice(5);
}

export const minutes = (ms: number): number => Math.round(ms / 6000) / 10;
