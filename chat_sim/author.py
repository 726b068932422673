"""The authoring side of 在线服务: drafts, fictitious customers, trials, tables. No sound: a draft has no lines."""

from collections.abc import Mapping, Sequence
from typing import NoReturn

from chat_sim import blank, converting, converting_papers, invent, lint, reading, rows
from chat_sim import columns as table
from chat_sim import plan as plan_
from chat_sim.content import ChatContent
from chat_sim.draft import ChatDraft
from chat_sim.lint_shape import shape
from chat_sim.plan import FairPlan
from server.core.authoring import DraftAudio, Script, TableColumn, TableSheet, TableTask
from server.core.contract import Part
from server.core.errors import Fault, Invalid
from server.core.text import Text

TRIAL_ARRIVES_MS = 1_000
"""When the one customer of a trial comes."""


class ChatAuthor:
    """Satisfies `server.core.authoring.Author`."""

    draft_type = ChatDraft
    columns: Sequence[TableColumn] = table.COLUMNS
    sheets: Sequence[TableSheet] = table.SHEETS
    example = table.EXAMPLE
    readings = 1

    def blank(self, title: Text) -> ChatDraft:
        """See `chat_sim.blank.blank`."""
        return blank.blank(title)

    def parts(self, draft: ChatDraft) -> Sequence[Part]:
        """The customers."""
        return [Part(id=persona.id, title=Text(zh=persona.name)) for persona in draft.personas]

    def lines(self, draft: ChatDraft) -> Sequence[Part]:
        """Nothing is spoken."""
        return []

    def invent(self, draft: ChatDraft, part: str, seed: int) -> ChatDraft:
        """See `chat_sim.invent.invent`."""
        return invent.invent(draft, part, seed)

    def text_sha256(self, draft: ChatDraft, line: str) -> str:
        """There is no line: raises Invalid."""
        _no_line(line)

    def script(self, draft: ChatDraft, line: str) -> Script:
        """There is no line: raises Invalid."""
        _no_line(line)

    def audio(self, draft: ChatDraft, line: str) -> DraftAudio | None:
        """There is no line: raises Invalid."""
        _no_line(line)

    def with_audio(self, draft: ChatDraft, line: str, audio: DraftAudio | None) -> ChatDraft:
        """There is no line: raises Invalid."""
        _no_line(line)

    def pictures(self, draft: ChatDraft) -> Mapping[str, str]:
        """Pictures of products and of customers."""
        return {picture.sha256: picture.media_type for picture in draft.pictures()}

    def faults(self, draft: ChatDraft) -> list[Fault]:
        """See `chat_sim.lint.faults`."""
        return lint.faults(draft)

    def content(self, draft: ChatDraft) -> ChatContent:
        """See `chat_sim.converting.content`."""
        return converting.content(draft, self.faults(draft))

    def trial(self, draft: ChatDraft, part: str | None) -> ChatContent:
        """One customer who comes at once, or all as they come; whatever is missing of it is refused."""
        if part is None:
            return converting.shaped(draft)
        persona = draft.persona(part)
        only = draft.model_copy(update={"personas": (persona.model_copy(update={"arrives_ms": TRIAL_ARRIVES_MS}),)})
        made, missing = shape(ChatContent, converting.data_of(only))
        if isinstance(made, ChatContent):
            return made
        number = draft.personas.index(persona)
        raise converting.refusal(
            Text(zh="这位客户或店铺还没有填完，不能试聊", en="Something of this customer or of the shop is missing"),
            [_of_draft(fault, number) for fault in missing],
        )

    def plan(self, content: ChatContent) -> FairPlan:
        """See `chat_sim.plan.plan`."""
        return plan_.plan(content)

    def draft(self, content: ChatContent) -> ChatDraft:
        """See `chat_sim.converting.draft`."""
        return converting.draft(content)

    def combine(self, contents: Sequence[ChatContent], title: Text, duration_ms: int) -> ChatContent:
        """See `chat_sim.converting_papers.combine`."""
        return converting_papers.combine(contents, title, duration_ms)

    def rows(self, draft: ChatDraft, part: str) -> Sequence[dict[str, str]]:
        """See `chat_sim.rows.rows`."""
        return rows.rows(draft, part)

    def from_table(self, table: Sequence[Mapping[str, str]]) -> Sequence[TableTask]:
        """See `chat_sim.reading.from_table`."""
        return reading.from_table(table)


def _of_draft(fault: Fault, number: int) -> Fault:
    """A fault of the only customer of a trial, where it stands in the draft."""
    if not fault.path.startswith("personas.0"):
        return fault
    return fault.model_copy(update={"path": f"personas.{number}{fault.path[len('personas.0') :]}"})


def _no_line(line: str) -> NoReturn:
    raise Invalid(Text(zh=f"在线服务没有录音，也没有 {line}", en=f"Online chat has no sound and no line {line!r}"))


author = ChatAuthor()
