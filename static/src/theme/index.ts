import { ref, watch } from "vue";

export type Theme = "system" | "light" | "dark";
const KEY = "ccss.theme";
const darkSystem = matchMedia("(prefers-color-scheme: dark)");

function restored(): Theme {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === "light" || kept === "dark" ? kept : "system";
  } catch {
    return "system";
  }
}

export const theme = ref<Theme>(restored());

function apply(): void {
  const dark = theme.value === "dark" || (theme.value === "system" && darkSystem.matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

export function startTheme(): void {
  apply();
  darkSystem.addEventListener("change", apply);
  watch(theme, (next) => {
    apply();
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // The choice then lasts until the page is left.
    }
  });
}
