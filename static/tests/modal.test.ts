import { mount } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { defineComponent, h, nextTick, ref } from "vue";
import ModalDialog from "@/ui/ModalDialog.vue";

const shown = ref(false);
const opener = ref(true);
const closed = vi.fn(() => (shown.value = false));
const Page = defineComponent(() => () => [
  opener.value ? h("button", { id: "opener", key: "opener" }) : null,
  h("button", { id: "other", key: "other" }),
  shown.value
    ? h(ModalDialog, { title: "t", onClose: closed }, { actions: () => h("button", { id: "inside" }) })
    : null,
]);
const element = (id: string): HTMLElement => document.getElementById(id)!;

describe("a dialog that is taken away", () => {
  let page: ReturnType<typeof mount>;

  beforeEach(async () => {
    HTMLDialogElement.prototype.showModal ??= () => undefined;
    shown.value = false;
    opener.value = true;
    closed.mockClear();
    page = mount(Page, { attachTo: document.body });
    element("opener").focus();
    shown.value = true;
    await nextTick();
    element("inside").focus();
    expect(document.activeElement?.id).toBe("inside");
  });
  afterEach(() => page.unmount());

  it("gives the keyboard back to what opened it, and says once that it closes", async () => {
    await page.get("dialog").trigger("cancel");
    await nextTick();
    expect(page.find("dialog").exists()).toBe(false);
    expect(document.activeElement?.id).toBe("opener");
    expect(closed).toHaveBeenCalledOnce();
  });

  it("leaves the keyboard where it was moved", async () => {
    element("other").focus();
    shown.value = false;
    await nextTick();
    expect(document.activeElement?.id).toBe("other");
  });

  it("lets a page that moves the keyboard afterwards have its way", async () => {
    shown.value = false;
    void nextTick(() => element("other").focus());
    await nextTick();
    await nextTick();
    expect(document.activeElement?.id).toBe("other");
  });

  it("moves nothing when what opened it is gone", async () => {
    const focus = vi.spyOn(element("opener"), "focus");
    opener.value = false;
    shown.value = false;
    await nextTick();
    expect(focus).not.toHaveBeenCalled();
    expect(document.activeElement).toBe(document.body);
  });
});
