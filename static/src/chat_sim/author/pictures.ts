import { ApiProblem } from "@/api/http";
import { problemFrom } from "@/api/problem";
import { language } from "@/i18n";
import type { PictureView } from "./model";

export const MOST_BYTES = 400_000;
/** Longest side in pixels; a larger picture is made smaller before it is sent. */
export const LONGEST = 1_000;

export const pictureUrl = (taskId: string, sha256: string): string =>
  `/api/v1/bank/tasks/${encodeURIComponent(taskId)}/pictures/${sha256}`;

/** Width and height that fit, in the same proportion. */
export function fitted(width: number, height: number, longest = LONGEST): { width: number; height: number } {
  const share = Math.min(1, longest / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * share)), height: Math.max(1, Math.round(height * share)) };
}

const encoded = (canvas: HTMLCanvasElement, quality: number): Promise<Blob | null> =>
  new Promise((resolve) => canvas.toBlob(resolve, "image/webp", quality));

/** A photo of any format that this browser shows, as WebP: smaller, and without where it was taken. */
export async function shrunk(file: Blob): Promise<Blob> {
  const source = await createImageBitmap(file);
  const { width, height } = fitted(source.width, source.height);
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  canvas.getContext("2d")!.drawImage(source, 0, 0, width, height);
  source.close();
  for (const quality of [0.86, 0.7, 0.5]) {
    const made = await encoded(canvas, quality);
    if (made && made.size <= MOST_BYTES) return made;
  }
  throw new ApiProblem({ code: "too-large", status: 413, retry: false, detail: "" });
}

/** Hands a picture in; throws ApiProblem. */
export async function sendPicture(taskId: string, picture: Blob): Promise<PictureView> {
  let answer: Response;
  try {
    answer = await fetch(`/api/v1/bank/tasks/${encodeURIComponent(taskId)}/pictures`, {
      method: "PUT",
      body: picture,
      headers: {
        "Content-Type": "application/octet-stream",
        "X-CCSS": "1",
        "Accept-Language": language(),
      },
    });
  } catch {
    throw problemFrom(undefined, 0);
  }
  const body: unknown = await answer.json().catch(() => undefined);
  if (!answer.ok) throw problemFrom(body, answer.status);
  return body as PictureView;
}
