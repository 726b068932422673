import type { components } from "@/api/schema.gen";

type Schemas = components["schemas"];
export type DeviceReport = Schemas["DeviceReport"];
export type DeviceStanding = Schemas["DeviceStanding"];
export type DevicePart = DeviceStanding["faults"][number];
export type DeviceMark = DeviceStanding["mark"];

/** What server/core/devices.py decides by; both are tested with tests/support/device_cases.json. */
const LEAST = {
  chromium: 109,
  firefox: 115,
  screen: { width: 1366, height: 768 },
  window: { width: 1280, height: 600 },
};

/** The parts that will not do, most urgent first: the page's own word, until the server says the same. */
export function faultsOf(report: DeviceReport): DevicePart[] {
  const { headphones, input_method: typed, browser, screen } = report;
  const least = browser.engine === "other" ? Infinity : LEAST[browser.engine];
  const found: Record<DevicePart, boolean> = {
    headphones: !!headphones && headphones.heard !== headphones.played,
    input_method: !!typed && !(typed.matched && typed.composed),
    browser: browser.version < least,
    screen:
      screen.width < LEAST.screen.width ||
      screen.height < LEAST.screen.height ||
      screen.window_width < LEAST.window.width ||
      screen.window_height < LEAST.window.height,
    storage: !report.storage,
    microphone:
      !!report.microphone &&
      (report.microphone.outcome !== "ok" || (report.microphone.playback ?? "clear") !== "clear"),
  };
  return (Object.keys(found) as DevicePart[]).filter((part) => found[part]);
}

export function markOf(report: DeviceReport): DeviceMark {
  if (faultsOf(report).length) return "faulty";
  return report.headphones && report.input_method ? "passed" : "partial";
}

/** The ear that heard nothing, as far as the numbers tell. */
export function deafEar(
  report: Pick<NonNullable<DeviceReport["headphones"]>, "played" | "left" | "heard">,
): "left" | "right" | "both" | undefined {
  const { played, left, heard } = report;
  if (heard === played) return undefined;
  if (heard === 0) return "both";
  if (left === played - left) return undefined;
  return heard === left ? "right" : heard === played - left ? "left" : undefined;
}
