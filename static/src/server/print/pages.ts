import { compare } from "@/ui/table";

/** One sheet of paper: what it is for, and the cards on it. */
export interface Sheet<T> {
  title: string;
  cards: T[];
}

const byLabel = (a: { label: string }, b: { label: string }): number => compare(a.label, b.label);

/** Cut into sheets of so many; nothing gives no sheet. */
export function cut<T>(title: string, cards: readonly T[], most: number): Sheet<T>[] {
  const sheets: Sheet<T>[] = [];
  for (let from = 0; from < cards.length; from += most)
    sheets.push({ title, cards: cards.slice(from, from + most) });
  return sheets;
}

/** By room, in a room by place: each room begins a sheet of its own, so that stacks can be handed out. */
export function byRoom<T extends { room: string; label: string }>(
  rows: readonly T[],
  most: number,
  order: (a: T, b: T) => number = byLabel,
): Sheet<T>[] {
  const rooms = [...new Set(rows.map((row) => row.room))].sort(compare);
  return rooms.flatMap((room) =>
    cut(
      room,
      rows.filter((row) => row.room === room).sort((a, b) => order(a, b) || byLabel(a, b)),
      most,
    ),
  );
}

/** The list at a door: whoever comes looks for the own ticket. */
export const byTicket = (a: { ticket_number: string }, b: { ticket_number: string }): number =>
  compare(a.ticket_number, b.ticket_number);

/** "192.168.1.10:8443/place/…": short enough to be typed over. */
export const short = (link: string): string => link.replace(/^https?:\/\//, "");

/** Opened by such a name, a printed link leads every machine to itself. */
export const isLocal = (host: string): boolean => ["localhost", "127.0.0.1", "[::1]"].includes(host);
