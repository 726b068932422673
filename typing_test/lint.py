"""The linter of drafts: what is missing or can't be right (severe), what is doubtful, by the draft's paths."""

from collections.abc import Iterator

from server.core.authoring import DraftAudio
from server.core.errors import Fault
from server.core.text import Text
from typing_test import explaining, forms, reading
from typing_test.counting import counted, read
from typing_test.draft import DictationDraft, DraftAnswer, DraftItem
from typing_test.policy import FieldKind, FieldSpec

_ONCE: tuple[FieldKind, ...] = ("name", "address", "phone", "email")
"""Kinds of fields that differ from card to card."""

# The demo's recordings take 455 to 535 ms a typed character and reading; nobody speaks thrice as fast.
_LEAST_MS = 150
_MOST_MS = 1300
_EXTRA_MS = 15_000
_MOST_CLIPPED = 20
_LEAST_RMS_DBFS = -38.0
_LEAST_PEAK_DBFS = -24.0


def faults(draft: DictationDraft, text_sha256: dict[str, str]) -> list[Fault]:
    """Everything; `text_sha256` of what a recording should say, by item id."""
    found = []
    if not draft.title.zh.strip():
        found.append(_wrong("title", "没有标题：请给这道题起一个名字", "There is no title: give the task a name"))
    for number, item in enumerate(draft.items):
        for spec in draft.fields:
            found.extend(_answer(draft, item, spec, f"items.{number}.answers.{spec.key}"))
        found.extend(_postcode(draft, item, f"items.{number}.answers"))
        found.extend(_recording(draft, item, text_sha256[item.id], f"items.{number}.audio"))
    return [*found, *_duplicates(draft)]


def _answer(draft: DictationDraft, item: DraftItem, spec: FieldSpec, path: str) -> Iterator[Fault]:
    answer = item.answers[spec.key]
    if not answer.text.strip():
        yield _wrong(f"{path}.text", f"没有填写{spec.label.zh}", f"{spec.label.en or spec.key} is missing")
        return
    severe = list(_severe(draft, answer.text, spec, f"{path}.text"))
    yield from severe
    if not severe and (dropped := "".join(read(answer.text.strip(), spec, draft.counting).ignored)):
        yield _doubt(
            f"{path}.text",
            f"“{dropped}”不计字，选手录不录都一样：不需要的话请删去",
            f"{dropped!r} doesn't count, typed or not: remove it unless you want it",
        )
    yield from _alternatives(draft, answer, spec, path)
    for text in explaining.doubts(spec.kind, answer.text, answer.hint):
        yield Fault(path=f"{path}.hint", text=text, severe=False)
    for fault in reading.faults(spec, answer.text, answer.hint, answer.readings, path):
        if not severe or fault.path != f"{path}.text":
            yield fault


def _severe(draft: DictationDraft, text: str, spec: FieldSpec, path: str) -> Iterator[Fault]:
    if not counted(text, spec, draft.counting):
        yield _wrong(path, "按计字规则没有一个有效字", "Nothing in it counts by the counting policy")
    elif len(text) > spec.max_length:
        yield _wrong(path, f"长于字段上限 {spec.max_length} 字", f"Longer than {spec.max_length} characters")
    elif form := forms.fault(spec.kind, text):
        yield Fault(path=path, text=form)


def _alternatives(draft: DictationDraft, answer: DraftAnswer, spec: FieldSpec, path: str) -> Iterator[Fault]:
    seen = {counted(answer.text, spec, draft.counting)}
    for number, wording in enumerate(answer.alternatives):
        counts = counted(wording, spec, draft.counting)
        here = f"{path}.alternatives.{number}"
        if not counts:
            yield _wrong(here, "按计字规则没有一个有效字，请删去", "Nothing in it counts, remove it")
        elif len(wording) > spec.max_length:
            yield _wrong(here, f"长于字段上限 {spec.max_length} 字", f"Longer than {spec.max_length} characters")
        elif counts in seen:
            yield _doubt(
                here,
                "计字时与前面的写法完全相同，可以删去",
                "Counts the same as a wording before it, so it can go",
            )
        seen.add(counts)


