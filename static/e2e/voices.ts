import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, type BrowserContext, type LaunchOptions, type Locator, type Page } from "@playwright/test";
import type { components } from "../src/api/schema.gen";
import { journal, take } from "./desk";
import { enter } from "./people";

export type Recording = components["schemas"]["RecordingView"];
type Replay = components["schemas"]["ReplayView"];

/** A WAV file that browsers take for their microphone, over and over. */
export function soundFile(sound: Buffer): string {
  const path = join(mkdtempSync(join(tmpdir(), "ccss-voice-")), "speech.wav");
  writeFileSync(path, sound);
  return path;
}

/** A browser of the same build that hears this file in its microphone; without `granted` it asks, and is refused. */
export function hearing(path: string, launch: LaunchOptions, granted = true): LaunchOptions {
  const args = [
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",
    `--use-file-for-fake-audio-capture=${path}`,
    ...(granted ? ["--use-fake-ui-for-media-stream"] : []),
  ];
  return { ...launch, args: [...(launch.args ?? []), ...args] };
}

/** Reads the rules, ticks, starts; the desk of this module is there. */
export async function begin(page: Page, title: string): Promise<string> {
  await enter(page, "contestant");
  return startRound(page, title);
}

/** The same for who is logged in. */
export async function startRound(page: Page, title: string): Promise<string> {
  const attemptId = await take(page, title);
  await startHere(page);
  return attemptId;
}

/** The same for who stands on the waiting screen. */
export async function startHere(page: Page): Promise<void> {
  await page.getByRole("checkbox", { name: "我已阅读并遵守" }).check();
  await page.getByRole("button", { name: "开始作答" }).click();
  await expect(page.locator("nav.parts button").first()).toBeVisible();
}

/** Lets the line of the first part ring and answers it. */
export async function answerCall(page: Page): Promise<void> {
  await page.getByTestId("let-ring").click();
  await expect(page.getByTestId("ring")).toBeVisible();
  await page.keyboard.press("F2");
  await expect(page.getByTestId("call-bar")).toHaveAttribute("data-phase", "talking");
}

export const talkKey = (page: Page): Locator => page.getByTestId("talk");
export const lineIsUp = (page: Page): Promise<void> =>
  expect(page.getByTestId("line")).toHaveClass(/\bup\b/, { timeout: 20_000 });

export async function events(
  page: Page,
  attemptId: string,
  type: string,
): Promise<Record<string, unknown>[]> {
  const all = await journal(page, attemptId);
  return all.filter((event) => event.type === `telephony.${type}`).map(({ payload }) => payload);
}

/** Begins to record a turn, once the customer has spoken. */
export async function startTake(page: Page, row: Locator, words: string): Promise<void> {
  await expect(row).toHaveAttribute("aria-current", "step", { timeout: 40_000 });
  await row.locator("textarea").fill(words);
  await expect(talkKey(page)).toHaveText(/开始录音/);
  await expect(talkKey(page)).toBeEnabled({ timeout: 40_000 });
  await page.keyboard.press("Alt+1");
  await expect(talkKey(page)).toHaveText(/说完了/);
}

/** Writes a turn's wording, speaks it, says that it is finished. */
export async function speakTurn(page: Page, row: Locator, words: string): Promise<void> {
  await startTake(page, row, words);
  await expect(row).toContainText(/听到您的声音|已听到/);
  await endTake(page, row);
}

export async function endTake(page: Page, row: Locator): Promise<void> {
  await expect(row).toContainText(/已听到/, { timeout: 15_000 });
  await page.keyboard.press("Alt+1");
  await expect(row).toHaveClass(/\bdone\b/);
}

/** Hangs up, whether or not the page asks. */
export async function hangUp(page: Page): Promise<void> {
  await page.keyboard.press("Alt+9");
  const sure = page.getByRole("dialog").getByRole("button", { name: "挂机" });
  const over = page.getByText("通话已由您挂断。");
  await expect(sure.or(over).first()).toBeVisible();
  if (await sure.isVisible()) await sure.click();
  await expect(over).toBeVisible();
}

/** Recorders and seconds of sound that this machine still keeps. */
export function soundHere(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open("ccss-seat");
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error!);
    });
    const counts = ["recorders", "sound"].map(
      (name) =>
        new Promise<number>((resolve) => {
          const counting = db.transaction(name).objectStore(name).count();
          counting.onsuccess = () => resolve(counting.result);
        }),
    );
    const sum = (await Promise.all(counts)).reduce((a, b) => a + b, 0);
    db.close();
    return sum;
  });
}

interface Eared extends Window {
  ccssPeers: RTCPeerConnection[];
}

/** Lets a test hear what the pages of this browser hear. */
export async function listenIn(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const peers: RTCPeerConnection[] = [];
    const Native = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Native {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        peers.push(this);
      }
    };
    (window as unknown as Eared).ccssPeers = peers;
  });
}

