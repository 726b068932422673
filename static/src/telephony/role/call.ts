import { computed, onScopeDispose, ref, shallowRef, watch } from "vue";
import { jittered, usePoll } from "@/app/poll";
import { problemText } from "@/i18n";
import { Microphone } from "@/media/devices";
import { LevelWatch } from "@/media/level";
import { Softphone } from "@/media/softphone";
import { ApiProblem, roleApi, type DialogOutcome, type RoleDesk } from "./api";

const TICK_MS = 250;
/** Codes after which this call is no longer ours, or no longer there. */
const OVER = new Set([404, 409, 410]);

export type Standing = "loading" | "waiting" | "answering" | "talking" | "over";

/** A call as its role player takes part in it: the desk is asked for again and again, which also keeps the call theirs. */
export function useRoleCall(attemptId: string, callId: string) {
  const desk = shallowRef<RoleDesk>();
  const problem = shallowRef<ApiProblem>();
  const failed = ref<string>();
  const over = ref(false);
  const answering = ref(false);
  const answered = ref(false);
  const busy = ref(false);
  const muted = ref(false);

  const microphone = new Microphone();
  const level = new LevelWatch();
  const phone = new Softphone(`role.${attemptId}`, microphone, {
    offer: async (call, sdp, connection) => (await roleApi.connect(attemptId, call, sdp, connection)).sdp,
  });

  /** The server's time less this machine's steady one. */
  let offset: number | undefined;
  const now = ref(0);
  const tick = (): void => {
    if (offset !== undefined) now.value = performance.now() + offset;
  };

  const standing = computed((): Standing => {
    if (over.value) return "over";
    if (!desk.value) return "loading";
    if (desk.value.answered_ms !== null) return "talking";
    return answering.value ? "answering" : "waiting";
  });
  const talkedMs = computed(() => {
    const since = desk.value?.answered_ms;
    return since == null || !now.value ? 0 : Math.max(0, now.value - since);
  });
  const leftMs = computed(() => {
    const end = desk.value?.ends_by_ms;
    return end == null || !now.value ? undefined : Math.max(0, end - now.value);
  });

  function ended(): void {
    over.value = true;
    answering.value = false;
    phone.end();
    microphone.close();
  }

  async function load(): Promise<void> {
    if (over.value) return;
    const asked = performance.now();
    try {
      const next = await roleApi.desk(attemptId, callId);
      const arrived = performance.now();
      offset = next.now_ms - (asked + arrived) / 2;
      tick();
      desk.value = next;
      problem.value = undefined;
      if (next.phase === "ended") ended();
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      problem.value = error;
      if (OVER.has(error.status)) ended();
    }
  }

  async function act(body: Parameters<typeof roleApi.act>[2]): Promise<boolean> {
    busy.value = true;
    failed.value = undefined;
    try {
      await roleApi.act(attemptId, callId, body);
      return true;
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      if (error.status === 410) ended();
      else failed.value = problemText(error);
      return false;
    } finally {
      busy.value = false;
      await load();
    }
  }

  /** Microphone first, then the line; the call is answered when sound can pass. */
  async function answer(): Promise<void> {
    if (answering.value || over.value) return;
    answering.value = true;
    await microphone.open();
    if (!microphone.live.value) answering.value = false;
    // The line may stand already, from a try that the server did not hear of.
    else if (phone.state.value === "up") await stands();
    else phone.connect(callId);
  }

  async function stands(): Promise<void> {
    if (answered.value || over.value) return;
    answered.value = true;
    if (desk.value?.answered_ms === null && !(await act({ act: "answer" }))) answered.value = false;
    answering.value = false;
  }

  watch(phone.state, (state) => void (state === "up" && stands()));
  watch(
    () => desk.value?.answered_ms != null,
    // After a reload: the line is built anew, as a lost one is.
    (talking) => talking && phone.state.value === "idle" && void answer(),
  );
  watch(microphone.stream, (stream) => (stream ? level.watch(stream) : level.close()));

  function mute(on: boolean): void {
    muted.value = on;
    microphone.mute(on);
  }

  async function hangUp(): Promise<void> {
    if (await act({ act: "hang_up" })) ended();
  }

  const poll = usePoll(load, () => jittered(1_500, 2_500));
  const ticking = setInterval(tick, TICK_MS);
  onScopeDispose(() => {
    clearInterval(ticking);
    phone.dispose();
    microphone.close();
    level.close();
  });

  return {
    desk,
    problem,
    failed,
    standing,
    busy,
    muted,
    microphone,
    level,
    phone,
    talkedMs,
    leftMs,
    start: poll.now,
    answer,
    mute,
    hangUp,
    say: (outcome: DialogOutcome) => act({ act: "outcome", outcome }),
  };
}