def _postcode(draft: DictationDraft, item: DraftItem, path: str) -> Iterator[Fault]:
    address = next((item.answers[spec.key].text for spec in draft.fields if spec.kind == "address"), "")
    for spec in draft.fields:
        postcode = item.answers[spec.key].text
        if spec.kind != "postcode" or not (address.strip() and postcode.strip()) or forms.fault("postcode", postcode):
            continue
        if text := forms.postcode_doubt(address, postcode):
            yield Fault(path=f"{path}.{spec.key}.text", text=text, severe=False)


def _recording(draft: DictationDraft, item: DraftItem, text_sha256: str, path: str) -> Iterator[Fault]:
    audio = item.audio
    if audio is None:
        yield _wrong(
            path,
            "没有录音：请用语音合成、现场录制或上传录音文件",
            "There is no recording: let a voice read it, record it or upload one",
        )
        return
    if audio.text_sha256 not in ("", text_sha256):
        yield _wrong(
            path,
            "录音之后文字有改动：请重新合成、重录，或核对后再次试听并确认",
            "The text was changed after the recording: make it anew, or listen again and confirm",
        )
    elif not audio.confirmed:
        yield _wrong(path, "录音还没有试听并确认", "Nobody has listened to the recording and confirmed it")
    yield from _length(draft, item, audio, path)
    if audio.clipped_samples > _MOST_CLIPPED:
        yield _doubt(
            path,
            "录音音量过大，有削波失真：请降低音量重录",
            "The recording is clipped: record it again at a lower level",
        )
    if audio.rms_dbfs < _LEAST_RMS_DBFS or audio.peak_dbfs < _LEAST_PEAK_DBFS:
        yield _doubt(
            path, "录音音量过小：请靠近话筒重录", "The recording is too quiet: record it closer to the microphone"
        )


def _length(draft: DictationDraft, item: DraftItem, audio: DraftAudio, path: str) -> Iterator[Fault]:
    typed = sum(len(counted(item.answers[spec.key].text, spec, draft.counting)) for spec in draft.fields)
    said = typed + sum(len(answer.hint) for answer in item.answers.values())
    seconds = f"{audio.duration_ms / 1000:.0f}"
    if audio.duration_ms < typed * _LEAST_MS * audio.readings:
        yield _doubt(
            path,
            f"录音只有 {seconds} 秒，读不完 {typed} 字 {audio.readings} 遍：请核对录音是否完整",
            f"{seconds} s can't hold {typed} characters read {audio.readings} times: is the recording whole?",
        )
    elif audio.duration_ms > (said * _MOST_MS + _EXTRA_MS) * audio.readings:
        yield _doubt(
            path,
            f"录音长达 {seconds} 秒，远多于读 {typed} 字所需：请核对是否录进了别的内容",
            f"{seconds} s is far more than {typed} characters need: does it hold something else?",
        )


def _duplicates(draft: DictationDraft) -> Iterator[Fault]:
    for spec in draft.fields:
        if spec.kind not in _ONCE:
            continue
        seen: dict[str, DraftItem] = {}
        for number, item in enumerate(draft.items):
            counts = counted(item.answers[spec.key].text, spec, draft.counting)
            if counts and counts in seen:
                first = seen[counts]
                yield _doubt(
                    f"items.{number}.answers.{spec.key}.text",
                    f"与“{first.title.zh}”的{spec.label.zh}相同",
                    f"Same as in {first.title.en or first.id}",
                )
            seen.setdefault(counts, item)


def _wrong(path: str, zh: str, en: str) -> Fault:
    return Fault(path=path, text=Text(zh=zh, en=en))


def _doubt(path: str, zh: str, en: str) -> Fault:
    return Fault(path=path, text=Text(zh=zh, en=en), severe=False)
