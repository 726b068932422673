import { expect, request, type APIRequestContext, type Browser, type Page } from "@playwright/test";
import type { components } from "../src/api/schema.gen";
import { paper } from "./answers";

type Schemas = components["schemas"];

type Kind = "warmup" | "lesson" | "contest";
const title = (kind: Kind): string => paper(kind).title["zh-CN"];

/** Titles of the demo's papers. */
export const DICTATION = { warmup: title("warmup"), lesson: title("lesson"), contest: title("contest") };

export const VOICE = {
  warmup: "语音服务热身",
  contest: "语音服务演示卷",
  rolePlay: "语音服务角色扮演",
} as const;

export type ContestView = Schemas["ContestView"];
export type OrderRequest = Schemas["OrderRequest"];

export const ROLES = {
  contestant: "选手",
  trainer: "教师",
  chief_referee: "裁判长",
  scoring_referee: "评分裁判",
  supervisor: "监督",
  technician: "技术保障",
  organiser: "赛务管理员",
  task_author: "命题",
  audience: "观众",
} as const;
export type Role = keyof typeof ROLES;

const HOMES: Record<Role, string> = {
  contestant: "/practice",
  trainer: "/classes",
  chief_referee: "/contests",
  scoring_referee: "/grading",
  supervisor: "/contests",
  technician: "/contests",
  organiser: "/contests",
  task_author: "/bank",
  audience: "/clock",
};

/** One-click log-in of the demo. */
export async function enter(page: Page, role: Role): Promise<void> {
  await page.goto("/");
  await page.getByRole("button", { name: `以${ROLES[role]}身份进入` }).click();
  await page.waitForURL(`**${HOMES[role]}**`);
}

/** A browser of its own, at the first page or logged in. */
export async function somebody(browser: Browser, role?: Role): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  if (role) {
    const headers = { "X-CCSS": "1" };
    const answer = await context.request.post("/api/v1/demo/sessions", { data: { role }, headers });
    expect(answer.ok(), await answer.text()).toBe(true);
  }
  return page;
}

/** Somebody over the API alone, for what a test needs and does not look at. */
export class Caller {
  private constructor(private readonly http: APIRequestContext) {}

  static async as(role: Role, baseURL: string): Promise<Caller> {
    const caller = new Caller(await request.newContext({ baseURL, extraHTTPHeaders: { "X-CCSS": "1" } }));
    await caller.post("/demo/sessions", { role });
    return caller;
  }

  get = <T>(path: string): Promise<T> => this.send("GET", path);
  post = <T>(path: string, data?: unknown): Promise<T> => this.send("POST", path, data);

  async send<T>(method: string, path: string, data?: unknown): Promise<T> {
    const answer = await this.http.fetch(`/api/v1${path}`, { method, data: data as string | object });
    expect(answer.ok(), `${method} ${path}: ${await answer.text()}`).toBe(true);
    return (answer.status() === 204 ? undefined : await answer.json()) as T;
  }

  leave = (): Promise<void> => this.http.dispose();
}

export interface Placed {
  seat_id: string;
  label: string;
  ticket_number: string;
}

/** A contest of one stage in a room of its own, made over the API: specs do not meet in it. */
export class OwnContest {
  stageId = "";
  placements: Placed[] = [];

  private constructor(
    readonly contestId: string,
    private readonly organiser: Caller,
    private readonly chief: Caller,
    private readonly supervisor: Caller,
  ) {}

  static async make(
    baseURL: string,
    options: { title: string; entrants: number; spares?: number; paper?: string },
  ): Promise<OwnContest> {
    const { title, entrants, spares = 0, paper: wanted = DICTATION.lesson } = options;
    const staff = await Promise.all([
      Caller.as("organiser", baseURL),
      Caller.as("chief_referee", baseURL),
      Caller.as("supervisor", baseURL),
    ]);
    const organiser = staff[0];
    const seats = await organiser.get<Schemas["SeatView"][]>("/seats");
    const taken = new Set(seats.map((seat) => seat.room));
    // A and B are the demo's and the console spec's; I and O look like figures.
    const room = [..."CDEFGHJKLMNPQRSTUVWXYZ"].find((letter) => !taken.has(letter))!;
    await organiser.post("/seats", { room, count: entrants + spares, spares });
    const { contest_id } = await organiser.post<ContestView>("/contests", { title });
    const own = new OwnContest(contest_id, ...staff);
    const numbers = Array.from({ length: entrants }, (_, index) => index + 1);
    const rows = numbers.map((n) => {
      const team = Math.ceil(n / 2);
      return `${room}${String(n).padStart(2, "0")},选手${n},第 ${team} 代表队,教练${team}`;
    });
    await own.roster(["参赛证号,姓名,代表队,指导教师", ...rows].join("\n"));
    own.placements = await organiser.post(`/contests/${contest_id}/placements`, {
      rooms: [room],
      seen: await own.revision(),
    });
    await own.addStage(wanted);
    return own;
  }

  /** The staged picture as it is now. */
  view = (): Promise<ContestView> => this.organiser.get(`/contests/${this.contestId}`);
  revision = async (): Promise<number> => (await this.view()).revision;

  /** A further stage with the paper of this title. */
  async addStage(title: string, options: object = {}): Promise<string> {
    const shelf = await this.organiser.get<Schemas["PaperView"][]>("/paper-shelf");
    const found = shelf.find((one) => one.title["zh-CN"] === title)!;
    const body = { paper_id: found.paper_id, seen: await this.revision(), ...options };
    const after = await this.organiser.post<ContestView>(`/contests/${this.contestId}/stages`, body);
    const added = after.stages.at(-1)!.stage_id;
    this.stageId ||= added;
    return added;
  }

  /** The chief orders, the supervisor confirms where two persons are needed. */
  async order(act: OrderRequest["act"], options: Partial<OrderRequest> = {}): Promise<void> {
    const base = `/contests/${this.contestId}`;
    const body = { act, seen: await this.revision(), ...options };
    const given = await this.chief.post<Schemas["server__contests__schemas__OrderView"]>(
      `${base}/stages/${this.stageId}/orders`,
      body,
    );
    if (given.status === "pending")
      await this.supervisor.post(`${base}/orders/${given.order_id}/confirm`, { seen: given.seen });
  }

  announce = (body: string): Promise<unknown> =>
    this.chief.post(`/contests/${this.contestId}/announcements`, { body });

  /** Binds a browser to a place and logs the contestant in; the page then stands at its desk or waits. */
  async sit(page: Page, index: number): Promise<void> {
    const { seat_id, ticket_number } = this.placements[index]!;
    await page.goto(`/place/${seat_id}`);
    await page.getByLabel("请输入参赛证号").fill(ticket_number);
    await page.keyboard.press("Enter");
    await expect(page.getByText(`已登录：参赛证号 ${ticket_number}`)).toBeVisible();
  }

  async leave(): Promise<void> {
    await Promise.all([this.organiser.leave(), this.chief.leave(), this.supervisor.leave()]);
  }

  private async roster(table: string): Promise<void> {
    const query = new URLSearchParams({ name: "名单.csv", seen: `${await this.revision()}` });
    const report = await this.organiser.send<Schemas["RosterReport"]>(
      "POST",
      `/contests/${this.contestId}/roster?${query}`,
      table,
    );
    expect(report.imported, JSON.stringify(report.faults)).toBe(true);
  }
}
