"""What a trainee sees of a paper before taking it."""

from typing import Literal

from pydantic import Field

from server.core.frozen import Frozen
from server.core.text import Text

PaperKind = Literal["warmup", "lesson", "contest"]


class PaperView(Frozen):
    """A paper in the list; duration in ms."""

    paper_id: str
    module: str
    module_title: Text
    title: Text
    kind: PaperKind
    parts: int
    duration_ms: int
    visible_from_ms: int | None
    """From when on people may practise it; None for never."""


class ChangePaper(Frozen):
    """Publish a paper for practice from a moment on (UTC epoch ms); None hides it."""

    visible_from_ms: int | None = Field(ge=0, lt=2**53)
