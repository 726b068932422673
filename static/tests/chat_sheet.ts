import type {
  Act,
  Conversation,
  Indicator,
  Measure,
  Message,
  Need,
  Order,
  Sheet,
} from "@/chat_sim/replay/sheet";

/** A desk of two customers, small enough to be worked out by hand. */

export const text = (zh: string, en = "") => ({ "zh-CN": zh, en });

export const message = (
  n: number,
  at_ms: number,
  by: Message["by"],
  more: Partial<Message> = {},
): Message => ({
  n,
  at_ms,
  by,
  text: `#${n}`,
  cause: null,
  need: null,
  picture: null,
  product: null,
  order: null,
  canned: null,
  findings: [],
  verdicts: {},
  said_verdicts: {},
  courtesy: [],
  forbidden: [],
  suggested: [],
  ...more,
});

export const need = (id: string, met: boolean, more: Partial<Need> = {}): Need => ({
  id,
  kind: "size",
  title: `need ${id}`,
  asked_ms: 1_000,
  met,
  by: null,
  facts: [],
  reference: "",
  ...more,
});

const measure = (key: string, value: string, unit: string, formula: string): Measure => ({
  key,
  title: text(key),
  value,
  unit,
  formula,
});

export const order: Order = {
  order: "o1",
  n: 7,
  sent_ms: 60_000,
  status: "paid",
  paid_ms: 72_000,
  coupon: "SAVE20",
  quote: {
    lines: [
      { sku: "s", product: "p", name: "shoe 42", quantity: 1, unit: "569.00", amount: "569.00", gift: false },
    ],
    goods: "569.00",
    steps: [
      {
        title: text("coupon SAVE20"),
        working: text("569 − 20 = 549"),
        before: "569.00",
        change: "-20.00",
        after: "549.00",
      },
    ],
    shipping: "0.00",
    total: "549.00",
    hints: [],
  },
};

const conversation = (id: string, name: string, more: Partial<Conversation>): Conversation => ({
  id,
  name,
  profile: `profile of ${name}`,
  arrived_ms: 0,
  accepted_ms: null,
  ended_ms: null,
  ended_by: null,
  reason: null,
  remark: "",
  note: "",
  messages: [],
  needs: [],
  rounds: [],
  orders: [],
  suggestions: [],
  rating: { stars: 5, exact: "5", working: [] },
  measures: [],
  ...more,
});

const indicator = (key: string, share: string, more: Partial<Indicator> = {}): Indicator => ({
  key,
  title: text(key),
  value: "1",
  unit: "",
  formula: `${key}/1`,
  full: "1",
  zero: "0",
  weight: "1",
  share,
  counted: 2,
  expected: 2,
  working: text(`working of ${key}`),
  ...more,
});

const act = (at_ms: number, name: Act["act"], more: Partial<Act> = {}): Act => ({
  at_ms,
  act: name,
  conversation: null,
  text: "",
  shown: [],
  ...more,
});

