"""What a dictation page asks for."""

from typing import Annotated, Literal

from pydantic import Field

from server.core.contract import Command
from typing_test.policy import MAX_TYPED


class SaveField(Command):
    """What stands in a field now; `rev` grows with every save of that field, so that a late one can't undo."""

    type: Literal["typing_test.save_field"]
    item: str = Field(max_length=32)
    field: str = Field(max_length=32)
    text: str = Field(max_length=MAX_TYPED)
    rev: int = Field(ge=1, le=2**31)
    composing: bool = False
    """Whether an input method was composing at that instant: the text holds its preedit string."""
    largest_insert: int = Field(default=0, ge=0, le=MAX_TYPED)
    """Most characters that one input or composition brought since the last save."""


class OpenItem(Command):
    """The contestant went to an item."""

    type: Literal["typing_test.open_item"]
    item: str = Field(max_length=32)


class PlayerAct(Command):
    """The player did something at `position_ms` of the recording; `to_ms` for a seek."""

    type: Literal["typing_test.player"]
    item: str = Field(max_length=32)
    act: Literal["play", "pause", "seek", "ended", "failed"]
    position_ms: int = Field(ge=0, le=2**31)
    to_ms: int | None = Field(default=None, ge=0, le=2**31)


class InputBlocked(Command):
    """The page stopped a paste, drop, copy, cut or context menu; `length` in characters where known."""

    type: Literal["typing_test.blocked"]
    item: str = Field(max_length=32)
    field: str = Field(max_length=32)
    kind: Literal["paste", "drop", "copy", "cut", "contextmenu"]
    length: int = Field(default=0, ge=0, le=2**31)


DictationCommand = Annotated[SaveField | OpenItem | PlayerAct | InputBlocked, Field(discriminator="type")]
