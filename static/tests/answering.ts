/** Stands for the server: answers by method and path. Imported before whatever keeps `fetch` for itself. */
export const answers = new Map<string, () => Response | Promise<Response>>();
/** What was asked for, with the body of what was sent. */
export const asked: { key: string; body: unknown }[] = [];

export const json = (body: unknown, status = 200): Response =>
  new Response(body === null ? null : JSON.stringify(body), {
    status,
    headers: { "content-type": status >= 400 ? "application/problem+json" : "application/json" },
  });
export const refusal = (code: string, status: number): Response => json({ code, status, detail: "" }, status);

globalThis.fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
  const request = input instanceof Request ? input : new Request(new URL(`${input}`, location.href), init);
  const key = `${request.method} ${new URL(request.url).pathname}`;
  asked.push({
    key,
    body: request.method === "POST" ? await request.json().catch(() => undefined) : undefined,
  });
  return (await answers.get(key)?.()) ?? refusal("not-found", 404);
};
