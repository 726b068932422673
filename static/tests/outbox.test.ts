import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Outbox, type OutboxHooks } from "@/api/outbox";
import type { Entry } from "@/api/store";
import type { Command, ProblemBody } from "@/api/types";
import { MemoryStore, problem as refusal } from "./support";

const problem = (code: string, retry: boolean): ProblemBody => refusal(code, 500, retry);
const command = (n: number): Command => ({ type: "typing_test.save_field", n });

function outbox(store: MemoryStore, over: Partial<OutboxHooks> = {}) {
  const sent: Entry[] = [];
  const acked: Entry[] = [];
  const dropped: [Entry, ProblemBody][] = [];
  const box = new Outbox("a1", store, {
    transmit: (entry) => sent.push(entry) > 0,
    sendable: () => true,
    changed: () => undefined,
    acked: (entry) => acked.push(entry),
    dropped: (entry, why) => dropped.push([entry, why]),
    ...over,
  });
  return { box, sent, acked, dropped };
}

describe("Outbox", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("sends one at a time, in order, and waits for each ack", () => {
    const { box, sent, acked } = outbox(new MemoryStore());
    box.add(command(1), 10);
    box.add(command(2), 20);
    expect(sent).toHaveLength(0);
    box.opened();
    expect(sent.map((entry) => entry.command.n)).toEqual([1]);
    box.ack(sent[0]!.id, 100);
    expect(sent.map((entry) => entry.command.n)).toEqual([1, 2]);
    box.ack(sent[1]!.id, 101);
    expect(acked).toHaveLength(2);
    expect(box.size).toBe(0);
  });

  it("sends the same id again when the line went down before the ack", () => {
    const { box, sent } = outbox(new MemoryStore());
    box.opened();
    const entry = box.add(command(1), 10);
    box.closed();
    box.opened();
    expect(sent.map((one) => one.id)).toEqual([entry.id, entry.id]);
    box.ack(entry.id, 5);
    box.ack(entry.id, 5);
    expect(box.size).toBe(0);
  });

  it("sends again when no answer came", () => {
    const { box, sent } = outbox(new MemoryStore());
    box.opened();
    box.add(command(1), 10);
    vi.advanceTimersByTime(5_001);
    expect(sent).toHaveLength(2);
    expect(sent[0]!.id).toBe(sent[1]!.id);
  });

  it("survives a reload: a new life sends what the old one left, before its own", async () => {
    const store = new MemoryStore();
    const old = outbox(store).box;
    old.add(command(1), 10);
    old.add(command(2), 20);
    await vi.advanceTimersByTimeAsync(0);
    const { box, sent } = outbox(store);
    await box.restore();
    box.add(command(3), 30);
    box.opened();
    while (box.size) box.ack(sent.at(-1)!.id, 1);
    expect(sent.map((entry) => entry.command.n)).toEqual([1, 2, 3]);
    await vi.advanceTimersByTimeAsync(0);
    expect(store.kept.size).toBe(0);
  });

  it("keeps and resends with back-off what may be retried", () => {
    const { box, sent, dropped } = outbox(new MemoryStore());
    box.opened();
    const entry = box.add(command(1), 10);
    for (let tries = 1; tries <= 4; tries += 1) {
      box.refuse(entry.id, problem("disk-full", true));
      expect(box.blockedBy?.code).toBe("disk-full");
      expect(sent).toHaveLength(tries);
      vi.runOnlyPendingTimers();
      expect(sent).toHaveLength(tries + 1);
    }
    box.ack(entry.id, 9);
    expect(box.blockedBy).toBeUndefined();
    expect(dropped).toHaveLength(0);
  });

  it("drops what is refused for good, tells, and goes on", () => {
    const { box, sent, dropped } = outbox(new MemoryStore());
    box.opened();
    box.add(command(1), 10);
    box.add(command(2), 20);
    box.refuse(sent[0]!.id, problem("invalid", false));
    expect(dropped.map(([entry]) => entry.command.n)).toEqual([1]);
    expect(sent.at(-1)!.command.n).toBe(2);
  });

  it("drops what is under way when the server could not read it", async () => {
    const store = new MemoryStore();
    const { box, sent, dropped } = outbox(store);
    expect(box.refuseFlying(problem("malformed", false))).toBe(false);
    box.add(command(1), 10);
    box.add(command(2), 20);
    box.opened();
    expect(box.refuseFlying(problem("malformed", false))).toBe(true);
    expect(dropped.map(([entry]) => entry.command.n)).toEqual([1]);
    expect(sent.at(-1)!.command.n).toBe(2);
    await vi.advanceTimersByTimeAsync(0);
    expect([...store.kept.values()].map((entry) => entry.command.n)).toEqual([2]);
  });

  it("lets by what may go while the rest is held", () => {
    let paused = true;
    const { box, sent } = outbox(new MemoryStore(), {
      sendable: (entry) => !paused || entry.command.type === "resume",
    });
    box.opened();
    box.add(command(1), 10);
    box.add({ type: "resume" }, 20);
    expect(sent.map((entry) => entry.command.type)).toEqual(["resume"]);
    paused = false;
    box.ack(sent[0]!.id, 1);
    expect(sent.at(-1)!.command.n).toBe(1);
  });

  it("says so when this machine can't store, and sends all the same", async () => {
    const store = new MemoryStore();
    store.fails = true;
    const unsafe = vi.fn();
    const { box, sent } = outbox(store, { unsafe });
    box.opened();
    box.add(command(1), 10);
    await vi.advanceTimersByTimeAsync(0);
    expect(unsafe).toHaveBeenCalled();
    expect(sent).toHaveLength(1);
  });
});
