"""Small parts of the kernel: ids, clock, problems, texts, permissions, the module registry."""

import asyncio

import pytest

from server.core.access import Permission, Principal, Role
from server.core.clock import SystemClock
from server.core.contract import Refusal
from server.core.errors import NotFound, NotPermitted, Problem
from server.core.frozen import canonical_json
from server.core.ids import new_code, new_id
from server.core.modules import Modules, installed_modules
from server.core.text import Text
from typing_test.module import module

pytestmark = pytest.mark.unit


def test_ids_sort_by_time_and_differ() -> None:
    assert new_id(1_000) < new_id(2_000) < new_id(10**13)
    assert len({new_id(5) for _ in range(1_000)}) == 1_000
    assert {len(new_id(n)) for n in (0, 5, 10**13)} == {26}


def test_codes_have_no_look_alikes() -> None:
    assert not set("".join(new_code(8) for _ in range(200))) & set("01IO")


def test_the_clock_starts_no_earlier_than_the_journal() -> None:
    ahead = SystemClock().now_ms() + 3_600_000
    clock = SystemClock(not_before_ms=ahead)
    assert ahead <= clock.now_ms() < ahead + 60_000


def test_sleeping_until_the_past_returns_at_once() -> None:
    async def sleep() -> None:
        clock = SystemClock()
        await clock.sleep_until(clock.now_ms() - 1)

    asyncio.run(sleep())


def test_canonical_json_is_equal_for_equal_values() -> None:
    assert canonical_json({"b": 1, "a": "中"}) == '{"a":"中","b":1}'
    with pytest.raises(ValueError, match="Out of range"):
        canonical_json(float("nan"))


def test_every_problem_has_its_own_code_and_both_languages() -> None:
    def below(kind: type[Problem]) -> set[type[Problem]]:
        return {kind} | {deeper for sub in kind.__subclasses__() for deeper in below(sub)}

    kinds = below(Problem)
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert all(kind.title.zh and kind.title.en for kind in kinds)
    assert Refusal in kinds


def test_a_problem_speaks_the_readers_language() -> None:
    body = NotFound().body("r1", "en")
    assert (body["title"], body["status"], body["code"], body["request_id"]) == ("Not found", 404, "not-found", "r1")
    assert NotFound().body("r1")["title"] == "没有找到"


def test_a_text_without_english_falls_back() -> None:
    assert Text(zh="卷").inside("en") == "卷"


def test_roles_are_permitted_by_the_table() -> None:
    pupil = Principal(account_id="a", role=Role.CONTESTANT, display_name="")
    pupil.require(Permission.PRACTISE)
    with pytest.raises(NotPermitted):
        pupil.require(Permission.WATCH_PRACTICE)


def test_modules_are_found_by_their_entry_points() -> None:
    found = installed_modules()
    plug: object = found["typing_test"]
    assert plug is module
    assert all(name == found_.name for name, found_ in found.items())
    with pytest.raises(NotFound):
        Modules({})["nothing"]