/** How loud each of these pitches comes in, dB, loudest moment of a second and a half; one row for each sound track. */
export function pitches(page: Page, hz: number[]): Promise<number[][]> {
  return page.evaluate(async (wanted) => {
    const peer = (window as unknown as Eared).ccssPeers
      .filter(({ connectionState }) => connectionState === "connected")
      .pop();
    if (!peer) return [];
    const context = new AudioContext();
    await context.resume();
    const ears = peer.getReceivers().map(({ track }) => {
      const analyser = context.createAnalyser();
      analyser.fftSize = 8192;
      analyser.smoothingTimeConstant = 0;
      context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
      return { analyser, bins: new Float32Array(analyser.frequencyBinCount), loud: wanted.map(() => -200) };
    });
    const until = performance.now() + 1_500;
    while (performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      for (const { analyser, bins, loud } of ears) {
        analyser.getFloatFrequencyData(bins);
        wanted.forEach((one, index) => {
          const middle = Math.round((one * analyser.fftSize) / context.sampleRate);
          loud[index] = Math.max(loud[index]!, ...bins.slice(middle - 1, middle + 2));
        });
      }
    }
    await context.close();
    return ears.map(({ loud }) => loud);
  }, hz);
}

/** Waits until each sound track of the page carries its pitch, and the others at most 25 dB below it. */
export async function hears(page: Page, tracks: number[], among: number[]): Promise<void> {
  const heard = async (): Promise<(number | string)[]> =>
    (await pitches(page, among)).map((loud) => {
      const best = Math.max(...loud);
      const rest = loud.filter((one) => one !== best);
      return best > -55 && rest.every((one) => one < best - 25) ? among[loud.indexOf(best)]! : loud.join();
    });
  await expect.poll(heard, { timeout: 20_000 }).toEqual(tracks);
}

/** How loud the page's player is, loudest moment of a second and a half, dBFS; the page needs `watchAudio`. */
export function loudness(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const elements = (window as unknown as { ccssAudio: HTMLAudioElement[] }).ccssAudio;
    const element = elements.find((one) => !one.paused && !one.ended);
    if (!element) return -200;
    const stream = (element as unknown as { captureStream(): MediaStream }).captureStream();
    if (stream.getAudioTracks().length === 0) return -200;
    const context = new AudioContext();
    await context.resume();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let loudest = 0;
    const until = performance.now() + 1_500;
    while (performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      analyser.getFloatTimeDomainData(samples);
      for (const sample of samples) loudest = Math.max(loudest, Math.abs(sample));
    }
    await context.close();
    return loudest ? 20 * Math.log10(loudest) : -200;
  });
}

/** Waits until the recording of a handed-in attempt's only call is whole. */
export async function sealed(page: Page, attemptId: string): Promise<Recording> {
  let found: Recording | undefined;
  const look = async (): Promise<string> => {
    const answer = await page.request.get(new URL(`/api/v1/attempts/${attemptId}/replay`, page.url()).href);
    if (!answer.ok()) return answer.text();
    [found] = ((await answer.json()) as Replay).recordings;
    return found?.state ?? "none";
  };
  await expect.poll(look, { timeout: 40_000 }).toBe("sealed");
  return found!;
}

/** Loudness of 20 ms frames (RMS, linear), a row for each channel of a WAV file with 16 bits. */
export function frames(file: Buffer): number[][] {
  const channels = file.readUInt16LE(22);
  const size = Math.round(file.readUInt32LE(24) / 50);
  const data = file.indexOf("data", 12, "ascii") + 8;
  const count = Math.floor((file.length - data) / 2 / channels / size);
  const rows = Array.from({ length: channels }, () => new Array<number>(count).fill(0));
  for (let frame = 0; frame < count; frame += 1)
    for (let channel = 0; channel < channels; channel += 1) {
      let sum = 0;
      for (let n = 0; n < size; n += 1)
        sum += (file.readInt16LE(data + ((frame * size + n) * channels + channel) * 2) / 32_768) ** 2;
      rows[channel]![frame] = Math.sqrt(sum / size);
    }
  return rows;
}

function correlation(a: number[], b: number[]): number {
  const mean = (row: number[]): number => row.reduce((sum, one) => sum + one, 0) / row.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let n = 0; n < a.length; n += 1) {
    const [da, db] = [a[n]! - ma, b[n]! - mb];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return aa && bb ? ab / Math.sqrt(aa * bb) : 0;
}

/** For each second of the recording: how like some second of the source, which was played in a loop, it is. */
export function likeness(recorded: number[], source: number[]): number[] {
  const looped = [...source, ...source.slice(0, 50)];
  const seconds: number[] = [];
  for (let at = 0; at + 50 <= recorded.length; at += 50) {
    const piece = recorded.slice(at, at + 50);
    let best = -1;
    for (let shift = 0; shift < source.length; shift += 1)
      best = Math.max(best, correlation(piece, looped.slice(shift, shift + 50)));
    seconds.push(best);
  }
  return seconds;
}

/** Downloads the recording as WAV; its two sides as frames. */
export async function heardBack(
  page: Page,
  recording: Recording,
): Promise<{ agent: number[]; customer: number[] }> {
  const answer = await page.request.get(new URL(recording.wav_url!, page.url()).href);
  expect(answer.ok(), await answer.text().catch(() => "")).toBe(true);
  const [agent, customer] = frames(await answer.body());
  return { agent: agent!, customer: customer! };
}
