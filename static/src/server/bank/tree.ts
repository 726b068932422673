import type { TaskBrief } from "./model";

/** A folder: its whole path, its own name, how deep it lies, and how many tasks are in it and below. */
export interface Folder {
  path: string;
  name: string;
  depth: number;
  count: number;
}

const words = new Intl.Collator("zh-CN", { numeric: true });

/** Whether a folder is the other one, or lies below it; everything lies below "". */
export const isWithin = (folder: string, root: string): boolean =>
  root === "" || folder === root || folder.startsWith(`${root}/`);

/** Every folder that a task names, those above it included, parents before their children. */
export function folderTree(
  tasks: readonly Pick<TaskBrief, "folder">[],
  more: readonly string[] = [],
): Folder[] {
  const counts = new Map<string, number>();
  const note = (folder: string, n: number): void => {
    const names = folder.split("/").filter(Boolean);
    names.forEach((_, index) => {
      const path = names.slice(0, index + 1).join("/");
      counts.set(path, (counts.get(path) ?? 0) + n);
    });
  };
  for (const { folder } of tasks) note(folder, 1);
  for (const folder of more) note(folder, 0);
  const compare = (a: string[], b: string[]): number => {
    for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
      const order = words.compare(a[index]!, b[index]!);
      if (order) return order;
    }
    return a.length - b.length;
  };
  return [...counts]
    .map(([path, count]) => ({ path, count, names: path.split("/") }))
    .sort((a, b) => compare(a.names, b.names))
    .map(({ path, count, names }) => ({ path, count, name: names.at(-1)!, depth: names.length - 1 }));
}

/** A folder as the server takes it: no empty names, no blanks around them. */
export const tidyFolder = (raw: string): string =>
  raw
    .split(/[/／]/)
    .map((name) => name.trim())
    .filter(Boolean)
    .join("/");

export type TaskState = "faulty" | "ready" | "version" | "changed";

/** How far a task is on its way to a paper. */
export function stateOf(task: Pick<TaskBrief, "faults" | "versions" | "changed">): TaskState {
  if (task.versions > 0 && !task.changed) return "version";
  if (task.faults > 0) return task.versions > 0 ? "changed" : "faulty";
  return task.versions > 0 ? "changed" : "ready";
}

export interface Wanted {
  folder: string;
  words: string;
  tag: string;
  level: string;
  state: string;
}

const tagsOf = ({ tags }: Pick<TaskBrief, "tags">): string[] =>
  [tags.standard, ...tags.knowledge].filter((tag): tag is string => !!tag);

/** All tags in use, each once. */
export const allTags = (tasks: readonly Pick<TaskBrief, "tags">[]): string[] =>
  [...new Set(tasks.flatMap(tagsOf))].sort(words.compare);

/** Tasks that fit: every word stands in the title, a tag or the folder. */
export function matching(tasks: readonly TaskBrief[], wanted: Wanted): TaskBrief[] {
  const sought = wanted.words.toLowerCase().split(/\s+/).filter(Boolean);
  return tasks.filter((task) => {
    if (!isWithin(task.folder, wanted.folder)) return false;
    if (wanted.level && task.tags.difficulty !== wanted.level) return false;
    if (wanted.state && stateOf(task) !== wanted.state) return false;
    const tags = tagsOf(task);
    if (wanted.tag && !tags.includes(wanted.tag)) return false;
    const text = [task.title["zh-CN"], task.title.en, task.folder, ...tags].join(" ").toLowerCase();
    return sought.every((word) => text.includes(word));
  });
}

/** By folder and title, figures by their value: 9 before 10. */
export const inOrder = <T extends Pick<TaskBrief, "folder" | "title">>(tasks: readonly T[]): T[] =>
  [...tasks].sort(
    (a, b) => words.compare(a.folder, b.folder) || words.compare(a.title["zh-CN"], b.title["zh-CN"]),
  );

/** The list with one entry moved by `by` places; the same list where it can't go further. */
export function shifted<T>(list: readonly T[], index: number, by: number): T[] {
  const to = index + by;
  const next = [...list];
  if (index < 0 || index >= list.length || to < 0 || to >= list.length) return next;
  next.splice(to, 0, ...next.splice(index, 1));
  return next;
}
