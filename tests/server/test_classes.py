"""Classes: how pupils come onto the list, and every way in and out of a log-in by class code."""

from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest

from server.accounts.service import FAILURES_A_MINUTE
from server.contests import classes
from server.contests.classes import (
    WRONG_CODES_A_MINUTE,
    ClassFull,
    FirstTime,
    NotInClass,
    OtherName,
    RegistrationClosed,
    WrongClassCode,
)
from server.contests.schemas import ChangeClass, ClassView, NewClass, PupilLogIn, RosterReport
from server.contests.xlsx import UnreadableTable
from server.core.access import Principal, Role
from server.core.errors import Invalid, LoginFailed, LoginRequired, NotFound, NotPermitted, Overtaken, TooMany
from server.settings import DataFolder
from tests.support.clock import ManualClock
from tests.support.staff import Office, office
from tests.support.tables import csv_text

pytestmark = [pytest.mark.flow, pytest.mark.anyio]

LIST = (("01", "张　三"), ("02", "李四"))


@pytest.fixture
async def desk(folder: DataFolder, clock: ManualClock) -> AsyncIterator[Office]:
    async with office(folder, clock) as desk:
        yield desk


@pytest.fixture
async def teacher(desk: Office) -> Principal:
    return await desk.account("teacher", Role.TRAINER)


@pytest.fixture
async def class_(desk: Office, teacher: Principal) -> ClassView:
    made = await desk.classes.create(teacher, NewClass(title="客服 2101 班"))
    await imported(desk, teacher, made)
    return (await desk.classes.all(teacher))[0]


async def imported(desk: Office, who: Principal, class_: ClassView, *rows: Any, dry_run: bool = False) -> RosterReport:
    body = csv_text(*(rows or LIST), headings=("学号", "姓名")).encode("gb18030")
    return await desk.classes.import_(who, class_.class_id, "名单.csv", body, dry_run=dry_run)


def coming(class_: ClassView, number: str, password: str = "1234", name: str | None = None) -> PupilLogIn:
    """A log-in with the name that stands on the list, unless told otherwise; "" for none."""
    listed = dict(LIST).get(number) if name is None else name
    return PupilLogIn(class_code=class_.code or "", number=number, password=password, name=listed or None)


async def pupils(desk: Office, who: Principal) -> list[tuple[str, str, bool]]:
    (view,) = await desk.classes.all(who)
    return [(pupil.number, pupil.name, pupil.has_password) for pupil in view.pupils]


async def test_a_class_with_its_list(desk: Office, teacher: Principal, class_: ClassView) -> None:
    assert (class_.title, class_.registration, len(class_.code or "")) == ("客服 2101 班", True, 6)
    assert [(pupil.number, pupil.name, pupil.has_password) for pupil in class_.pupils] == [
        ("01", "张三", False),
        ("02", "李四", False),
    ]
    journal = "".join(await desk.journalled())
    assert '"added":2' in journal
    assert not [word for word in ("张三", "李四", "客服") if word in journal]


async def test_only_those_who_teach(desk: Office, teacher: Principal, class_: ClassView) -> None:
    other = await desk.account("other", Role.CHIEF_REFEREE)
    (pupil, *_) = class_.pupils
    for ask in (
        desk.classes.all(other),
        desk.classes.create(other, NewClass(title="x")),
        desk.classes.change(other, class_.class_id, ChangeClass(title="x")),
        imported(desk, other, class_),
        desk.classes.forget_password(other, class_.class_id, pupil.account_id),
    ):
        with pytest.raises(NotPermitted):
            await ask
    for absent in (
        desk.classes.change(teacher, "nothing", ChangeClass(title="x")),
        desk.classes.forget_password(teacher, class_.class_id, teacher.account_id),
    ):
        with pytest.raises(NotFound):
            await absent


