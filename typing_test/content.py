"""The content of a dictation paper: recordings, typed fields, expected answers; and its linter."""

from typing import Literal, Self

from pydantic import Field, model_validator

from server.core.contract import Content
from server.core.errors import Fault
from server.core.frozen import Frozen
from server.core.text import Text
from typing_test.counting import counted
from typing_test.policy import MAX_TYPED, CountingPolicy, FieldSpec, PlayerPolicy


class Answer(Frozen):
    """What must be typed, what else counts as right, and how the recording explains the spelling."""

    text: str = Field(min_length=1, max_length=MAX_TYPED)
    alternatives: tuple[str, ...] = ()
    hint: str = ""


class DictationAudio(Frozen):
    """听打录音 by SHA-256; `file` names it inside an import package; duration in ms."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    media_type: str = "audio/ogg; codecs=opus"
    duration_ms: int = Field(gt=0, le=30 * 60 * 1000)
    file: str = ""
    voice: str = ""
    speed: float = 1.0


class Item(Frozen):
    """One recording and the card (客户信息卡) it reads out; answers by field key."""

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")
    title: Text
    scored: bool = True
    level: Literal["easy", "middle", "hard"] = "middle"
    audio: DictationAudio
    answers: dict[str, Answer]
    tags: tuple[str, ...] = ()


class DictationContent(Content):
    """A paper of the module typing_test, schema version 1."""

    schema_version: Literal[1] = 1
    instructions: Text
    fields: tuple[FieldSpec, ...] = Field(min_length=1, max_length=20)
    items: tuple[Item, ...] = Field(min_length=1, max_length=200)
    player: PlayerPolicy = PlayerPolicy()
    counting: CountingPolicy = CountingPolicy()
    paste_allowed: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        keys = [spec.key for spec in self.fields]
        ids = [item.id for item in self.items]
        wrong = [f"字段 {key} 重复" for key in {k for k in keys if keys.count(k) > 1}]
        wrong += [f"条目 {id_} 重复" for id_ in {i for i in ids if ids.count(i) > 1}]
        for item in self.items:
            wrong += [f"条目 {item.id} 缺少字段 {key} 的答案" for key in keys if key not in item.answers]
            wrong += [f"条目 {item.id} 的答案 {key} 不在字段表中" for key in item.answers if key not in keys]
        if wrong:
            raise ValueError("；".join(sorted(wrong)))
        return self

    def item(self, item_id: str) -> Item | None:
        """The item of this id."""
        return next((item for item in self.items if item.id == item_id), None)


def check(content: DictationContent) -> list[Fault]:
    """The linter: doubtful things in a well-formed paper, with their paths."""
    faults = []
    seen: dict[tuple[str, ...], str] = {}
    for number, item in enumerate(content.items):
        for spec in content.fields:
            answer = item.answers[spec.key]
            path = f"items.{number}.answers.{spec.key}"
            if not counted(answer.text, spec, content.counting):
                text = Text(zh="按计字规则没有一个有效字", en="Nothing in it counts by the counting policy")
                faults.append(Fault(path=path, text=text))
            if len(answer.text) > spec.max_length:
                text = Text(zh=f"长于字段上限 {spec.max_length} 字", en=f"Longer than {spec.max_length} characters")
                faults.append(Fault(path=path, text=text))
        answers = tuple(item.answers[spec.key].text for spec in content.fields)
        if answers in seen:
            text = Text(zh=f"与条目 {seen[answers]} 的答案完全相同", en=f"Same answers as item {seen[answers]}")
            faults.append(Fault(path=f"items.{number}", text=text, severe=False))
        seen[answers] = item.id
    if not any(item.scored for item in content.items):
        text = Text(zh="没有计分条目，本卷只能热身", en="No scored item: good for warming up only")
        faults.append(Fault(path="items", text=text, severe=False))
    return faults


class SeatItem(Frozen):
    """An item without its answers."""

    id: str
    title: Text
    scored: bool
    audio_sha256: str
    media_type: str
    duration_ms: int


class SeatContent(Frozen):
    """What the contestant's page gets: no answer, no hint, no level."""

    title: Text
    instructions: Text
    fields: tuple[FieldSpec, ...]
    items: tuple[SeatItem, ...]
    player: PlayerPolicy
    paste_allowed: bool


def seat_content(content: DictationContent) -> SeatContent:
    """The content as a contestant may see it."""
    return SeatContent(
        title=content.title,
        instructions=content.instructions,
        fields=content.fields,
        items=tuple(
            SeatItem(
                id=item.id,
                title=item.title,
                scored=item.scored,
                audio_sha256=item.audio.sha256,
                media_type=item.audio.media_type,
                duration_ms=item.audio.duration_ms,
            )
            for item in content.items
        ),
        player=content.player,
        paste_allowed=content.paste_allowed,
    )
