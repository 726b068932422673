/** An id with this prefix that nothing has. */
export function freshId(prefix: string, taken: readonly string[], width = 1): string {
  let number = 1;
  const id = (): string => `${prefix}${String(number).padStart(width, "0")}`;
  while (taken.includes(id())) number += 1;
  return id();
}
