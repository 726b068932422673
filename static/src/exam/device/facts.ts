import { deleteDB, openDB } from "idb";
import type { DeviceReport } from "./judge";

type Browser = DeviceReport["browser"];

interface Brand {
  brand: string;
  version: string;
}

const STORE_MS = 3_000;

/** The browser by its own hints where it gives them (secure pages of Chromium), else by its old name line. */
export function browserOf(agent: string, brands: readonly Brand[] = []): Browser {
  const version = (pattern: RegExp): number => Math.min(9999, Number(pattern.exec(agent)?.[1] ?? 0));
  const hinted = brands.find(({ brand }) => brand === "Chromium");
  const chromium = hinted ? Number(hinted.version) || 0 : version(/\bChrom(?:e|ium)\/(\d+)/);
  if (chromium) {
    const has = (name: string, token: RegExp): boolean =>
      brands.length ? brands.some(({ brand }) => brand === name) : token.test(agent);
    const name = has("Microsoft Edge", /\bEdg\//)
      ? "edge"
      : has("Google Chrome", /\bChrome\/[\d.]+ Safari\/[\d.]+$/)
        ? "chrome"
        : "other";
    return { engine: "chromium", name, version: chromium };
  }
  const firefox = version(/\bFirefox\/(\d+)/);
  if (firefox) return { engine: "firefox", name: "firefox", version: firefox };
  const safari = version(/\bVersion\/(\d+).*\bSafari\//);
  return { engine: "other", name: safari ? "safari" : "other", version: safari };
}

export function browserHere(): Browser {
  const { userAgent, userAgentData } = navigator as Navigator & { userAgentData?: { brands: Brand[] } };
  return browserOf(userAgent, userAgentData?.brands);
}

export function screenHere(): DeviceReport["screen"] {
  return {
    width: Math.round(screen.width),
    height: Math.round(screen.height),
    window_width: Math.round(innerWidth),
    window_height: Math.round(innerHeight),
    ratio_percent: Math.max(1, Math.round(devicePixelRatio * 100)),
  };
}

/** Whether what is written to this browser's store is read back: not so in some private windows, or on a full disk. */
export async function storageWorks(): Promise<boolean> {
  const name = "ccss-device";
  const trial = async (): Promise<boolean> => {
    const db = await openDB(name, 1, { upgrade: (fresh) => void fresh.createObjectStore("trial") });
    const word = `${Math.random()}`;
    await db.put("trial", word, "word");
    const read: unknown = await db.get("trial", "word");
    db.close();
    await deleteDB(name);
    return read === word;
  };
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), STORE_MS));
  return Promise.race([trial().catch(() => false), late]);
}

/** Whether the browser lists an audio output; null where it does not tell (plain http, Firefox). */
export async function outputListed(): Promise<boolean | null> {
  try {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices.some(({ kind }) => kind === "audiooutput") || (devices.length ? false : null);
  } catch {
    return null;
  }
}
