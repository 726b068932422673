import { MEDIA_TYPE } from "@/media/constraints";
import { toChosenOutput } from "@/media/devices";

export const LOOP_MS = 4_000;

/** Records for so long; what was said stays in this page. Rejects where the browser can't record. */
export function recordFor(stream: MediaStream, ms: number): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const recorder = new MediaRecorder(stream, { mimeType: MEDIA_TYPE });
    const pieces: Blob[] = [];
    recorder.ondataavailable = ({ data }) => pieces.push(data);
    recorder.onerror = () => reject(new Error("no recording"));
    recorder.onstop = () => resolve(new Blob(pieces, { type: MEDIA_TYPE }));
    recorder.start();
    setTimeout(() => {
      if (recorder.state !== "inactive") recorder.stop();
    }, ms);
  });
}

/** Plays it to the chosen output; resolves at its end. */
export async function playBack(sound: Blob, element: HTMLAudioElement = new Audio()): Promise<void> {
  const url = URL.createObjectURL(sound);
  try {
    await toChosenOutput(element);
    await new Promise<void>((resolve, reject) => {
      element.onended = () => resolve();
      element.onerror = () => reject(new Error("not playable"));
      element.src = url;
      element.play().catch(reject);
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}
