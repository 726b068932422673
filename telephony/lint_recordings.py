"""Recordings of a voice task: made, of the text as it stands, heard, confirmed, and of a fitting length (ms)."""

from collections.abc import Iterator, Mapping

from server.core.authoring import DraftAudio
from server.core.errors import Fault
from server.speech.engines import SpeechError
from telephony import reading
from telephony.draft import DraftLine, TelephonyDraft
from telephony.lint_faults import doubt, wrong

# Voices and people say 3 to 6 syllables a second; the edges of a file are silent.
_LEAST_MS = 110
_MOST_MS = 600
_EDGES_MS = 3_000
_MOST_CLIPPED = 20
_LEAST_RMS_DBFS = -38.0
_LEAST_PEAK_DBFS = -24.0


def recordings(draft: TelephonyDraft, text_sha256: Mapping[str, str]) -> Iterator[Fault]:
    """`text_sha256` of what each line should say, by the id of its recording."""
    for name, path, line in draft.recordings():
        yield from _readable(line, path)
        if line.audio is None:
            yield wrong(
                f"{path}.audio",
                "没有录音：请用语音合成、现场录制或上传录音文件",
                "There is no recording: let a voice read it, record it or upload one",
            )
            continue
        yield from _recording(line, line.audio, text_sha256[name], f"{path}.audio")


def syllables(text: str) -> int:
    """How many characters a text has when it is spoken; its own where there is no rule."""
    try:
        said = "".join(segment.text for segment in reading.script(text, {}))
    except SpeechError:
        said = text
    return sum(character.isalnum() for character in said)


def _recording(line: DraftLine, audio: DraftAudio, text_sha256: str, path: str) -> Iterator[Fault]:
    if audio.text_sha256 not in ("", text_sha256):
        yield wrong(
            path,
            "录音之后文字有改动：请重新合成、重录，或核对后再次试听并确认",
            "The text was changed after the recording: make it anew, or listen again and confirm",
        )
    elif not audio.confirmed:
        yield wrong(path, "录音还没有试听并确认", "Nobody has listened to the recording and confirmed it")
    if audio.readings != 1:
        yield wrong(
            path,
            "录音把台词说了两遍，客户只说一遍：请按“一遍”重新做录音",
            "The recording says the line twice, a customer says it once: make it anew",
        )
    length = syllables(line.text)
    seconds = f"{audio.duration_ms / 1000:.1f}"
    if length and audio.duration_ms < length * _LEAST_MS:
        yield doubt(
            path,
            f"录音只有 {seconds} 秒，读不完 {length} 个字：请核对录音是否完整",
            f"{seconds} s can't hold {length} syllables: is the recording whole?",
        )
    elif length and audio.duration_ms > length * _MOST_MS + _EDGES_MS:
        yield doubt(
            path,
            f"录音长达 {seconds} 秒，远多于 {length} 个字所需：请核对是否录进了别的内容",
            f"{seconds} s is far more than {length} syllables need: does it hold something else?",
        )
    if audio.clipped_samples > _MOST_CLIPPED:
        yield doubt(
            path,
            "录音音量过大，有削波失真：请降低音量重录",
            "The recording is clipped: record it again at a lower level",
        )
    if audio.rms_dbfs < _LEAST_RMS_DBFS or audio.peak_dbfs < _LEAST_PEAK_DBFS:
        yield doubt(
            path, "录音音量过小：请靠近话筒重录", "The recording is too quiet: record it closer to the microphone"
        )


def _readable(line: DraftLine, path: str) -> Iterator[Fault]:
    """What can't be read out; never severe, since people can record."""
    if line.audio is not None and line.audio.source != "tts":
        return
    if line.text.strip() and (unsaid := reading.unsayable(line.text)):
        yield doubt(
            f"{path}.text",
            f"“{unsaid}”没有朗读规则，不能用语音合成：请改写成汉字，或者自己录音",
            f"No rule says how to read {unsaid!r}: write it in Chinese characters, or record it yourself",
        )
    for phrase, pinyin in line.readings.items():
        if not reading.is_reading(phrase, pinyin):
            yield doubt(
                f"{path}.readings",
                f"“{phrase}”的读音“{pinyin}”不对：每个字一个带声调数字的拼音，例如 单: shan4",
                f"The reading {pinyin!r} of {phrase!r} is wrong: one numbered syllable a character, such as 单: shan4",
            )
