"""Drafts to contents and back, and several contents to one."""

from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import ValidationError

from server.core.authoring import DraftAudio
from server.core.errors import Fault, Invalid, faults_of
from server.core.text import Text
from typing_test.content import Answer, DictationAudio, DictationContent, Item
from typing_test.draft import DictationDraft, DraftAnswer, DraftItem
from typing_test.standard import item_id, item_title

_MOST_ITEMS = 200
_ALIKE: tuple[tuple[Literal["fields", "player", "counting", "paste_allowed"], Text], ...] = (
    ("fields", Text(zh="字段", en="fields")),
    ("player", Text(zh="播放设置", en="player settings")),
    ("counting", Text(zh="计字规则", en="counting policy")),
    ("paste_allowed", Text(zh="是否允许粘贴", en="permission to paste")),
)


def content(draft: DictationDraft, found: Sequence[Fault]) -> DictationContent:
    """The content that a draft makes, without what only its author needs; raises Invalid with every severe fault."""
    severe = [fault for fault in found if fault.severe]
    if severe:
        raise refusal(
            Text(zh=f"题目还有 {len(severe)} 处必须修改", en=f"{len(severe)} faults keep the task from being used"),
            severe,
        )
    return DictationContent(
        title=draft.title,
        duration_ms=draft.duration_ms,
        instructions=draft.instructions,
        fields=draft.fields,
        items=tuple(_items(draft)),
        player=draft.player,
        counting=draft.counting,
        paste_allowed=draft.paste_allowed,
    )


def _items(draft: DictationDraft) -> Iterator[Item]:
    for item in draft.items:
        if item.audio is None:
            continue
        yield Item(
            id=item.id,
            title=item.title,
            scored=item.scored,
            level=item.level,
            audio=DictationAudio(
                sha256=item.audio.sha256,
                media_type=item.audio.media_type,
                duration_ms=item.audio.duration_ms,
                voice=item.audio.voice,
                speed=item.audio.speed,
            ),
            answers={
                key: Answer(text=answer.text, alternatives=answer.alternatives, hint=answer.hint)
                for key, answer in item.answers.items()
            },
            tags=item.tags,
        )


def draft(given: DictationContent) -> DictationDraft:
    """A content as a draft: its recordings count as uploaded and confirmed. Raises Invalid beyond a draft's limits."""
    try:
        return DictationDraft(
            title=given.title,
            duration_ms=given.duration_ms,
            instructions=given.instructions,
            fields=given.fields,
            items=tuple(_draft_item(item) for item in given.items),
            player=given.player,
            counting=given.counting,
            paste_allowed=given.paste_allowed,
        )
    except ValidationError as error:
        found = faults_of(
            {"loc": one["loc"], "msg": one["msg"]}
            for one in error.errors(include_url=False, include_context=False, include_input=False)
        )
        raise refusal(
            Text(zh="这份试卷超出题库题目的限制", en="This paper is beyond the limits of a task"), found
        ) from error


def _draft_item(item: Item) -> DraftItem:
    return DraftItem(
        id=item.id,
        title=item.title,
        scored=item.scored,
        level=item.level,
        audio=DraftAudio(
            sha256=item.audio.sha256,
            media_type=item.audio.media_type,
            duration_ms=item.audio.duration_ms,
            source="uploaded",
            voice=item.audio.voice,
            speed=item.audio.speed,
            confirmed=True,
        ),
        answers={
            key: DraftAnswer(text=answer.text, alternatives=answer.alternatives, hint=answer.hint)
            for key, answer in item.answers.items()
        },
        tags=item.tags,
    )


def combine(contents: Sequence[DictationContent], title: Text, duration_ms: int) -> DictationContent:
    """One paper of all items in order; raises Invalid for contents that differ in form, player or counting."""
    if not contents:
        raise Invalid(Text(zh="请至少选择一道题", en="Choose at least one task"))
    first = contents[0]
    for other in contents[1:]:
        differs = [name for setting, name in _ALIKE if getattr(other, setting) != getattr(first, setting)]
        if differs:
            raise Invalid(
                Text(
                    zh=f"“{other.title.zh}”与“{first.title.zh}”的{'、'.join(name.zh for name in differs)}不同，"
                    "不能组成一份试卷：请改成一致，或者分成两份试卷",
                    en=f"“{other.title.inside('en')}” and “{first.title.inside('en')}” differ in "
                    f"{', '.join(name.en for name in differs)}: make them alike, or make two papers",
                )
            )
    items = [item for each in contents for item in each.items]
    if len(items) > _MOST_ITEMS:
        raise Invalid(
            Text(
                zh=f"一份试卷最多 {_MOST_ITEMS} 条，这里有 {len(items)} 条：请少选几道题",
                en=f"A paper has {_MOST_ITEMS} items at most, here are {len(items)}: choose fewer tasks",
            )
        )
    numbered = tuple(
        item.model_copy(update={"id": item_id(number), "title": item_title(number)})
        for number, item in enumerate(items, start=1)
    )
    return first.model_copy(update={"title": title, "duration_ms": duration_ms, "items": numbered})


def refusal(text: Text, found: Sequence[Fault]) -> Invalid:
    """The refusal with every fault and its path."""
    return Invalid(text, faults=[fault.model_dump(mode="json", by_alias=True) for fault in found])
