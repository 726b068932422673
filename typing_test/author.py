"""The authoring side of dictation: drafts, fictitious cards, what a voice reads, tables."""

from collections.abc import Mapping, Sequence

from server.core.authoring import DraftAudio, Script, TableColumn, TableSheet, TableTask
from server.core.contract import Part
from server.core.errors import Fault, Invalid
from server.core.frozen import canonical_json, sha256_hex
from server.core.text import Text
from server.speech.engines import SpeechError
from typing_test import converting, fictitious, lint, reading, rows, standard
from typing_test.content import DictationContent
from typing_test.draft import DictationDraft, DraftItem


class DictationAuthor:
    """Satisfies `server.core.authoring.Author`."""

    draft_type = DictationDraft
    columns: Sequence[TableColumn] = rows.COLUMNS
    example = rows.EXAMPLE
    sheets: Sequence[TableSheet] = ()
    readings = 2

    def blank(self, title: Text) -> DictationDraft:
        """See `typing_test.standard.blank`."""
        return standard.blank(title)

    def parts(self, draft: DictationDraft) -> Sequence[Part]:
        """The items."""
        return [Part(id=item.id, title=item.title) for item in draft.items]

    def lines(self, draft: DictationDraft) -> Sequence[Part]:
        """The items: each is one recording."""
        return self.parts(draft)

    def invent(self, draft: DictationDraft, part: str, seed: int) -> DictationDraft:
        """A fictitious card of the item's level that shares nothing with the other items."""
        item = draft.item(part)
        taken = {answer.text for other in draft.items if other.id != part for answer in other.answers.values()}
        card = fictitious.card(seed, item.level, taken)
        answers = {spec.key: card.answers.get(spec.kind, item.answers[spec.key]) for spec in draft.fields}
        update = {"answers": answers, "tags": card.tags, "audio": None}
        return draft.replaced(item.model_copy(update=update))

    def text_sha256(self, draft: DictationDraft, line: str) -> str:
        """Of the labels, answers, explanations and readings, in the order of the form."""
        item = draft.item(line)
        said = [
            [spec.kind, spec.label.zh, answer.text, answer.hint, answer.readings]
            for spec in draft.fields
            if (answer := item.answers[spec.key])
        ]
        return sha256_hex(canonical_json(said))

    def script(self, draft: DictationDraft, line: str) -> Script:
        """See `typing_test.reading`; raises Invalid with every text that is missing or has no rule."""
        item = draft.item(line)
        number = draft.items.index(item)
        if found := _unreadable(draft, item, f"items.{number}.answers"):
            raise converting.refusal(
                Text(zh="有的文字不能朗读，请先修改", en="Some texts can't be read out; mend them first"), found
            )
        lines = [
            reading.Line(spec.kind, spec.label.zh, answer.text, answer.hint)
            for spec in draft.fields
            if (answer := item.answers[spec.key])
        ]
        readings = {phrase: said for answer in item.answers.values() for phrase, said in answer.readings.items()}
        try:
            segments = reading.card(lines, readings)
        except SpeechError as error:
            raise Invalid(Text(zh=f"有的文字不能朗读：{error}", en=f"Some text can't be read out: {error}")) from error
        return Script(reading.OPENING, segments, reading.REPEAT, reading.BETWEEN_READINGS_MS)

    def audio(self, draft: DictationDraft, line: str) -> DraftAudio | None:
        """The recording of an item."""
        return draft.item(line).audio

    def with_audio(self, draft: DictationDraft, line: str, audio: DraftAudio | None) -> DictationDraft:
        """The draft with another recording of an item, or with none."""
        return draft.replaced(draft.item(line).model_copy(update={"audio": audio}))

    def pictures(self, draft: DictationDraft) -> Mapping[str, str]:
        """There are none."""
        return {}

    def faults(self, draft: DictationDraft) -> list[Fault]:
        """See `typing_test.lint.faults`."""
        return lint.faults(draft, {item.id: self.text_sha256(draft, item.id) for item in draft.items})

    def content(self, draft: DictationDraft) -> DictationContent:
        """See `typing_test.converting.content`."""
        return converting.content(draft, self.faults(draft))

    def trial(self, draft: DictationDraft, part: str | None) -> DictationContent:
        """The whole draft, without a fault."""
        return self.content(draft)

    def plan(self, content: DictationContent) -> None:
        """What comes, comes when the contestant asks for it."""
        return None

    def draft(self, content: DictationContent) -> DictationDraft:
        """See `typing_test.converting.draft`."""
        made = converting.draft(content)
        for item in made.items:
            if item.audio is not None:
                named = item.audio.model_copy(update={"text_sha256": self.text_sha256(made, item.id)})
                made = self.with_audio(made, item.id, named)
        return made

    def combine(self, contents: Sequence[DictationContent], title: Text, duration_ms: int) -> DictationContent:
        """See `typing_test.converting.combine`."""
        return converting.combine(contents, title, duration_ms)

    def rows(self, draft: DictationDraft, part: str) -> Sequence[dict[str, str]]:
        """One row, see `typing_test.rows.row`."""
        return [rows.row(draft, draft.item(part))]

    def from_table(self, table: Sequence[Mapping[str, str]]) -> Sequence[TableTask]:
        """A card a row, see `typing_test.rows.from_row`."""
        return [rows.from_row(cells, number) for number, cells in enumerate(table)]


def _unreadable(draft: DictationDraft, item: DraftItem, path: str) -> list[Fault]:
    found = []
    for spec in draft.fields:
        answer = item.answers[spec.key]
        here = f"{path}.{spec.key}"
        if not answer.text.strip():
            text = Text(zh=f"没有填写{spec.label.zh}", en=f"{spec.label.en or spec.key} is missing")
            found.append(Fault(path=f"{here}.text", text=text))
        found.extend(
            fault.model_copy(update={"severe": True})
            for fault in reading.faults(spec, answer.text.strip(), answer.hint, answer.readings, here)
        )
    return found


author = DictationAuthor()