async def test_a_class_changes(desk: Office, teacher: Principal, class_: ClassView) -> None:
    changed = await desk.classes.change(teacher, class_.class_id, ChangeClass(title="新", registration=False))
    assert (changed.title, changed.registration, changed.code) == ("新", False, class_.code)
    again = await desk.classes.change(teacher, class_.class_id, ChangeClass(registration=True, new_code=True))
    assert again.registration
    assert again.code != class_.code
    with pytest.raises(WrongClassCode):
        await desk.classes.log_in(coming(class_, "01"), "here")
    await desk.classes.log_in(coming(again, "01"), "here")
    acts = len(await desk.journalled())
    await desk.classes.change(teacher, class_.class_id, ChangeClass())
    assert len(await desk.journalled()) == acts


async def test_a_second_list_adds_and_renames_and_takes_nobody_away(
    desk: Office, teacher: Principal, class_: ClassView
) -> None:
    await desk.classes.log_in(coming(class_, "02"), "here")
    tried = await imported(desk, teacher, class_, ("02", "李斯"), ("03", "王五"), dry_run=True)
    assert [(one.row, one.severe) for one in tried.faults] == [(2, False)]
    assert "“李四”改为“李斯”" in tried.faults[0].text.zh
    assert len(await pupils(desk, teacher)) == 2
    assert (await imported(desk, teacher, class_, ("02", "李斯"), ("03", "王五"))).imported
    assert await pupils(desk, teacher) == [("01", "张三", False), ("02", "李斯", True), ("03", "王五", False)]


async def test_a_faulty_list_is_not_imported(desk: Office, teacher: Principal, class_: ClassView) -> None:
    rows = [("", "甲"), ("0 4", "乙"), ("05", ""), ("06", "丙"), ("06", "丁"), ("07", "长" * 81), ("示例001", "张三")]
    answer = await imported(desk, teacher, class_, *rows)
    assert (answer.imported, answer.rows) == (False, 6)
    assert [(one.row, one.column) for one in answer.faults if one.severe] == [
        (2, "学号"),
        (3, "学号"),
        (4, "姓名"),
        (6, "学号"),
        (7, "姓名"),
    ]
    assert [one.row for one in answer.faults if not one.severe] == [8]
    assert len(await pupils(desk, teacher)) == 2
    with pytest.raises(UnreadableTable):
        await desk.classes.import_(teacher, class_.class_id, "名单.doc", b"", dry_run=True)
    template = await desk.classes.template()
    empty = await desk.classes.import_(teacher, class_.class_id, "a.xlsx", template, dry_run=True)
    assert any(one.severe for one in empty.faults)


async def test_the_first_log_in_sets_the_password(desk: Office, teacher: Principal, class_: ClassView) -> None:
    who = await desk.classes.log_in(coming(class_, " ０１ ", "first", "张 三"), "here")
    assert (who.display_name, who.roles, who.contest_id) == ("张三", (Role.CONTESTANT,), None)
    assert await pupils(desk, teacher) == [("01", "张三", True), ("02", "李四", False)]
    lower = coming(class_, "01", "first").model_copy(update={"class_code": f" {(class_.code or '').lower()} "})
    assert await desk.classes.log_in(lower, "here") == who
    with pytest.raises(LoginFailed):
        await desk.classes.log_in(coming(class_, "01", "wrong"), "here")
    with pytest.raises(OtherName):
        await desk.classes.log_in(coming(class_, "02", "first", "张三"), "here")
    assert await pupils(desk, teacher) == [("01", "张三", True), ("02", "李四", False)]


async def test_who_is_not_on_the_list_registers_by_name(desk: Office, teacher: Principal, class_: ClassView) -> None:
    with pytest.raises(NotInClass):
        await desk.classes.log_in(coming(class_, "a-9"), "here")
    who = await desk.classes.log_in(coming(class_, "a-9", "mine", "赵　六"), "here")
    assert who.display_name == "赵六"
    assert await desk.classes.log_in(coming(class_, "A-9", "mine"), "here") == who
    with pytest.raises(Invalid):
        await desk.classes.log_in(coming(class_, "九号", "mine", "赵六"), "here")
    with pytest.raises(NotInClass):
        await desk.classes.log_in(coming(class_, "10", "mine", "\u200b "), "here")
    assert await pupils(desk, teacher) == [("01", "张三", False), ("02", "李四", False), ("A-9", "赵六", True)]


