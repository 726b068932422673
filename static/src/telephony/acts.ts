import { computed, ref, watch, type ComputedRef, type Ref } from "vue";
import type { SeatContent, VoiceCommand } from "./model";
import type { Voice } from "./voice";

export interface ActHooks {
  /** Everything typed goes first: what is said belongs to what stands there. */
  flush(): void;
  /** The part of a call that is answered comes to the front. */
  show(part: string): void;
}

/** What the contestant can do with the call that is up, by button and by key alike. */
export function useCallActs(
  content: ComputedRef<SeatContent>,
  voice: Voice,
  disabled: Ref<boolean>,
  hooks: ActHooks,
) {
  const { up, act } = voice;
  const asking = ref(false);
  const part = computed(() => content.value.parts.find(({ id }) => id === up.value?.part));

  const onCall = (make: (call: string) => VoiceCommand): void => {
    if (up.value && !disabled.value) act(make(up.value.call_id));
  };

  function answer(): void {
    if (up.value?.phase !== "ringing" || disabled.value) return;
    hooks.show(up.value.part);
    onCall((call) => ({ type: "telephony.answer", call }));
  }

  /** One key for both: it begins to record a turn, and says that it is finished. */
  function talk(): void {
    const now = up.value;
    if (disabled.value || !now || now.phase !== "talking" || now.playing) return;
    const other = part.value?.kind === "outbound" ? part.value.other_side : undefined;
    if (other && other !== "simulated") return;
    hooks.flush();
    if (now.taking || other) onCall((call) => ({ type: "telephony.end_turn", call, again: false }));
    else if (now.floor !== "customer")
      begin(now.turn ?? (part.value?.kind === "retell" ? "retell" : undefined));
  }

  /** Records a turn, or one again that was finished before. */
  function begin(turn: string | undefined): void {
    if (turn !== undefined) onCall((call) => ({ type: "telephony.start_take", call, turn }));
  }

  function again(): void {
    if (!up.value?.taking || up.value.retakes_left === 0) return;
    onCall((call) => ({ type: "telephony.end_turn", call, again: true }));
  }

  function replay(): void {
    if (!up.value || up.value.taking || up.value.playing || up.value.replays_left === 0) return;
    onCall((call) => ({ type: "telephony.replay", call }));
  }

  const hold = (): void =>
    onCall((call) => ({ type: "telephony.hold", call, on: up.value?.phase !== "held" }));
  const mute = (): void => onCall((call) => ({ type: "telephony.mute", call, on: !up.value?.muted }));
  const transfer = (to: string): void => onCall((call) => ({ type: "telephony.transfer", call, to }));

  // The other side may hang up first: the question is about no other call.
  watch(
    () => up.value?.call_id,
    () => (asking.value = false),
  );

  /** A case whose turns are not all spoken, and a live customer, are not left by a slip of the hand. */
  const unfinished = computed(() => {
    const now = up.value;
    if (!now || !part.value) return false;
    return part.value.kind === "outbound" ? now.phase === "talking" : !!now.turn || now.phase === "ringing";
  });

  function hangUp(): void {
    if (!up.value || disabled.value) return;
    if (unfinished.value) asking.value = true;
    else reallyHangUp();
  }

  function reallyHangUp(): void {
    asking.value = false;
    onCall((call) => ({ type: "telephony.hang_up", call }));
  }

  return { asking, part, answer, talk, begin, again, replay, hold, mute, transfer, hangUp, reallyHangUp };
}
