"""Scripted agents and robots: what they prove of a content, that they are deterministic, and at a human pace."""

import pytest

from chat_sim import slips
from chat_sim.events import ChatEvent
from chat_sim.module import module
from chat_sim.persona import Fact, Need
from chat_sim.scripted import Agent, Played, play, wrong_answer
from chat_sim.sheet import ChatSheet
from chat_sim.understanding.judge import understand
from server.core.contract import Journalled, RobotAct
from server.core.outcome import Outcome
from tests.chat_sim.driving import Round
from tests.support.chats import DURATION_MS, chats

pytestmark = pytest.mark.unit


def met(played: Played) -> dict[str, tuple[int, int]]:
    """Needs met, and put, by customer."""
    return {
        own.id: (sum(need.settled is True for need in own.needs), len(own.needs)) for own in played.state.conversations
    }


def test_the_perfect_agent_satisfies_everybody() -> None:
    played = play(chats(), "perfect")
    assert met(played) == {"a": (2, 2), "b": (3, 3), "c": (2, 2)}
    assert [own.stars for own in played.state.conversations] == [5, 5, 5]
    assert [str(order.total) for order in played.state.orders] == ["595.00"]
    assert {own.reason for own in played.state.conversations} == {"ordered", "solved"}


def test_the_silent_agent_loses_everybody() -> None:
    played = play(chats(), "silent")
    assert {own.ended_by for own in played.state.conversations} == {"customer"}
    assert all(own.accepted_ms is not None for own in played.state.conversations)
    assert not any(message.by == "agent" for message in played.state.messages)


def test_the_others_are_worse_than_perfect() -> None:
    best = module.score(chats(), play(chats(), "perfect").history, {}).marks[0].marks
    others: tuple[Agent, ...] = ("hasty", "sloppy", "silent")
    assert all(module.score(chats(), play(chats(), agent).history, {}).marks[0].marks < best for agent in others)
    assert sum(own.wrong for own in play(chats(), "sloppy").state.conversations) > 0


def test_only_some_customers_and_some_time() -> None:
    played = play(chats(), "perfect", personas=["b"], until_ms=8_000)
    assert [own.id for own in played.state.conversations] == ["b"]
    assert max(entry.event.stage_ms for entry in played.history) <= 8_000
    assert played.acts == play(chats(), "perfect", personas=["b"], until_ms=8_000).acts


def replayed(acts: list[RobotAct]) -> list[Journalled[ChatEvent]]:
    """What these acts lead to on a desk; all must be accepted."""
    round_ = Round()
    for act in acts:
        round_.wait(act.stage_ms - round_.now_ms)
        values = {key: value for key, value in act.command.items() if key != "type"}
        round_.send(act.command["type"].removeprefix("chat_sim."), **values)
    round_.wait(DURATION_MS - 1 - round_.now_ms)
    return list(round_.history)


def outcome(seed: int, skill: float) -> Outcome:
    """What a robot reaches."""
    return module.score(chats(), replayed(list(module.robot(chats(), seed, skill))), {})


def test_robots_are_deterministic_differ_by_seed_and_end_in_time() -> None:
    first = module.robot(chats(), 3, 0.6)
    assert list(first) == list(module.robot(chats(), 3, 0.6))
    assert list(first) != list(module.robot(chats(), 4, 0.6))
    assert max(act.stage_ms for act in first) < DURATION_MS
    assert [act.stage_ms for act in first] == sorted(act.stage_ms for act in first)


def test_robots_type_at_a_human_pace_and_save_as_a_page_does() -> None:
    saves = [act for act in module.robot(chats(), 3, 0.9) if act.command["type"] == "chat_sim.save_field"]
    assert len(saves) > 5
    sends = [act for act in module.robot(chats(), 3, 0.9) if act.command["type"] == "chat_sim.send"]
    for before, after in zip(sends, sends[1:], strict=False):
        assert after.stage_ms - before.stage_ms > 60 * len(after.command["text"])
    revs: dict[str, int] = {}
    for act in (*saves, *sends):
        assert act.command["rev"] >= 1
        revs[str(act.command)] = act.command["rev"]


def test_robots_have_names_of_their_own_and_their_requests_to_wait_are_taken_as_such() -> None:
    names = {module.robot(chats(), seed, 0.8)[0].command["nickname"] for seed in range(24, 32)}
    assert len(names) == 8
    assert names <= set(slips.NICKNAMES)
    assert len(set(slips.NICKNAMES)) >= 30
    asked = chats().personas[0]
    assert all(understand(chats(), asked, asked.needs, hold).waiting_only for hold in slips.HOLDS)


def test_skill_tells() -> None:
    marks = [sum(outcome(seed, skill).marks[0].marks for seed in range(5)) for skill in (0.1, 0.5, 0.95)]
    assert marks[0] < marks[1] < marks[2]


@pytest.mark.parametrize(("seed", "odd"), [(8, "silent"), (12, "rude"), (14, "named"), (38, "named")])
def test_one_in_so_many_robots_is_odd(seed: int, odd: str) -> None:
    acts = list(module.robot(chats(), seed, 0.8))
    sheet = ChatSheet.model_validate(module.score(chats(), replayed(acts), {}).sheet)
    said = [message for own in sheet.conversations for message in own.messages if message.by == "agent"]
    rude = [word for message in said for word in message.forbidden]
    assert {
        "silent": not said and sheet.nickname in slips.NICKNAMES,
        "rude": rude == ["随便你"],
        "named": sheet.nickname == "演示学校15号" and not rude,
    }[odd]


@pytest.mark.parametrize(
    ("accept", "unit", "said"),
    [("569", "元", "576元"), ("3m²", "", "10m²"), ("1,299.00", "元", "8,299.00元"), ("1-2天", "", "8-2天")],
)
def test_a_wrong_figure_is_another_one(accept: str, unit: str, said: str) -> None:
    fact = Fact(id="f", title="它", kind="number", accept=(accept,), unit=unit)
    need = Need(id="n", kind="product", title="问", asks=("多少？",), facts=(fact,), reference="答")
    assert wrong_answer(need) == f"亲，它是{said}"
