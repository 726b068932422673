import { computed, reactive, ref, shallowRef, watch, type WatchStopHandle } from "vue";
import { bankApi } from "./api";
import type { ChangeTask, Tags, TaskView } from "./model";
import { MODULES, type AuthorModule } from "./modules";
import { DraftSaver } from "./saver";
import { tidyFolder } from "./tree";

type Meta = { folder: string; tags: Required<Tags>; shared: boolean };
type Body = Omit<ChangeTask, "seen">;

/** One task on the page: what is typed, what the server says of it, and the way between them. */
export class TaskDesk {
  readonly view = shallowRef<TaskView>();
  readonly module = shallowRef<AuthorModule>();
  /** Of the module's own shape; a change of anything in it is saved. */
  readonly draft = ref<unknown>();
  readonly meta = reactive<Meta>({
    folder: "",
    tags: { standard: "", knowledge: [], difficulty: "middle" },
    shared: false,
  });
  /** SHA-256 of the recordings that were heard to their end in this page. */
  readonly heard = reactive(new Set<string>());
  readonly saver = shallowRef<DraftSaver<Body>>();
  readonly mine = computed(() => !!this.view.value?.own && this.view.value.deleted_ms === null);
  readonly free = computed(
    () => this.mine.value && !this.saver.value?.busy.value && this.saver.value?.state.value !== "overtaken",
  );

  private applying = false;
  private stop: WatchStopHandle | undefined;

  constructor(readonly taskId: string) {}

  /** The task as the server has it; what is typed here and not saved is dropped. */
  async load(): Promise<void> {
    const view = await bankApi.task(this.taskId);
    this.module.value ??= await MODULES[view.module]?.();
    this.close();
    this.put(view);
    this.saver.value = new DraftSaver<Body>(view.revision, {
      take: () => this.body(),
      send: (change, seen) => bankApi.change(this.taskId, { ...change, seen }),
      took: (answer) => this.took(answer),
    });
    this.stop = watch(
      [this.draft, this.meta],
      () => {
        if (!this.applying && this.mine.value) this.saver.value?.touch();
      },
      { deep: true, flush: "sync" },
    );
  }

  /** An act of the server's on the draft as it stands; throws ApiProblem. */
  act(work: (seen: number) => Promise<TaskView>): Promise<TaskView> {
    return this.saver.value!.act(work);
  }

  /** Fictitious data instead of what stands in a part. */
  async invent(part: string): Promise<void> {
    const view = await this.act((seen) => bankApi.invent(this.taskId, seen, part));
    this.quietly(() => this.module.value?.takePart(this.draft.value, view.draft, part));
  }

  /** An older version instead of the draft. */
  async takeVersion(number: number): Promise<void> {
    this.put(await this.act((seen) => bankApi.takeVersion(this.taskId, number, seen)));
  }

  async makeVersion(note: string): Promise<void> {
    await this.act((seen) => bankApi.makeVersion(this.taskId, seen, note));
  }

  close(): void {
    this.stop?.();
    this.saver.value?.close();
  }

  private body(): Body {
    const { folder, tags, shared } = this.meta;
    const draft = JSON.parse(JSON.stringify(this.draft.value)) as Record<string, unknown>;
    return { draft, folder: tidyFolder(folder), tags: { ...tags, knowledge: [...tags.knowledge] }, shared };
  }

  private put(view: TaskView): void {
    this.quietly(() => {
      this.view.value = view;
      this.draft.value = view.draft;
      const { standard = "", knowledge = [], difficulty = "middle" } = view.tags;
      Object.assign(this.meta, { folder: view.folder, shared: view.shared });
      Object.assign(this.meta.tags, { standard, knowledge: [...knowledge], difficulty });
    });
  }

  private took(view: TaskView): void {
    this.view.value = view;
    this.quietly(() => this.module.value?.carry(this.draft.value, view.draft));
  }

  private quietly(change: () => void): void {
    this.applying = true;
    try {
      change();
    } finally {
      this.applying = false;
    }
  }
}
