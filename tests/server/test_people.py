"""Accounts of the staff: who may do what to whom, and that every act stands in the journal without names."""

from collections.abc import AsyncIterator

import pytest

from server.accounts.people import LastOrganiser, OwnAccount, WrongPassword
from server.accounts.schemas import ChangeAccount, ChangePassword, NewAccount
from server.accounts.service import FAILURES_A_MINUTE, Incompatible, log_in_topic
from server.core.access import Principal, Role
from server.core.errors import Conflict, Invalid, LoginFailed, LoginRequired, NotFound, NotPermitted, TooMany
from server.settings import DataFolder
from tests.support.clock import ManualClock
from tests.support.staff import Office, office

pytestmark = [pytest.mark.flow, pytest.mark.anyio]


@pytest.fixture
async def desk(folder: DataFolder, clock: ManualClock) -> AsyncIterator[Office]:
    async with office(folder, clock) as desk:
        yield desk


@pytest.fixture
async def boss(desk: Office) -> Principal:
    return await desk.account("boss", Role.ORGANISER)


def new(login_name: str, *roles: Role) -> NewAccount:
    return NewAccount(login_name=login_name, display_name="王老师", roles=roles)


async def test_a_new_account_logs_in_by_the_password_shown_once(desk: Office, boss: Principal) -> None:
    made = await desk.people.add(boss, new("wang", Role.TRAINER, Role.ORGANISER, Role.TRAINER))
    assert made.password is not None
    assert len(made.password) == 12
    assert made.roles == (Role.ORGANISER, Role.TRAINER)
    who, _ = await desk.accounts.log_in("wang", made.password, "here")
    assert (who.account_id, who.role) == (made.account_id, Role.ORGANISER)
    shown = await desk.people.staff(boss)
    assert [one.login_name for one in shown] == ["boss", "wang"]
    assert [one.password for one in shown] == [None, None]


async def test_the_journal_knows_the_act_and_no_name(desk: Office, boss: Principal) -> None:
    made = await desk.people.add(boss, new("wang", Role.TECHNICIAN))
    await desk.people.change(boss, made.account_id, ChangeAccount(display_name="王小明", new_password=True))
    text = "".join(await desk.journalled())
    assert made.account_id in text
    assert not [word for word in ("王", "wang", made.password or "", "argon") if word in text]
    acts = await desk.people.acts_of(boss, None)
    assert [(act.act, act.by, act.subject) for act in acts] == [
        ("account.change", "测试boss", made.account_id),
        ("account.add", "测试boss", made.account_id),
    ]
    assert acts[0].details == {"columns": ["display_name", "password_hash"]}
    assert await desk.people.acts_of(boss, "another-contest") == []


async def test_what_can_not_be_added_is_refused(desk: Office, boss: Principal) -> None:
    await desk.people.add(boss, new("wang", Role.TRAINER))
    with pytest.raises(Conflict, match="taken"):
        await desk.people.add(boss, new("wang", Role.TRAINER))
    with pytest.raises(Incompatible, match="Encryption referee"):
        await desk.people.add(boss, new("li", Role.SCORING_REFEREE, Role.ENCRYPTION_REFEREE))
    with pytest.raises(Invalid):
        await desk.people.add(boss, new("li", Role.CONTESTANT))
    with pytest.raises(ValueError, match="pattern"):
        new("contest-1:001", Role.TRAINER)


async def test_only_organisers_manage_people(desk: Office, boss: Principal) -> None:
    chief = await desk.account("chief", Role.CHIEF_REFEREE)
    for ask in (
        desk.people.staff(chief),
        desk.people.add(chief, new("x1", Role.TRAINER)),
        desk.people.change(chief, boss.account_id, ChangeAccount(closed=True)),
    ):
        with pytest.raises(NotPermitted):
            await ask
    assert await desk.people.acts_of(chief, None) == []
    with pytest.raises(NotPermitted):
        await desk.people.acts_of(await desk.account("trainer", Role.TRAINER), None)


