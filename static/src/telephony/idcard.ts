/** What is wrong with an 18-digit identity number (GB 11643-1999); a text of the part `telephony`. Never stricter than telephony/idcard.py. */
export type IdFault = "length" | "digits" | "date" | "check";

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS = "10X98765432";
/** As people type it: spaces and full-width digits do not count. */
export const tidyId = (typed: string): string => typed.normalize("NFKC").replace(/[\s-]/g, "").toUpperCase();

export function idFault(typed: string): IdFault | undefined {
  const id = tidyId(typed);
  if (id.length !== 18) return "length";
  if (!/^\d{17}[\dX]$/.test(id)) return "digits";
  const [year, month, day] = [Number(id.slice(6, 10)), Number(id.slice(10, 12)), Number(id.slice(12, 14))];
  const born = new Date(Date.UTC(year, month - 1, day));
  if (year < 1900 || born.getUTCMonth() !== month - 1 || born.getUTCDate() !== day) return "date";
  const sum = WEIGHTS.reduce((total, weight, index) => total + weight * Number(id[index]), 0);
  return CHECKS[sum % 11] === id[17] ? undefined : "check";
}
