"""The authoring side of voice tasks: drafts, fictitious cases, what a voice reads, tables."""

from collections.abc import Mapping, Sequence

from server.core.authoring import DraftAudio, Script, TableColumn, TableSheet, TableTask
from server.core.contract import Part
from server.core.errors import Fault
from server.core.frozen import canonical_json, sha256_hex
from server.core.text import Text
from server.speech.engines import SpeechError
from telephony import converting, converting_papers, invent, invent_blank, lint, reading, rows
from telephony.content import TelephonyContent
from telephony.draft import DraftInbound, DraftOutbound, TelephonyDraft, lines_of
from telephony.lint_faults import wrong

_OPENING = Text(zh="接通时的话", en="Opening")
_IMPATIENT = Text(zh="失去耐心时的话", en="Out of patience")
_ENDINGS = {
    "deal": Text(zh="成交时的话", en="Ending: deal"),
    "interest": Text(zh="有意向时的话", en="Ending: interest"),
    "refusal": Text(zh="拒绝时的话", en="Ending: refusal"),
}


class TelephonyAuthor:
    """Satisfies `server.core.authoring.Author`."""

    draft_type = TelephonyDraft
    columns: Sequence[TableColumn] = rows.COLUMNS
    example = rows.EXAMPLE
    sheets: Sequence[TableSheet] = ()
    readings = 1

    def blank(self, title: Text) -> TelephonyDraft:
        """An inbound call of one empty turn."""
        return invent_blank.blank(title)

    def parts(self, draft: TelephonyDraft) -> Sequence[Part]:
        """呼入, 呼出, 复述, 总结."""
        return [Part(id=part.id, title=part.title) for part in draft.parts]

    def lines(self, draft: TelephonyDraft) -> Sequence[Part]:
        """Everything that the other side says, under "<part>.<line>"."""
        return [
            Part(id=f"{part.id}.{name}", title=_line_title(part, place, number))
            for part in draft.parts
            for number, (name, place, _) in enumerate(lines_of(part), start=1)
        ]

    def invent(self, draft: TelephonyDraft, part: str, seed: int) -> TelephonyDraft:
        """A fictitious case in a part of its kind, with its articles and records; its recordings are dropped."""
        return invent.invent(draft, part, seed)

    def text_sha256(self, draft: TelephonyDraft, line: str) -> str:
        """Of the text and its readings."""
        _, said = draft.recording(line)
        return sha256_hex(canonical_json([said.text, said.readings]))

    def script(self, draft: TelephonyDraft, line: str) -> Script:
        """See `telephony.reading`; raises Invalid for a line that is empty or has no rule."""
        path, said = draft.recording(line)
        if not said.text.strip():
            raise converting.refusal(
                Text(zh="没有台词，不能朗读", en="There is no text to read out"),
                [wrong(f"{path}.text", "没有填写台词", "The line's text is missing")],
            )
        if wrong_readings := [key for key, pinyin in said.readings.items() if not reading.is_reading(key, pinyin)]:
            text = f"读音不对：{'、'.join(wrong_readings)}"
            raise converting.refusal(
                Text(zh=text, en=f"Wrong readings: {', '.join(wrong_readings)}"),
                [wrong(f"{path}.readings", text, f"Wrong readings: {', '.join(wrong_readings)}")],
            )
        try:
            segments = reading.script(said.text, said.readings)
        except SpeechError as error:
            zh = f"台词中的“{error}”没有朗读规则：请改写成汉字，或者自己录音"
            en = f"No rule says how to read {str(error)!r}: write it in Chinese characters, or record it yourself"
            raise converting.refusal(Text(zh=zh, en=en), [wrong(f"{path}.text", zh, en)]) from error
        return Script((), segments, (), 0)

    def audio(self, draft: TelephonyDraft, line: str) -> DraftAudio | None:
        """The recording of a line."""
        return draft.recording(line)[1].audio

    def with_audio(self, draft: TelephonyDraft, line: str, audio: DraftAudio | None) -> TelephonyDraft:
        """The draft with another recording of a line, or with none."""
        return draft.with_line(line, draft.recording(line)[1].model_copy(update={"audio": audio}))

    def pictures(self, draft: TelephonyDraft) -> Mapping[str, str]:
        """There are none."""
        return {}

    def faults(self, draft: TelephonyDraft) -> list[Fault]:
        """See `telephony.lint.faults`."""
        return lint.faults(draft, {name: self.text_sha256(draft, name) for name, _, _ in draft.recordings()})

    def content(self, draft: TelephonyDraft) -> TelephonyContent:
        """See `telephony.converting.content`."""
        return converting.content(draft, self.faults(draft))

    def trial(self, draft: TelephonyDraft, part: str | None) -> TelephonyContent:
        """The whole draft, without a fault."""
        return self.content(draft)

    def plan(self, content: TelephonyContent) -> None:
        """What comes, comes when the contestant asks for it."""
        return None

    def draft(self, content: TelephonyContent) -> TelephonyDraft:
        """See `telephony.converting.draft`."""
        made = converting.draft(content)
        for name, _, line in list(made.recordings()):
            if line.audio is not None:
                named = line.audio.model_copy(update={"text_sha256": self.text_sha256(made, name)})
                made = self.with_audio(made, name, named)
        return made

    def combine(self, contents: Sequence[TelephonyContent], title: Text, duration_ms: int) -> TelephonyContent:
        """See `telephony.converting_papers.combine`."""
        return converting_papers.combine(contents, title, duration_ms)

    def rows(self, draft: TelephonyDraft, part: str) -> Sequence[dict[str, str]]:
        """See `telephony.rows.rows`."""
        return rows.rows(draft, draft.part(part))

    def from_table(self, table: Sequence[Mapping[str, str]]) -> Sequence[TableTask]:
        """See `telephony.rows.from_table`."""
        return rows.from_table(table)


def _line_title(part: object, place: str, number: int) -> Text:
    last = place.rpartition(".")[2]
    if isinstance(part, DraftInbound):
        turn = int(place.split(".")[1]) + 1
        return Text(zh=f"第 {turn} 轮客户的话", en=f"Customer, turn {turn}")
    if not isinstance(part, DraftOutbound):
        return Text(zh="要复述的录音", en="To be retold")
    if place.startswith("persona.lines"):
        return Text(zh=f"台词 {int(last) + 1}", en=f"Line {int(last) + 1}")
    if place.startswith("persona.nudges"):
        return Text(zh=f"催促 {int(last) + 1}", en=f"Nudge {int(last) + 1}")
    return _ENDINGS.get(last) or (_OPENING if last == "opening" else _IMPATIENT)


author = TelephonyAuthor()
