"""A dictation that is being written: of the shape of its content, but anything may still be missing."""

from typing import Literal, Self

from pydantic import Field, model_validator

from server.core.authoring import Draft, DraftAudio
from server.core.errors import Invalid
from server.core.frozen import Frozen
from server.core.text import Text
from typing_test.policy import MAX_TYPED, CountingPolicy, FieldSpec, PlayerPolicy


class DraftAnswer(Frozen):
    """What must be typed, what else counts, how the recording explains it, and readings it would get wrong.

    `readings` are words or names with their pinyin, one numbered syllable a character (单: shan4).
    """

    text: str = Field(default="", max_length=MAX_TYPED)
    alternatives: tuple[str, ...] = Field(default=(), max_length=20)
    hint: str = Field(default="", max_length=500)
    readings: dict[str, str] = Field(default_factory=dict, max_length=20)


class DraftItem(Frozen):
    """A card (客户信息卡) and the recording that reads it out, once there is one."""

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")
    title: Text
    scored: bool = True
    level: Literal["easy", "middle", "hard"] = "middle"
    audio: DraftAudio | None = None
    answers: dict[str, DraftAnswer]
    tags: tuple[str, ...] = Field(default=(), max_length=20)


class DictationDraft(Draft):
    """A draft of the module typing_test."""

    instructions: Text
    fields: tuple[FieldSpec, ...] = Field(min_length=1, max_length=20)
    items: tuple[DraftItem, ...] = Field(min_length=1, max_length=50)
    player: PlayerPolicy = PlayerPolicy()
    counting: CountingPolicy = CountingPolicy()
    paste_allowed: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        keys = [spec.key for spec in self.fields]
        ids = [item.id for item in self.items]
        if len(set(keys)) < len(keys) or len(set(ids)) < len(ids):
            raise ValueError("字段或条目的编号重复 (a field's key or an item's id stands there twice)")
        if any(set(item.answers) != set(keys) for item in self.items):
            raise ValueError("每一条都要有全部字段 (every item needs every field)")
        return self

    def item(self, item_id: str) -> DraftItem:
        """The item of this id; raises Invalid."""
        for item in self.items:
            if item.id == item_id:
                return item
        raise Invalid(Text(zh=f"没有条目 {item_id}", en=f"No item {item_id!r}"))

    def replaced(self, item: DraftItem) -> Self:
        """The draft with another item in the place of the one with the same id."""
        return self.model_copy(update={"items": tuple(item if one.id == item.id else one for one in self.items)})
