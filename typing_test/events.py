"""Events of a dictation, version 1. Each carries what its fold needs: replay never looks at a clock."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, TypeAdapter

from server.core.events import Event


class FieldSaved(Event):
    """What stood in a field: the raw text, its revision, whether an input method was composing."""

    type: Literal["typing_test.field_saved"] = "typing_test.field_saved"
    v: Literal[1] = 1
    item: str
    field: str
    text: str
    rev: int
    composing: bool = False
    largest_insert: int = 0


class ItemOpened(Event):
    """The contestant went to an item."""

    type: Literal["typing_test.item_opened"] = "typing_test.item_opened"
    v: Literal[1] = 1
    item: str


class PlayerActed(Event):
    """The player did something; `listened_ms` is the listening that ended with it, `since_ms` the net time
    at which listening began or went on (None when the recording now stands still)."""

    moments: ClassVar[frozenset[str]] = frozenset({"since_ms"})

    type: Literal["typing_test.player_acted"] = "typing_test.player_acted"
    v: Literal[1] = 1
    item: str
    act: Literal["play", "pause", "seek", "ended", "failed"]
    position_ms: int
    to_ms: int | None = None
    listened_ms: int = Field(default=0, ge=0)
    since_ms: int | None = None


class InputWasBlocked(Event):
    """The page stopped a paste, drop, copy, cut or context menu; `length` in characters."""

    type: Literal["typing_test.input_blocked"] = "typing_test.input_blocked"
    v: Literal[1] = 1
    item: str
    field: str
    kind: Literal["paste", "drop", "copy", "cut", "contextmenu"]
    length: int = 0


DictationEvent = FieldSaved | ItemOpened | PlayerActed | InputWasBlocked

_adapter: TypeAdapter[DictationEvent] = TypeAdapter(Annotated[DictationEvent, Field(discriminator="type")])


def parse_event(raw: Mapping[str, Any]) -> DictationEvent:
    """A journalled payload as an event of today; version 1 is the newest, so nothing is raised yet."""
    return _adapter.validate_python(raw)
