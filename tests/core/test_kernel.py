"""Small parts of the kernel: ids, clock, problems, texts, permissions, the module registry."""

import asyncio
from itertools import permutations

import pytest

from server.core.access import Permission, Principal, Role, clashes, ordered
from server.core.clock import SystemClock
from server.core.contract import Refusal
from server.core.errors import NotFound, NotPermitted, Problem
from server.core.frozen import canonical_json
from server.core.ids import new_code, new_id
from server.core.modules import Modules, installed_modules
from server.core.text import Text
from typing_test.module import module

pytestmark = pytest.mark.unit

_CONFIRM = Permission.CONFIRM_ORDER


def test_ids_sort_by_time_and_differ() -> None:
    assert new_id(1_000) < new_id(2_000) < new_id(10**13)
    assert len({new_id(5) for _ in range(1_000)}) == 1_000
    made = [new_id(7) for _ in range(1_000)]
    assert made == sorted(made)
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
    pupil = Principal(account_id="a", roles=(Role.CONTESTANT,), display_name="")
    pupil.require(Permission.PRACTISE)
    pupil.require(Permission.TEACH, Permission.PRACTISE)
    with pytest.raises(NotPermitted):
        pupil.require(Permission.TEACH)
    with pytest.raises(NotPermitted):
        pupil.model_copy(update={"contest_id": "c"}).require(Permission.PRACTISE)


def test_somebody_may_what_any_of_the_roles_may() -> None:
    both = Principal(account_id="a", roles=(Role.TECHNICIAN, Role.TRAINER), display_name="")
    assert both.role is Role.TECHNICIAN
    assert both.may(Permission.MANAGE_PLACES)
    assert both.may(Permission.TEACH)
    assert not both.may(Permission.RUN_STAGE)
    assert set(both.permissions) == {permission for permission in Permission if both.may(permission)}


def test_incompatible_roles_are_so_either_way() -> None:
    for one, other in permutations(Role, 2):
        assert clashes([one, other]) == clashes([other, one])
        assert bool(clashes([one, other])) == bool(clashes([other, one, Role.AUDIENCE]))
    assert all(clashes([role]) == [] and clashes([role, role]) == [] for role in Role)


def test_duties_are_separated() -> None:
    assert clashes([Role.SCORING_REFEREE, Role.ENCRYPTION_REFEREE]) == [(Role.SCORING_REFEREE, Role.ENCRYPTION_REFEREE)]
    assert clashes([Role.ORGANISER, Role.CHIEF_REFEREE])
    assert clashes([Role.TASK_AUTHOR, Role.SCORING_REFEREE])
    for watcher in (Role.SUPERVISOR, Role.ARBITRATOR, Role.CONTESTANT, Role.TEAM_LEADER):
        assert len(clashes([watcher, *Role])) >= len(Role) - 2
    assert clashes([Role.ORGANISER, Role.TRAINER, Role.TASK_AUTHOR, Role.TECHNICIAN]) == []
    assert ordered([Role.TRAINER, Role.ORGANISER, Role.TRAINER]) == (Role.ORGANISER, Role.TRAINER)


def test_nobody_both_orders_and_confirms_alone() -> None:
    confirm = [role for role in Role if Principal(account_id="a", roles=(role,), display_name="").may(_CONFIRM)]
    assert set(confirm) == {Role.CHIEF_REFEREE, Role.SUPERVISOR}
    assert clashes(confirm)


def test_modules_are_found_by_their_entry_points() -> None:
    found = installed_modules()
    plug: object = found["typing_test"]
    assert plug is module
    assert all(name == found_.name for name, found_ in found.items())
    with pytest.raises(NotFound):
        Modules({})["nothing"]
