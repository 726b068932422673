"""What a dictation accepts, and how listening is measured."""

from typing import Any

import pytest

from server.core.contract import Refusal
from server.core.phases import Moment, Phase
from tests.support.papers import paper
from typing_test.content import DictationContent
from typing_test.module import module
from typing_test.state import DictationState, PlaysUsedUp, SeekForbidden, UnknownPart

pytestmark = pytest.mark.unit


class Desk:
    """Sends commands at net times and folds what comes of them."""

    def __init__(self, **changes: Any) -> None:
        self.content: DictationContent = paper(**changes)
        self.state: DictationState = module.initial(self.content, 0)

    def send(self, stage_ms: int, what: str, **values: Any) -> Refusal | None:
        command = module.parse_command({"type": f"typing_test.{what}", "item": "i1", **values})
        at = Moment(utc_ms=stage_ms, stage_ms=stage_ms, left_ms=600_000 - stage_ms, phase=Phase.RUNNING)
        decided = module.decide(self.content, self.state, command, at)
        if isinstance(decided, Refusal):
            return decided
        for event in decided:
            self.state = module.apply(self.content, self.state, event)
        return None

    def player(self, stage_ms: int, act: str, position_ms: int, to_ms: int | None = None) -> Refusal | None:
        return self.send(stage_ms, "player", act=act, position_ms=position_ms, to_ms=to_ms)


def test_listening_is_counted_from_play_to_pause_and_over_seeks() -> None:
    desk = Desk()
    desk.player(1_000, "play", 0)
    desk.player(11_000, "seek", 10_000, 2_000)
    desk.player(16_000, "pause", 7_000)
    desk.player(20_000, "seek", 7_000, 0)
    desk.player(30_000, "play", 0)
    desk.player(90_000, "ended", 60_000)
    player = desk.state.players["i1"]
    assert (player.listened_ms, player.pauses, player.seeks) == (75_000, 1, 2)
    assert player.playing_since_ms is None


def test_plays_can_be_limited() -> None:
    desk = Desk(player={"max_plays": 1})
    assert desk.player(0, "play", 0) is None
    assert desk.player(60_000, "ended", 60_000) is None
    assert isinstance(desk.player(61_000, "play", 0), PlaysUsedUp)


def test_a_machine_that_died_while_playing_heard_no_more_than_the_recording() -> None:
    desk = Desk(player={"max_plays": 2})
    desk.player(10_000, "play", 20_000)
    desk.player(400_000, "pause", 60_000)
    assert desk.state.players["i1"].listened_ms == 40_000
    assert desk.player(401_000, "play", 0) is None


@pytest.mark.parametrize(
    ("policy", "target", "refused"),
    [("free", 50_000, False), ("back", 50_000, True), ("back", 1_000, False), ("none", 1_000, True)],
)
def test_seeks_obey_the_policy(policy: str, target: int, refused: bool) -> None:
    desk = Desk(player={"seek": policy})
    desk.player(0, "play", 0)
    assert isinstance(desk.player(5_000, "seek", 5_000, target), SeekForbidden) is refused


def test_back_means_back_to_what_was_heard() -> None:
    desk = Desk(player={"seek": "back"})
    desk.player(0, "play", 0)
    desk.player(20_000, "seek", 20_000, 5_000)
    assert desk.player(21_000, "seek", 6_000, 19_000) is None


def test_unknown_parts_are_refused() -> None:
    desk = Desk()
    assert isinstance(desk.send(0, "open_item", item="zz"), UnknownPart)
    assert isinstance(desk.send(0, "save_field", field="zz", text="", rev=1), UnknownPart)


def test_opening_the_open_item_says_nothing() -> None:
    desk = Desk()
    assert desk.send(0, "open_item") is None
    before = desk.state
    desk.send(0, "open_item", item="i2")
    assert (before.current, desk.state.current) == ("i1", "i2")


def test_blocked_input_is_counted() -> None:
    desk = Desk()
    desk.send(0, "blocked", field="name", kind="paste", length=12)
    assert desk.state.blocked == 1


def test_receipt_and_progress_count_what_stands_there() -> None:
    desk = Desk(items=1)
    for key in ("name", "address", "postcode", "phone"):
        desk.send(0, "save_field", field=key, text="一二", rev=1)
    assert (module.progress(desk.content, desk.state).done, desk.content.items[0].id) == (0, "i1")
    desk.send(0, "save_field", field="email", text=" ", rev=1)
    assert module.progress(desk.content, desk.state).done == 0
    desk.send(0, "save_field", field="email", text="a@b", rev=2)
    assert module.progress(desk.content, desk.state).done == 1
    assert [line.value for line in module.receipt(desk.content, desk.state)] == ["1 / 1", "5 / 5", "11"]
