"""The state of a dictation: pure functions over its events."""

from typing import Any, assert_never

from server.core.contract import Due, Progress, ReceiptLine, Refusal, State
from server.core.frozen import Frozen
from server.core.phases import Moment
from server.core.text import Text
from typing_test.commands import DictationCommand, InputBlocked, OpenItem, PlayerAct, SaveField
from typing_test.content import DictationContent, Item
from typing_test.events import DictationEvent, FieldSaved, InputWasBlocked, ItemOpened, PlayerActed

TOLERANCE_MS = 500
"""Players report positions late by up to this much."""


class UnknownPart(Refusal):
    """The command names an item or field that this paper does not have."""

    code = "typing-test-unknown-part"
    title = Text(zh="试卷中没有这一条目或字段", en="No such item or field in this paper")


class PlaysUsedUp(Refusal):
    """The policy's listening time for this recording is over."""

    code = "typing-test-plays-used-up"
    title = Text(zh="这条录音的播放次数已用完", en="This recording has been played as often as allowed")


class SeekForbidden(Refusal):
    """The policy forbids this seek."""

    code = "typing-test-seek-forbidden"
    title = Text(zh="本卷不允许这样拖动播放条", en="This paper does not allow that seek")


class FieldState(Frozen):
    """What stands in a field and the revision that put it there."""

    text: str = ""
    rev: int = 0


class PlayerState(Frozen):
    """How one recording has been listened to; times in ms, `playing_since_ms` in net time."""

    position_ms: int = 0
    furthest_ms: int = 0
    listened_ms: int = 0
    playing_since_ms: int | None = None
    pauses: int = 0
    seeks: int = 0
    failures: int = 0


class DictationState(State):
    """Texts by item and field, player by item, the item last opened, how often input was blocked."""

    texts: dict[str, dict[str, FieldState]] = {}
    players: dict[str, PlayerState] = {}
    current: str = ""
    blocked: int = 0


class SeatState(Frozen):
    """What a page needs to go on where another stopped."""

    texts: dict[str, dict[str, FieldState]]
    players: dict[str, PlayerState]
    current: str


def apply(state: DictationState, event: DictationEvent) -> DictationState:
    """The state after an event."""
    match event:
        case FieldSaved():
            fields = state.texts.get(event.item, {}) | {event.field: FieldState(text=event.text, rev=event.rev)}
            return state.model_copy(update={"texts": state.texts | {event.item: fields}})
        case ItemOpened():
            return state.model_copy(update={"current": event.item})
        case PlayerActed():
            player = _player_after(state.players.get(event.item, PlayerState()), event)
            return state.model_copy(update={"players": state.players | {event.item: player}})
        case InputWasBlocked():
            return state.model_copy(update={"blocked": state.blocked + 1})
        case _:
            assert_never(event)


def _player_after(player: PlayerState, event: PlayerActed) -> PlayerState:
    position = event.position_ms if event.to_ms is None else event.to_ms
    return PlayerState(
        position_ms=position,
        furthest_ms=max(player.furthest_ms, event.position_ms),
        listened_ms=player.listened_ms + event.listened_ms,
        playing_since_ms=event.since_ms,
        pauses=player.pauses + (event.act == "pause"),
        seeks=player.seeks + (event.act == "seek"),
        failures=player.failures + (event.act == "failed"),
    )


def decide(
    content: DictationContent, state: DictationState, command: DictationCommand | Due, at: Moment
) -> list[DictationEvent] | Refusal:
    """Events that a command causes at `at`, or the refusal."""
    if isinstance(command, Due):
        return []
    item = content.item(command.item)
    if item is None:
        return UnknownPart()
    match command:
        case SaveField():
            return _save(content, state, command)
        case OpenItem():
            return [] if state.current == item.id else [ItemOpened(item=item.id)]
        case PlayerAct():
            return _act(content, state.players.get(item.id, PlayerState()), item, command, at)
        case InputBlocked():
            event = InputWasBlocked(item=item.id, field=command.field, kind=command.kind, length=command.length)
            return [event]
        case _:
            assert_never(command)


def _save(content: DictationContent, state: DictationState, command: SaveField) -> list[DictationEvent] | Refusal:
    if all(spec.key != command.field for spec in content.fields):
        return UnknownPart()
    old = state.texts.get(command.item, {}).get(command.field, FieldState())
    if command.rev <= old.rev:
        return []
    event = FieldSaved(
        item=command.item,
        field=command.field,
        text=command.text,
        rev=command.rev,
        composing=command.composing,
        largest_insert=command.largest_insert,
    )
    return [event]


def _act(
    content: DictationContent, player: PlayerState, item: Item, command: PlayerAct, at: Moment
) -> list[DictationEvent] | Refusal:
    duration = item.audio.duration_ms
    position = min(command.position_ms, duration)
    target = None if command.to_ms is None else min(command.to_ms, duration)
    heard = 0
    if player.playing_since_ms is not None:
        # No longer than the recording went on: a machine that died while playing heard nothing after that.
        heard = min(max(0, at.stage_ms - player.playing_since_ms), max(0, duration - player.position_ms))
    if command.act == "play" and (limit := content.player.max_plays) is not None:
        left = limit * duration - player.listened_ms - heard
        if left <= TOLERANCE_MS:
            return PlaysUsedUp()
    if command.act == "seek":
        if target is None:
            return SeekForbidden(Text(zh="拖动缺少目标位置", en="The seek has no target"))
        reached = max(player.furthest_ms, position) + TOLERANCE_MS
        if content.player.seek == "none" or (content.player.seek == "back" and target > reached):
            return SeekForbidden()
    plays_on = command.act == "play" or (command.act == "seek" and player.playing_since_ms is not None)
    event = PlayerActed(
        item=item.id,
        act=command.act,
        position_ms=position,
        to_ms=target if command.act == "seek" else None,
        listened_ms=heard,
        since_ms=at.stage_ms if plays_on else None,
    )
    return [event]


def typed(state: DictationState, item_id: str, field_key: str) -> str:
    """The text that stands in a field."""
    field = state.texts.get(item_id, {}).get(field_key)
    return "" if field is None else field.text


def answers(content: DictationContent, state: DictationState) -> dict[str, Any]:
    """All texts by item and field, empty ones included."""
    return {item.id: {spec.key: typed(state, item.id, spec.key) for spec in content.fields} for item in content.items}


def progress(content: DictationContent, state: DictationState) -> Progress:
    """Items in which every field holds something, of all items."""
    done = sum(all(typed(state, item.id, spec.key).strip() for spec in content.fields) for item in content.items)
    return Progress(done=done, total=len(content.items))


def receipt(content: DictationContent, state: DictationState) -> list[ReceiptLine]:
    """Counts for the hand-in: items complete, fields filled, characters typed."""
    texts = [typed(state, item.id, spec.key) for item in content.items for spec in content.fields]
    part = progress(content, state)
    return [
        ReceiptLine(title=Text(zh="填写完整的条目", en="Complete items"), value=f"{part.done} / {part.total}"),
        ReceiptLine(
            title=Text(zh="已填写的字段", en="Fields filled"),
            value=f"{sum(1 for text in texts if text.strip())} / {len(texts)}",
        ),
        ReceiptLine(title=Text(zh="录入字符数", en="Characters typed"), value=str(sum(len(text) for text in texts))),
    ]
