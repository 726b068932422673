import { onScopeDispose, ref } from "vue";

const chinese = (voice: SpeechSynthesisVoice): boolean => voice.localService && /^zh|^cmn/i.test(voice.lang);

/** Reads a Chinese text aloud by a voice of this machine, where it has one; nothing leaves the machine. */
export function useReading() {
  const engine = typeof speechSynthesis === "undefined" ? undefined : speechSynthesis;
  const able = ref(false);
  const reading = ref(false);
  const look = (): void => void (able.value = engine?.getVoices().some(chinese) ?? false);
  look();
  engine?.addEventListener?.("voiceschanged", look);

  function read(text: string): void {
    const voice = engine?.getVoices().find(chinese);
    if (!engine || !voice || !text) return;
    engine.cancel();
    const words = new SpeechSynthesisUtterance(text);
    words.voice = voice;
    words.lang = voice.lang;
    words.onend = words.onerror = () => (reading.value = false);
    reading.value = true;
    engine.speak(words);
  }

  function stop(): void {
    reading.value = false;
    engine?.cancel();
  }

  onScopeDispose(() => {
    stop();
    engine?.removeEventListener?.("voiceschanged", look);
  });
  return { able, reading, read, stop };
}