const anna = conversation("anna", "Anna", {
  arrived_ms: 1_000,
  accepted_ms: 5_000,
  ended_ms: 80_000,
  ended_by: "agent",
  reason: "ordered",
  note: "tall",
  messages: [
    message(1, 1_000, "customer", { text: "42?", cause: "ask", need: "size" }),
    message(2, 12_000, "agent", {
      // An emoji is one character to the server.
      text: "😀 42 fits, get lost",
      findings: [
        {
          need: "size",
          fact: "fit",
          verdict: "right",
          text: "42",
          start: 2,
          end: 4,
          sure: "0.92",
          rule: "number",
        },
      ],
      verdicts: { size: "met", days: "nothing" },
      said_verdicts: { size: "wrong" },
      courtesy: ["greeting"],
      forbidden: ["get lost"],
    }),
    message(5, 30_000, "customer", { text: "days?", cause: "ask", need: "days" }),
    message(6, 40_000, "customer", { text: "hello?", cause: "nudge" }),
    message(7, 60_000, "agent", { text: "", order: "o1" }),
    message(8, 72_000, "customer", { text: "paid", cause: "paid" }),
  ],
  needs: [
    need("size", true, {
      by: 2,
      reference: "42 fits",
      facts: [{ id: "fit", title: "the size", expected: "42", required: true, said: "right", by: 2 }],
    }),
    need("days", false, {
      asked_ms: 30_000,
      kind: "shipping",
      facts: [{ id: "d", title: "days", expected: "2", required: true, said: "no", by: null }],
    }),
    need("gift", false, { asked_ms: null, kind: "gift" }),
  ],
  rounds: [
    { from_ms: 1_000, last_ms: 1_000, replied_ms: 12_000 },
    { from_ms: 30_000, last_ms: 40_000, replied_ms: 60_000 },
  ],
  orders: [order],
  suggestions: [{ product: "p2", name: "socks", n: 2, accepted: false }],
  rating: { stars: 4, exact: "4.0", working: [text("少一次催促 −0.5")] },
  measures: [
    measure("first_response", "11000", "ms", "first_response.mean/1"),
    measure("accuracy", "0.5000", "", "accuracy.needs/1"),
  ],
});

const bert = conversation("bert", "Bert", {
  arrived_ms: 20_000,
  accepted_ms: 25_000,
  messages: [
    message(3, 20_000, "customer", { text: "hi", cause: "ask", need: "hi" }),
    message(4, 28_000, "agent", { text: "hello", verdicts: { hi: "met" } }),
    message(9, 90_000, "customer", { text: "well?" }),
  ],
  needs: [need("hi", true, { by: 4, kind: "greeting", asked_ms: 20_000 })],
  rounds: [
    { from_ms: 20_000, last_ms: 20_000, replied_ms: 28_000 },
    { from_ms: 90_000, last_ms: 90_000, replied_ms: null },
  ],
  measures: [measure("first_response", "8000", "ms", "first_response.mean/1")],
});

export const sheet: Sheet = {
  shop: "Shop",
  nickname: "Sun",
  net_ms: 100_000,
  rules: "chat/1",
  conversations: [anna, bert],
  not_arrived: 1,
  acts: [
    act(500, "nickname", { text: "Sun" }),
    act(5_000, "accept", { conversation: "anna" }),
    act(5_000, "show", { conversation: "anna", shown: ["anna"] }),
    act(9_000, "typed", { conversation: "anna", text: "42 fi" }),
    act(15_000, "search", { conversation: "anna", text: "shipping" }),
    act(25_000, "accept", { conversation: "bert" }),
    act(25_000, "show", { conversation: "bert", shown: ["bert"] }),
    act(26_000, "typed", { conversation: "bert", text: "hel" }),
    act(29_000, "show", { conversation: "anna", shown: ["anna", "bert"] }),
    act(50_000, "calculate", { conversation: "anna", text: "549.00" }),
    act(51_000, "note", { conversation: "anna", text: "tall" }),
    act(55_000, "typed", { conversation: "anna", text: "one mo" }),
    act(82_000, "show", { conversation: "bert", shown: ["bert"] }),
  ],
  indicators: [
    indicator("accuracy", "0.5641", {
      formula: "accuracy.needs/1",
      full: "0.95",
      zero: "0.3",
      value: "0.6667",
    }),
    indicator("rating", "0.8"),
  ],
  concurrency: [
    [5_000, 1],
    [25_000, 2],
    [80_000, 1],
  ],
};

/** (0.5641 + 0.8) ÷ 2 = 0.6821 (half up from 0.68205), × 9 = 6.14 */
export const mark = {
  criterion: "indicators",
  marks: "6.14",
  max_marks: "9.00",
  working: text("0.6821 × 9 = 6.14 分"),
};

export const outcome = {
  sheet: sheet as unknown as Record<string, never>,
  measures: [
    measure("first_response", "9500", "ms", "first_response.mean/1"),
    measure("searches", "1", "次", "searches.count/1"),
  ],
  marks: [mark],
};
