import { ref, shallowRef, type Ref, type ShallowRef } from "vue";
import { ApiProblem } from "@/api/http";
import { problemText } from "@/i18n";

export interface Loaded<T> {
  data: ShallowRef<T | undefined>;
  problem: ShallowRef<ApiProblem | undefined>;
  busy: Ref<boolean>;
  load(): Promise<void>;
}

/** Data with its loading, error and offline states; old data stay on the screen while they are renewed. */
export function useLoaded<T>(get: () => Promise<T>): Loaded<T> {
  const data = shallowRef<T>();
  const problem = shallowRef<ApiProblem>();
  const busy = ref(false);
  async function load(): Promise<void> {
    busy.value = true;
    try {
      data.value = await get();
      problem.value = undefined;
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      problem.value = error;
    } finally {
      busy.value = false;
    }
  }
  return { data, problem, busy, load };
}

/** Words for whatever an act ended in; undefined when it went well. */
export async function attempt(act: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    if (error instanceof ApiProblem) return problemText(error);
    throw error;
  }
}