async def test_a_slip_in_the_number_claims_no_account(desk: Office, class_: ClassView) -> None:
    with pytest.raises(FirstTime):
        await desk.classes.log_in(coming(class_, "01", "mine", ""), "here")
    await desk.classes.log_in(coming(class_, "01", "mine"), "here")
    await desk.classes.log_in(coming(class_, "01", "mine", ""), "here")


async def test_closed_registration_lets_those_on_the_list_in(
    desk: Office, teacher: Principal, class_: ClassView
) -> None:
    await desk.classes.log_in(coming(class_, "01", "mine"), "here")
    await desk.classes.change(teacher, class_.class_id, ChangeClass(registration=False))
    await desk.classes.log_in(coming(class_, "01", "mine"), "here")
    await desk.classes.log_in(coming(class_, "02", "first"), "here")
    for name in (None, "赵六"):
        with pytest.raises(RegistrationClosed):
            await desk.classes.log_in(coming(class_, "99", "mine", name), "here")


async def test_a_forgotten_password_is_set_anew(desk: Office, teacher: Principal, class_: ClassView) -> None:
    who = await desk.classes.log_in(coming(class_, "01", "first"), "here")
    token = await desk.accounts.open_login(who)
    await desk.classes.forget_password(teacher, class_.class_id, who.account_id)
    with pytest.raises(LoginRequired):
        await desk.accounts.who(token)
    assert await desk.classes.log_in(coming(class_, "01", "second"), "here") == who
    with pytest.raises(LoginFailed):
        await desk.classes.log_in(coming(class_, "01", "first"), "here")


async def test_wrong_passwords_slow_one_pupil_at_one_address(desk: Office, class_: ClassView) -> None:
    for number in ("01", "02"):
        await desk.classes.log_in(coming(class_, number, "right"), "here")
    for _ in range(FAILURES_A_MINUTE):
        with pytest.raises(LoginFailed):
            await desk.classes.log_in(coming(class_, "01", "wrong"), "here")
    with pytest.raises(TooMany):
        await desk.classes.log_in(coming(class_, "01", "right"), "here")
    await desk.classes.log_in(coming(class_, "02", "right"), "here")
    await desk.classes.log_in(coming(class_, "01", "right"), "there")


async def test_guessing_codes_is_slowed_by_address(desk: Office, class_: ClassView, clock: ManualClock) -> None:
    wrong = PupilLogIn(class_code="000000", number="01", password="1234")
    for _ in range(WRONG_CODES_A_MINUTE):
        with pytest.raises(WrongClassCode):
            await desk.classes.log_in(wrong, "here")
    for body in (wrong, coming(class_, "01")):
        with pytest.raises(TooMany):
            await desk.classes.log_in(body, "here")
    await desk.classes.log_in(coming(class_, "02"), "there")
    await clock.advance(60_001)
    await desk.classes.log_in(coming(class_, "01"), "here")


async def test_two_who_come_at_once_do_not_share_an_account(desk: Office, class_: ClassView) -> None:
    """Both for a number that is new, and for one without a password: the first has it, the other is told."""
    for number, name in (("77", "甲"), ("01", None)):
        outcomes: list[str] = []

        async def come(password: str, number: str = number, name: str | None = name, to: Any = outcomes) -> None:
            try:
                await desk.classes.log_in(coming(class_, number, password, name), "here")
                to.append(password)
            except Overtaken:
                to.append("overtaken")

        async with anyio.create_task_group() as group:
            group.start_soon(come, "mine")
            group.start_soon(come, "yours")
        assert sorted(outcomes) in (["mine", "overtaken"], ["overtaken", "yours"])
        (password,) = [outcome for outcome in outcomes if outcome != "overtaken"]
        await desk.classes.log_in(coming(class_, number, password), "here")


async def test_a_class_has_a_size(
    desk: Office, teacher: Principal, class_: ClassView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classes, "MOST_PUPILS", 2)
    with pytest.raises(ClassFull):
        await desk.classes.log_in(coming(class_, "99", "mine", "赵六"), "here")
    with pytest.raises(ClassFull):
        await imported(desk, teacher, class_, ("03", "王五"))
    assert (await imported(desk, teacher, class_)).imported
