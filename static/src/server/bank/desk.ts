import { computed, reactive, ref, shallowRef, watch, type WatchStopHandle } from "vue";
import { bankApi } from "./api";
import { dropMirror, keepMirror, mirrorOf, type Body, type Mirror } from "./mirror";
import type { Tags, TaskView } from "./model";
import { MODULES, type AuthorModule } from "./modules";
import { DraftSaver } from "./saver";
import { tidyFolder } from "./tree";

type Meta = { folder: string; tags: Required<Tags>; shared: boolean };

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
  /** Typed here earlier and never acknowledged. */
  readonly kept = shallowRef<Mirror>();
  /** Whether this browser keeps what is not saved yet. */
  readonly mirrored = ref(false);
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
    this.offerKept();
    this.saver.value = new DraftSaver<Body>(view.revision, {
      take: () => this.body(),
      send: (change, seen) => bankApi.change(this.taskId, { ...change, seen }),
      took: (answer) => this.took(answer),
    });
    this.stop = watch(
      [this.draft, this.meta],
      () => {
        if (this.applying || !this.mine.value) return;
        this.saver.value?.touch();
        this.mirror();
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

  /** What was kept in this browser, as the draft; it is saved like anything typed. */
  restore(): void {
    const body = this.kept.value?.body;
    this.kept.value = undefined;
    if (!body?.draft) return;
    this.module.value?.carry(body.draft, this.view.value?.draft);
    this.draft.value = body.draft;
    const { standard = "", knowledge = [], difficulty = "middle" } = body.tags ?? {};
    Object.assign(this.meta, { folder: body.folder ?? "", shared: body.shared ?? false });
    Object.assign(this.meta.tags, { standard, knowledge: [...knowledge], difficulty });
  }

  /** Drops what was kept in this browser. */
  forget(): void {
    this.kept.value = undefined;
    dropMirror(this.taskId);
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

  private mirror(): void {
    this.mirrored.value = keepMirror(this.taskId, {
      revision: this.view.value!.revision,
      body: this.body(),
    });
  }

  private offerKept(): void {
    const kept = this.mine.value ? mirrorOf(this.taskId) : undefined;
    // A save may have arrived without its answer.
    const arrived = kept && JSON.stringify(kept.body) === JSON.stringify(this.body());
    if (arrived) dropMirror(this.taskId);
    this.kept.value = arrived ? undefined : kept;
  }

  private took(view: TaskView): void {
    this.view.value = view;
    if (this.saver.value?.dirty) this.mirror();
    else dropMirror(this.taskId);
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
