import { translate as t } from "@/i18n";
import type { DeviceMark, DevicePart } from "./judge";

/** How a device check shows; its words are those of the part `device`. */
export const DEVICE_LOOKS: Record<DeviceMark, { icon: "ring" | "half" | "check" | "warn"; tone: string }> = {
  untested: { icon: "ring", tone: "warn" },
  partial: { icon: "half", tone: "warn" },
  passed: { icon: "check", tone: "ok" },
  faulty: { icon: "warn", tone: "danger" },
};

export function deviceWords(mark: DeviceMark, faults: readonly DevicePart[]): string {
  const parts = faults.map((part) => t(`device.part.${part}`)).join(t("device.comma"));
  return t(`device.mark.${mark}`, { parts });
}
