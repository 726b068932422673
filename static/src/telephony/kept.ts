import { reactive, watch } from "vue";

/** What stands in a form that is not sent yet; it outlives a reload of this page, and no more. */
export function useKept<T extends Record<string, string>>(key: string, initial: T): T {
  const name = `ccss.form.${key}`;
  const form = reactive({ ...initial }) as T;
  try {
    const kept = JSON.parse(sessionStorage.getItem(name) ?? "{}") as Partial<T>;
    for (const field of Object.keys(initial) as (keyof T & string)[])
      if (typeof kept[field] === "string") form[field] = kept[field] as T[keyof T & string];
  } catch {
    // Then it begins empty.
  }
  watch(form, () => {
    try {
      sessionStorage.setItem(name, JSON.stringify(form));
    } catch {
      // Then it lasts until the page is left.
    }
  });
  return form;
}
