import { afterEach, describe, expect, it, vi } from "vitest";
import { nextPath, seatOf, systemOf, trustOf } from "@/app/trust/check";

const URL_ = "https://192.168.1.10:8443";

afterEach(() => vi.unstubAllGlobals());

describe("whether the machine trusts the server", () => {
  it("asks the https door from a plain page", async () => {
    const asked = vi.fn((_url: string, _options: RequestInit) => Promise.resolve(new Response()));
    vi.stubGlobal("fetch", asked);
    expect(await trustOf(URL_, "http:")).toBe("yes");
    expect(asked.mock.calls[0]![0]).toBe(`${URL_}/healthz`);
    expect(asked.mock.calls[0]![1].mode).toBe("no-cors");
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
    expect(await trustOf(URL_, "http:")).toBe("no");
  });

  it("sees over https that a warning was clicked away", async () => {
    const register = vi.fn(() => Promise.resolve({}));
    vi.stubGlobal("navigator", { serviceWorker: { register } });
    expect(await trustOf(URL_, "https:")).toBe("yes");
    register.mockImplementation(() => Promise.reject(new DOMException("certificate", "SecurityError")));
    expect(await trustOf(URL_, "https:")).toBe("skipped");
    register.mockImplementation(() => Promise.reject(new TypeError("not found")));
    expect(await trustOf(URL_, "https:")).toBe("yes");
    vi.stubGlobal("navigator", {});
    expect(await trustOf(URL_, "https:")).toBe("yes");
  });
});

describe("what the address says", () => {
  it("leads on to pages of this server only", () => {
    expect(nextPath("/place/01J?x=1")).toBe("/place/01J?x=1");
    for (const odd of ["//evil.example", "/\\evil.example", "https://evil.example", "", undefined, ["/a"]])
      expect(nextPath(odd)).toBe("");
  });

  it("finds the place", () => {
    expect(seatOf({ seat: "01JABC" })).toBe("01JABC");
    expect(seatOf({ next: "/place/01JABC?x" })).toBe("01JABC");
    for (const odd of [
      {},
      { next: "/practice" },
      { seat: "a b" },
      { next: "//x/place/1" },
      { seat: "x".repeat(27) },
    ])
      expect(seatOf(odd)).toBe("");
  });

  it("opens the steps of the machine that asks", () => {
    expect(systemOf("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/120")).toBe("windows");
    expect(systemOf("Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0")).toBe("firefox");
    expect(systemOf("Mozilla/5.0 (X11; Linux x86_64) Chrome/120")).toBe("linux");
    expect(systemOf("Mozilla/5.0 (Linux; Android 14) Chrome/120")).toBe("tablet");
  });
});
