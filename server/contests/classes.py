"""Classes: lists of pupils, who log in by the class's code, their number and a password of their own."""

from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from anyio import to_thread

from server.accounts.acts import HOUSE, Acts
from server.accounts.service import AccountsService, principal_of
from server.contests.class_check import COLUMNS, checked_pupils, person_faults, pupil_rows
from server.contests.roster import report
from server.contests.roster_repository import RosterRepository
from server.contests.schemas import (
    ChangeClass,
    ClassView,
    NewClass,
    PupilLogIn,
    PupilView,
    RosterReport,
)
from server.contests.sheets import EXAMPLE, clean, person_name, read_sheet
from server.contests.xlsx import template
from server.core.access import Permission, Principal
from server.core.clock import Clock
from server.core.errors import Conflict, Fault, Invalid, LoginFailed, NotFound, Overtaken, TooMany
from server.core.ids import new_code, new_id
from server.core.journal import RowInsert, RowUpdate
from server.core.text import Text

_EXAMPLE = {"学号": f"{EXAMPLE}001", "姓名": "张三"}
_NOTES = (
    f"学号以“{EXAMPLE}”开头的行不会导入。",
    "再次导入会添加新学生、更正已有学生的姓名，不会删除任何人。",
)
CODE_LENGTH = 6
MOST_PUPILS = 1_000
"""Of one class: nobody fills the disk by registering."""
WRONG_CODES_A_MINUTE = 30
"""From one address in 60 s: a whole class may mistype behind one, and guessing 32^6 codes still takes decades."""
_ADDRESSES = 4096


class WrongClassCode(LoginFailed):
    """No class has this code."""

    code = "wrong-class-code"
    title = Text(zh="班级码不正确，请向教师核对", en="Wrong class code; ask your teacher")


class NotInClass(Conflict):
    """The number is not on the list: with a name, the pupil registers."""

    code = "not-in-class"
    title = Text(
        zh="班级名单中没有这个学号。请核对学号；如果是第一次来，请填写姓名进行注册",
        en="This number is not on the list. Check it; if you are new here, give your name to register",
    )


class RegistrationClosed(Conflict):
    """The number is not on the list, and nobody can register."""

    code = "registration-closed"
    title = Text(
        zh="班级名单中没有这个学号，且本班未开放注册。请核对学号或联系教师",
        en="This number is not on the list, and registration is closed. Check it, or ask your teacher",
    )


class FirstTime(Conflict):
    """A pupil without a password: the name shows that the number is no slip, and the password is typed twice."""

    code = "first-time"
    title = Text(
        zh="这个学号还没有密码：请勾选“首次登录”，填写姓名并设置密码",
        en="This number has no password yet: tick first log-in, give the name and set a password",
    )


class OtherName(Conflict):
    """The name given is not the one on the list; most likely the number is mistyped."""

    code = "other-name"
    title = Text(
        zh="这个学号登记的是另一个姓名，请核对学号和姓名，或联系教师",
        en="This number is listed under another name; check both, or ask your teacher",
    )


class ClassFull(Conflict):
    """As many pupils as a class may have."""

    code = "class-full"
    title = Text(zh=f"每班不超过 {MOST_PUPILS} 人", en=f"A class may have {MOST_PUPILS} pupils at most")


class _WrongCodes:
    """When wrong class codes came lately, by address."""

    def __init__(self) -> None:
        self._by_address: OrderedDict[str, deque[int]] = OrderedDict()

    def of(self, address: str, clock: Clock) -> deque[int]:
        """Those of an address; raises TooMany, also for the right code: otherwise guessing would go on."""
        wrong = self._by_address.setdefault(address, deque(maxlen=WRONG_CODES_A_MINUTE))
        self._by_address.move_to_end(address)
        if len(self._by_address) > _ADDRESSES:
            self._by_address.popitem(last=False)
        if len(wrong) == WRONG_CODES_A_MINUTE and wrong[0] > clock.now_ms() - 60_000:
            raise TooMany
        return wrong