async def test_pupils_and_entrants_are_not_shown_nor_changed_here(desk: Office, boss: Principal) -> None:
    pupil = await desk.account("pupil", Role.CONTESTANT)
    assert [one.account_id for one in await desk.people.staff(boss)] == [boss.account_id]
    with pytest.raises(NotFound):
        await desk.people.change(boss, pupil.account_id, ChangeAccount(closed=True))


@pytest.mark.parametrize(
    "change",
    [ChangeAccount(closed=True), ChangeAccount(roles=(Role.TECHNICIAN,)), ChangeAccount(new_password=True)],
)
async def test_log_ins_end_with_the_rights_they_had(desk: Office, boss: Principal, change: ChangeAccount) -> None:
    other = await desk.account("other", Role.ORGANISER)
    token = await desk.accounts.open_login(other)
    async with desk.bus.listen(log_in_topic(token)) as ended:
        await desk.people.change(boss, other.account_id, change)
        assert await anext(ended) == "ended"
    with pytest.raises(LoginRequired):
        await desk.accounts.who(token)


async def test_a_change_of_nothing_ends_nothing(desk: Office, boss: Principal) -> None:
    other = await desk.account("other", Role.TRAINER)
    token = await desk.accounts.open_login(other)
    await desk.people.change(
        boss, other.account_id, ChangeAccount(display_name="测试other", roles=(Role.TRAINER,), closed=False)
    )
    assert await desk.accounts.who(token) == other
    assert await desk.journalled() == []


async def test_a_closed_account_opens_again(desk: Office, boss: Principal) -> None:
    made = await desk.people.add(boss, new("wang", Role.TRAINER))
    password = made.password or ""
    assert (await desk.people.change(boss, made.account_id, ChangeAccount(closed=True))).closed
    with pytest.raises(LoginFailed):
        await desk.accounts.log_in("wang", password, "here")
    assert not (await desk.people.change(boss, made.account_id, ChangeAccount(closed=False))).closed
    assert (await desk.accounts.log_in("wang", password, "here"))[0].account_id == made.account_id


async def test_the_house_is_never_left_without_an_organiser(desk: Office, boss: Principal) -> None:
    with pytest.raises(OwnAccount):
        await desk.people.change(boss, boss.account_id, ChangeAccount(closed=True))
    with pytest.raises(LastOrganiser):
        await desk.people.change(boss, boss.account_id, ChangeAccount(roles=(Role.TRAINER,)))
    second = await desk.account("second", Role.ORGANISER)
    await desk.people.change(second, boss.account_id, ChangeAccount(closed=True))
    with pytest.raises(LastOrganiser):
        await desk.people.change(second, second.account_id, ChangeAccount(roles=(Role.TRAINER,)))


async def test_ones_own_password(desk: Office) -> None:
    who = await desk.account("wang", Role.TRAINER, password="the old one")
    with pytest.raises(WrongPassword):
        await desk.people.change_password(who, ChangePassword(old="a wrong one", new="the new one"))
    await desk.people.change_password(who, ChangePassword(old="the old one", new="the new one"))
    assert (await desk.accounts.log_in("wang", "the new one", "here"))[0] == who
    with pytest.raises(LoginFailed):
        await desk.accounts.log_in("wang", "the old one", "here")
    entrant = who.model_copy(update={"contest_id": "c"})
    with pytest.raises(NotPermitted):
        await desk.people.change_password(entrant, ChangePassword(old="the new one", new="another one"))


async def test_wrong_passwords_lock_one_name_at_one_address_for_a_minute(desk: Office, clock: ManualClock) -> None:
    await desk.account("wang", Role.TRAINER, password="right")
    await desk.account("li", Role.TRAINER, password="right")
    for _ in range(FAILURES_A_MINUTE):
        with pytest.raises(LoginFailed):
            await desk.accounts.log_in("wang", "wrong", "here")
    with pytest.raises(TooMany):
        await desk.accounts.log_in("wang", "right", "here")
    await desk.accounts.log_in("wang", "right", "there")
    await desk.accounts.log_in("li", "right", "here")
    await clock.advance(60_001)
    await desk.accounts.log_in("wang", "right", "here")
