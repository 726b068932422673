import { describe, expect, it } from "vitest";
import { ServerClock } from "@/api/clock";

describe("ServerClock", () => {
  it("takes the offset of the probe with the least round trip", () => {
    let now = 0;
    const clock = new ServerClock(() => now);
    expect(clock.known).toBe(false);
    clock.add(0, 400, 1_000_300);
    clock.add(500, 510, 1_000_605);
    clock.add(600, 900, 1_000_890);
    now = 1_000;
    expect(clock.now()).toBe(1_001_100);
    expect(clock.uncertainty).toBe(5);
  });

  it("ignores the machine's own clock, an hour off or not", () => {
    const clock = new ServerClock(() => 50);
    clock.add(0, 10, 5_000_005);
    expect(clock.now()).toBe(5_000_050);
  });

  it("forgets older probes after the machine slept", () => {
    let now = 100;
    const clock = new ServerClock(() => now);
    clock.add(90, 94, 10_000);
    clock.add(200, 220, 10_110 + 60_000);
    now = 300;
    expect(clock.now()).toBe(10_110 + 60_000 + 90);
  });
});