@dataclass(frozen=True, slots=True)
class ClassesService:
    """What trainers do with classes, and how pupils come in."""

    repository: RosterRepository
    accounts: AccountsService
    acts: Acts
    _wrong: _WrongCodes = field(default_factory=_WrongCodes)

    async def all(self, who: Principal) -> list[ClassView]:
        """All classes with their pupils, newest first; raises NotPermitted."""
        who.require(Permission.TEACH)
        return await self._views(await self.repository.classes())

    async def create(self, who: Principal, body: NewClass) -> ClassView:
        """A class, open for registration by its code; raises NotPermitted."""
        who.require(Permission.TEACH)
        now_ms = self.acts.clock.now_ms()
        class_id = new_id(now_ms)
        values = {
            "id": class_id,
            "title": body.title,
            "code": await self._new_code(),
            "registration": True,
            "created_by": who.account_id,
            "created_ms": now_ms,
        }
        await self.acts.record(who, "class.create", class_id, inserts=[RowInsert("classes", values)])
        return await self._view(class_id)

    async def change(self, who: Principal, class_id: str, body: ChangeClass) -> ClassView:
        """Rename a class, open or close registration, make a new code; raises NotPermitted, NotFound."""
        row = await self._class(who, class_id)
        values: dict[str, Any] = {}
        if body.title is not None:
            values["title"] = body.title
        if body.registration is not None:
            values["registration"] = body.registration
        if body.new_code or (body.registration and row.code is None):
            values["code"] = await self._new_code()
        if values:
            details = {"columns": sorted(values), "registration": values.get("registration", row.registration)}
            updates = [RowUpdate("classes", {"id": class_id}, values)]
            await self.acts.record(who, "class.change", class_id, details=details, updates=updates)
        return await self._view(class_id)

    async def template(self) -> bytes:
        """The table to fill in (.xlsx)."""
        return await to_thread.run_sync(template, COLUMNS, _EXAMPLE, _NOTES)

    async def import_(self, who: Principal, class_id: str, name: str, body: bytes, *, dry_run: bool) -> RosterReport:
        """Add pupils from an uploaded table, and put the names of known ones right; nobody is taken away.

        Raises NotPermitted, NotFound, ClassFull, Overtaken, UnreadableTable, TooLarge.
        """
        await self._class(who, class_id)
        sheet = await to_thread.run_sync(read_sheet, name, body, COLUMNS)
        seen = (await self.acts.journal.stream_seqs([HOUSE])).get(HOUSE, 0)
        known = {row.number: row for row in await self.repository.pupils([class_id])}
        people, found = checked_pupils(sheet, {number: row.display_name for number, row in known.items()})
        good = not any(fault.severe for fault in found)
        fresh = {number: name for number, name in people.items() if number not in known}
        if len(known) + len(fresh) > MOST_PUPILS:
            raise ClassFull
        if good and not dry_run:
            now_ms = self.acts.clock.now_ms()
            rows = [pupil_rows(class_id, number, name, now_ms) for number, name in fresh.items()]
            updates = [
                RowUpdate("accounts", {"id": known[number].id}, {"display_name": name})
                for number, name in people.items()
                if number in known and known[number].display_name != name
            ]
            await self.acts.record(
                who,
                "class.import",
                class_id,
                details={"added": len(fresh), "renamed": len(updates)},
                inserts=[RowInsert("accounts", account) for account, _ in rows]
                + [RowInsert("pupils", pupil) for _, pupil in rows],
                updates=updates,
                expected={HOUSE: seen},
            )
        return report(found, rows=len(sheet.rows), imported=good and not dry_run)

    async def forget_password(self, who: Principal, class_id: str, account_id: str) -> None:
        """Let a pupil set a new password at the next log-in; ends the pupil's log-ins. Raises NotFound."""
        await self._class(who, class_id)
        if account_id not in [row.id for row in await self.repository.pupils([class_id])]:
            raise NotFound
        updates = [RowUpdate("accounts", {"id": account_id}, {"password_hash": None})]
        await self.acts.record(
            who, "pupil.forget_password", account_id, details={"class_id": class_id}, updates=updates
        )
        await self.accounts.end_logins(account_id)

    async def log_in(self, body: PupilLogIn, address: str) -> Principal:
        """Who a pupil is; the first log-in sets the password, and with a name registers.

        Raises WrongClassCode, LoginFailed, TooMany, NotInClass, RegistrationClosed, FirstTime, OtherName, ClassFull,
        Invalid.
        """
        wrong = self._wrong.of(address, self.acts.clock)
        class_ = await self.repository.class_by_code(clean(body.class_code).upper())
        if class_ is None:
            wrong.append(self.acts.clock.now_ms())
            raise WrongClassCode
        number = clean(body.number).upper()
        name = person_name(clean(body.name or ""))
        row = await self.repository.pupil(class_.id, number)
        if row is None:
            row = await self._registered(class_, number, name, body.password)
        elif row.closed_ms is not None:
            raise LoginFailed
        elif row.password_hash is None and not name:
            raise FirstTime
        elif row.password_hash is None and name != row.display_name:
            raise OtherName
        elif row.password_hash is None:
            if not await self.repository.set_first_password(row.id, await self.accounts.hashed(body.password)):
                raise Overtaken
        elif not await self.accounts.proven(row, body.password, row.login_name, address):
            raise LoginFailed(Text(zh="学号或密码不正确", en="Wrong number or password"))
        return principal_of(row)

    async def _registered(self, class_: Any, number: str, name: str, password: str) -> Any:
        """The account of a pupil who was not on the list until now."""
        if not class_.registration:
            raise RegistrationClosed
        if not name:
            raise NotInClass
        if found := [*person_faults(0, number, name)]:
            raise Invalid(
                found[0].text,
                faults=[Fault(path="body", text=one.text).model_dump(mode="json", by_alias=True) for one in found],
            )
        if len(await self.repository.pupils([class_.id])) >= MOST_PUPILS:
            raise ClassFull
        account, pupil = pupil_rows(class_.id, number, name, self.acts.clock.now_ms())
        account["password_hash"] = await self.accounts.hashed(password)
        if not await self.repository.register(account, pupil):
            raise Overtaken
        return await self.repository.pupil(class_.id, number)

    async def _class(self, who: Principal, class_id: str) -> Any:
        who.require(Permission.TEACH)
        row = await self.repository.class_of(class_id)
        if row is None:
            raise NotFound
        return row

    async def _new_code(self) -> str:
        while await self.repository.class_by_code(code := new_code(CODE_LENGTH)) is not None:
            pass
        return code

    async def _view(self, class_id: str) -> ClassView:
        (view,) = await self._views([await self.repository.class_of(class_id)])
        return view

    async def _views(self, rows: Sequence[Any]) -> list[ClassView]:
        pupils: dict[str, list[PupilView]] = {row.id: [] for row in rows}
        for pupil in await self.repository.pupils(list(pupils)):
            pupils[pupil.class_id].append(
                PupilView(
                    account_id=pupil.id,
                    number=pupil.number,
                    name=pupil.display_name,
                    has_password=pupil.password_hash is not None,
                )
            )
        return [
            ClassView(
                class_id=row.id,
                title=row.title,
                code=row.code,
                registration=row.registration,
                created_ms=row.created_ms,
                pupils=tuple(pupils[row.id]),
            )
            for row in rows
        ]
