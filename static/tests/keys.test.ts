import { mount } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope, nextTick } from "vue";
import { keys, resetKeys, useKeys } from "@/exam/keys";
import { i18n, loadMessages } from "@/i18n";
import KeyHelp from "@/ui/keys/KeyHelp.vue";
import { asksForHelp, keyHelpOpen, screens, useKeyHelp } from "@/ui/keys/registry";

const press = (target: EventTarget, key: string, more: KeyboardEventInit = {}): KeyboardEvent => {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  target.dispatchEvent(event);
  return event;
};
const asks = (html: string, key: string, more: KeyboardEventInit = {}): boolean => {
  document.body.innerHTML = html;
  return asksForHelp(press(document.body.firstElementChild!, key, more));
};

describe("the key that asks for the overview", () => {
  it("is a question mark where it would not be typed, and F1 everywhere", () => {
    expect(asks("<button></button>", "?", { shiftKey: true })).toBe(true);
    expect(asks("<button></button>", "？")).toBe(true);
    expect(asks("<input type=checkbox>", "?")).toBe(true);
    expect(asks("<input>", "?")).toBe(false);
    expect(asks("<input type=search>", "?")).toBe(false);
    expect(asks("<textarea></textarea>", "?")).toBe(false);
    expect(asks("<input>", "F1")).toBe(true);
    expect(asks("<p></p>", "F1", { ctrlKey: true })).toBe(false);
    expect(asks("<p></p>", "?", { isComposing: true })).toBe(false);
    expect(asks("<p></p>", "a")).toBe(false);
  });
});

describe("the overview", () => {
  beforeEach(() => loadMessages("keys"));
  afterEach(() => {
    resetKeys();
    keyHelpOpen.value = false;
  });

  it("lists the keys of the screen that is there, then those of every page", () => {
    const scope = effectScope();
    scope.run(() => useKeyHelp("keyHelp.tabs.title", [{ what: "keyHelp.tabs.turn", keys: ["←", "→"] }]));
    const help = mount(KeyHelp, { global: { plugins: [i18n] } });
    expect(help.findAll("section").map((one) => one.attributes("aria-label"))).toEqual([
      "标签页",
      "所有页面",
    ]);
    expect(help.text()).not.toContain("恢复默认");
    help.unmount();
    scope.stop();
    expect(screens).toEqual([]);
  });

  it("changes a key of the desk, and refuses one that the browser keeps", async () => {
    const scope = effectScope();
    scope.run(() =>
      useKeyHelp("keyHelp.desk.title", [{ what: "keyHelp.desk.play", action: "play" as const }]),
    );
    const help = mount(KeyHelp, { global: { plugins: [i18n] }, attachTo: document.body });
    const change = help.get("tbody button");
    await change.trigger("click");
    press(change.element, "F5", { code: "F5" });
    await nextTick();
    expect(help.text()).toContain("由浏览器保留");
    press(change.element, "1", { code: "Digit1", altKey: true });
    await nextTick();
    expect(keys.play).toBe("Alt+Digit1");
    expect(help.get("kbd").text()).toBe("Alt+1");
    help.unmount();
    scope.stop();
  });

  it("keeps the keys of the desk from acting behind it", () => {
    const play = vi.fn();
    const scope = effectScope();
    scope.run(() => useKeys({ play }, () => true));
    press(document.body, "F8", { code: "F8" });
    // Asked for, and still on its way.
    keyHelpOpen.value = true;
    press(document.body, "F8", { code: "F8" });
    expect(play).toHaveBeenCalledTimes(2);
    const help = mount(KeyHelp, { global: { plugins: [i18n] } });
    press(document.body, "F8", { code: "F8" });
    expect(play).toHaveBeenCalledTimes(2);
    help.unmount();
    press(document.body, "F8", { code: "F8" });
    expect(play).toHaveBeenCalledTimes(3);
    scope.stop();
  });
});
