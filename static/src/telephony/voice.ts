import { computed, onScopeDispose, ref, watch, type ComputedRef, type Ref } from "vue";
import type { Entry } from "@/api/store";
import { useNet } from "@/exam/net";
import { Microphone } from "@/media/devices";
import { LevelWatch } from "@/media/level";
import { SeatRecorder } from "@/media/recorder";
import { Ring } from "@/media/ring";
import { Softphone, type PhoneLine } from "@/media/softphone";
import { spool } from "@/media/spool";
import { beginUploads } from "@/media/waiting";
import type { LiveCall, SeatLive, Trouble, VoiceCommand, VoiceSession } from "./model";
import { callUp } from "./work";

/** What only this page can see; the rest of a call's troubles comes from the server. */
const OURS = ["clipping", "wrong_device", "no_microphone"] as const;
type Ours = (typeof OURS)[number];

export interface VoiceOptions {
  attemptId: string;
  session: VoiceSession;
  /** Whether the task has anything to speak. */
  spoken: boolean;
  /** The stage runs and this page has it. */
  working: ComputedRef<boolean>;
  /** Whether the attempt's net time moves. */
  running: () => boolean;
  line: PhoneLine;
  recorder?: (callId: string) => SeatRecorder;
}

/** The phone of the desk: joins what the server says of calls with this page's sound. */
export function useVoice(options: VoiceOptions) {
  const { session } = options;
  const microphone = new Microphone();
  const phone = new Softphone(options.attemptId, microphone, options.line);
  const own = new LevelWatch();
  const customer = new LevelWatch();
  const ring = new Ring();
  /** Commands that are on their way: what they do is not seen yet. */
  const pending = ref<ReadonlySet<string>>(new Set());

  const live = computed(() => session.live.value?.live as SeatLive | undefined);
  const up = computed(() => callUp(live.value));
  const net = useNet(session, options.running);

  function act(command: VoiceCommand): void {
    if (pending.value.has(command.type)) return;
    pending.value = new Set([...pending.value, command.type]);
    session.send({ ...command });
  }

  function settled({ command }: Entry): void {
    if (!pending.value.has(command.type)) return;
    pending.value = new Set([...pending.value].filter((type) => type !== command.type));
  }

  // First of all: a microphone that is just being opened is not missing.
  if (options.spoken && options.working.value) void microphone.open();

  // The line stands as long as a call does; a page that another has replaced lets go of it.
  watch(
    [() => up.value?.call_id, options.working],
    ([callId, working]) => {
      if (callId !== undefined && working) phone.connect(callId);
      else phone.end();
    },
    { immediate: true },
  );
  watch(
    () => up.value?.phase === "ringing" && options.working.value,
    (rings) => (rings ? ring.start() : ring.stop()),
    { immediate: true },
  );
  watch(
    () => up.value?.muted ?? false,
    (muted) => microphone.mute(muted),
    { immediate: true },
  );
  watch(options.working, (working) => {
    if (!options.spoken) return;
    if (working) void microphone.open();
    else if (session.stale.value) microphone.close();
  });
  watch(microphone.stream, (stream) => (stream ? own.watch(stream) : own.close()));
  watch(phone.remote, (stream) => (stream ? customer.watch(stream) : customer.close()));

  const recording = useRecorder(options, microphone, up);
  const seen = useTroubles(up, microphone, own.clipping, (call, kind, began) =>
    session.send({ type: "telephony.trouble", call, kind, began }),
  );

  onScopeDispose(() => {
    phone.dispose();
    own.close();
    customer.close();
    ring.stop();
    // The recorder has what it needs of the stream before it is closed.
    void recording.stop().finally(() => microphone.close());
  });

  return {
    attemptId: options.attemptId,
    microphone,
    phone,
    own,
    customer,
    live,
    up,
    net,
    pending,
    act,
    settled,
    seen,
  };
}

export type Voice = ReturnType<typeof useVoice>;

/** The seat's own copy of every call: one recorder for each call, life of the page, and microphone. */
function useRecorder(
  options: VoiceOptions,
  microphone: Microphone,
  up: ComputedRef<LiveCall | undefined>,
): { stop(): Promise<void> } {
  let current: SeatRecorder | undefined;
  const make =
    options.recorder ??
    ((callId: string) =>
      new SeatRecorder(spool, {
        attemptId: options.attemptId,
        callId,
        now: () => options.session.clock.now(),
      }));
  const stop = async (): Promise<void> => {
    const before = current;
    current = undefined;
    await before?.stop();
  };
  watch(
    [() => up.value?.call_id, microphone.stream, options.working],
    ([callId, stream, working]) => {
      void stop();
      if (callId === undefined || !stream || !working) return;
      const next = make(callId);
      if (!next.start(stream)) return;
      current = next;
      void beginUploads().catch(() => undefined);
    },
    { immediate: true },
  );
  return { stop };
}

/** Everything that is wrong with the sound of the call; what only this page sees is told to the server. */
function useTroubles(
  up: ComputedRef<LiveCall | undefined>,
  microphone: Microphone,
  clipping: Ref<boolean>,
  tell: (call: string, kind: Ours, began: boolean) => void,
): ComputedRef<Trouble[]> {
  const ours = computed<Record<Ours, boolean>>(() => ({
    clipping: clipping.value,
    wrong_device: microphone.wrong.value,
    // One that was refused is still missing while it is asked for again.
    no_microphone: !microphone.live.value && (!microphone.opening.value || !!microphone.refusal.value),
  }));
  let told: { call: string; kinds: Set<string> } | undefined;
  watch(
    [() => up.value?.call_id, ours],
    ([call, now]) => {
      if (call === undefined || !up.value) {
        told = undefined;
        return;
      }
      // After a reload the server still holds what the page before it had seen.
      if (told?.call !== call) told = { call, kinds: new Set(up.value.trouble) };
      for (const kind of OURS) {
        if (told.kinds.has(kind) === now[kind]) continue;
        if (now[kind]) told.kinds.add(kind);
        else told.kinds.delete(kind);
        tell(call, kind, now[kind]);
      }
    },
    { immediate: true },
  );
  return computed(() => {
    if (!up.value) return [];
    const theirs = (up.value.trouble ?? []).filter((kind) => !(OURS as readonly string[]).includes(kind));
    return [...OURS.filter((kind) => ours.value[kind]), ...theirs];
  });
}
