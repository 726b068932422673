import { mount } from "@vue/test-utils";
import { encode } from "uqr";
import { describe, expect, it } from "vitest";
import QrCode from "@/server/print/QrCode.vue";
import { byRoom, byTicket, cut, isLocal, short } from "@/server/print/pages";

const at = (room: string, label: string, ticket_number = label) => ({ room, label, ticket_number });

describe("sheets", () => {
  it("are cut after so many cards, and nothing makes none", () => {
    expect(cut("班", [], 10)).toEqual([]);
    expect(cut("班", [1, 2, 3], 2)).toEqual([
      { title: "班", cards: [1, 2] },
      { title: "班", cards: [3] },
    ]);
  });

  it("hold one room each, places in their order", () => {
    const rows = [at("B", "B-1"), at("A", "A-10"), at("A", "A-2"), at("A", "A-9")];
    const sheets = byRoom(rows, 2).map(({ title, cards }) => [title, cards.map(({ label }) => label)]);
    expect(sheets).toEqual([
      ["A", ["A-2", "A-9"]],
      ["A", ["A-10"]],
      ["B", ["B-1"]],
    ]);
  });

  it("for a door are in the order of tickets", () => {
    const rows = [at("A", "A-1", "100"), at("A", "A-2", "20"), at("A", "A-3", "3")];
    expect(byRoom(rows, 9, byTicket)[0]!.cards.map((row) => row.ticket_number)).toEqual(["3", "20", "100"]);
  });
});

describe("a printed link", () => {
  it("is short, and a local one is warned of", () => {
    expect(short("https://10.0.0.1:8443/place/x")).toBe("10.0.0.1:8443/place/x");
    expect([isLocal("localhost"), isLocal("192.168.1.10")]).toEqual([true, false]);
  });

  it("has a code with every dark module, and a white edge", () => {
    const text = "https://10.0.0.1:8443/place/01m8";
    const dark = encode(text, { ecc: "M", border: 2 }).data.flat().filter(Boolean).length;
    const code = mount(QrCode, { props: { text } });
    expect(code.get("path").attributes("d")!.match(/M/g)).toHaveLength(dark);
    expect(code.get("path").attributes("d")).not.toMatch(/M[01] /);
  });
});
