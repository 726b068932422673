"""The staff: who belongs to it, in which roles, and what they did."""

import json
from dataclasses import dataclass
from typing import Any

from server.accounts.acts import HOUSE, Acts
from server.accounts.repository import AccountsRepository
from server.accounts.schemas import AccountView, ActView, ChangeAccount, ChangePassword, NewAccount
from server.accounts.service import AccountsService, compatible, principal_of
from server.core.access import Permission, Principal, Role
from server.core.errors import Conflict, Fault, Invalid, NotFound, NotPermitted
from server.core.events import StaffActed
from server.core.ids import new_code, new_id
from server.core.journal import RowInsert, RowUpdate
from server.core.text import Text

ACTS_SHOWN = 500
PASSWORD_LENGTH = 12


class LastOrganiser(Conflict):
    """Nobody could let anybody in any more."""

    code = "last-organiser"
    title = Text(
        zh="至少要保留一名未停用的赛务管理员，请先另设一名",
        en="At least one organiser must remain whose account is open; add another one first",
    )


class OwnAccount(Conflict):
    """People don't lock themselves out."""

    code = "own-account"
    title = Text(
        zh="不能停用自己的账号，请由另一名赛务管理员操作",
        en="You can't close your own account; another organiser can",
    )


class WrongPassword(Conflict):
    """The password that was to be changed is another one."""

    code = "wrong-password"
    title = Text(zh="原密码不正确，密码没有更改", en="The old password is wrong; nothing was changed")


@dataclass(frozen=True, slots=True)
class PeopleService:
    """Accounts of the staff; entrants come by rosters, pupils by classes."""

    accounts: AccountsService
    repository: AccountsRepository
    acts: Acts

    async def staff(self, who: Principal) -> list[AccountView]:
        """Everybody of the staff, oldest first; raises NotPermitted."""
        who.require(Permission.MANAGE_PEOPLE)
        return [_view(row) for row in await self._staff()]

    async def add(self, who: Principal, body: NewAccount) -> AccountView:
        """Add somebody with a password made by chance, which only this answer holds.

        Raises NotPermitted, Conflict for a name that is taken, Incompatible, Invalid for contestants.
        """
        who.require(Permission.MANAGE_PEOPLE)
        roles = _of_staff(body.roles)
        password = new_code(PASSWORD_LENGTH)
        password_hash = await self.accounts.hashed(password)
        seen = await self._seen()
        if await self.repository.by_login_name(body.login_name):
            raise Conflict(
                Text(
                    zh=f"登录名“{body.login_name}”已有人使用，请换一个",
                    en=f"The log-in name {body.login_name!r} is taken; choose another",
                )
            )
        now_ms = self.acts.clock.now_ms()
        account_id = new_id(now_ms)
        row = RowInsert(
            "accounts",
            {
                "id": account_id,
                "login_name": body.login_name,
                "display_name": body.display_name,
                "roles": ",".join(roles),
                "password_hash": password_hash,
                "created_ms": now_ms,
            },
        )
        await self.acts.record(
            who, "account.add", account_id, details={"roles": list(roles)}, inserts=[row], expected=seen
        )
        return await self._answer(account_id, password)

    async def change(self, who: Principal, account_id: str, body: ChangeAccount) -> AccountView:
        """Change name, roles or password; close or open an account.

        New roles, a new password and closing end the log-ins of that person. Raises NotPermitted, NotFound,
        Incompatible, OwnAccount, LastOrganiser.
        """
        who.require(Permission.MANAGE_PEOPLE)
        password = new_code(PASSWORD_LENGTH) if body.new_password else None
        password_hash = None if password is None else await self.accounts.hashed(password)
        # Two organisers who close one another at the same moment: the second is overtaken.
        seen = await self._seen()
        staff = {row.id: row for row in await self._staff()}
        if account_id not in staff:
            raise NotFound
        row = staff[account_id]
        values: dict[str, Any] = {}
        if body.display_name is not None and body.display_name != row.display_name:
            values["display_name"] = body.display_name
        if body.roles is not None and (roles := ",".join(_of_staff(body.roles))) != row.roles:
            values["roles"] = roles
        if body.closed is not None and body.closed != (row.closed_ms is not None):
            values["closed_ms"] = self.acts.clock.now_ms() if body.closed else None
        if password_hash is not None:
            values["password_hash"] = password_hash
        if values.get("closed_ms") is not None and account_id == who.account_id:
            raise OwnAccount
        if not any(_organises(other, values if other.id == account_id else {}) for other in staff.values()):
            raise LastOrganiser
        if values:
            details: dict[str, Any] = {"columns": sorted(values)}
            if "roles" in values:
                details["roles"] = values["roles"].split(",")
            if "closed_ms" in values:
                details["closed"] = body.closed
            await self.acts.record(
                who,
                "account.change",
                account_id,
                details=details,
                updates=[RowUpdate("accounts", {"id": account_id}, values)],
                expected=seen,
            )
        if "roles" in values or "password_hash" in values or values.get("closed_ms") is not None:
            await self.accounts.end_logins(account_id)
        return await self._answer(account_id, password)

    async def change_password(self, who: Principal, body: ChangePassword) -> None:
        """Change one's own password; raises WrongPassword, TooMany, NotPermitted for entrants (they have none)."""
        row = await self.repository.by_id(who.account_id)
        if who.contest_id is not None or row is None:
            raise NotPermitted
        if not await self.accounts.proven(row, body.old, row.id, "own"):
            raise WrongPassword
        values = {"password_hash": await self.accounts.hashed(body.new)}
        updates = [RowUpdate("accounts", {"id": row.id}, values)]
        await self.acts.record(who, "account.change_password", row.id, updates=updates)

    async def acts_of(self, who: Principal, contest_id: str | None) -> list[ActView]:
        """What the staff did in a contest, or (None) in the house: the last ACTS_SHOWN, newest first."""
        who.require(Permission.READ_ACTS)
        events = await self.acts.journal.read_newest(contest_id or HOUSE, ACTS_SHOWN)
        acted = [
            (event, StaffActed.model_validate(json.loads(event.payload)))
            for event in events
            if event.type == "staff.acted"
        ]
        names = await self.accounts.names(sorted({act.by for _, act in acted}))
        return [
            ActView(
                seq=event.seq,
                at_ms=event.at_ms,
                by=names.get(act.by, act.by),
                act=act.act,
                subject=act.subject,
                details=act.details,
            )
            for event, act in acted
        ]

    async def _seen(self) -> dict[str, int]:
        """How far the house's acts have come, for `expected`."""
        return {HOUSE: (await self.acts.journal.stream_seqs([HOUSE])).get(HOUSE, 0)}

    async def _staff(self) -> list[Any]:
        rows = await self.repository.outside_contests()
        return [row for row in rows if Role.CONTESTANT not in principal_of(row).roles]

    async def _answer(self, account_id: str, password: str | None) -> AccountView:
        return _view(await self.repository.by_id(account_id)).model_copy(update={"password": password})


def _of_staff(roles: tuple[Role, ...]) -> tuple[Role, ...]:
    if Role.CONTESTANT in roles:
        text = Text(
            zh="选手不在此添加：参赛选手请导入参赛名单，练习学员请导入班级名单",
            en="Contestants are not added here: import the roster of a contest, or the list of a class",
        )
        raise Invalid(text, faults=[Fault(path="body.roles", text=text).model_dump(mode="json", by_alias=True)])
    return compatible(roles)


def _organises(row: Any, changes: dict[str, Any]) -> bool:
    """Whether an open account is an organiser's, after these changes."""
    closed_ms = changes.get("closed_ms", row.closed_ms)
    return closed_ms is None and Role.ORGANISER in changes.get("roles", row.roles).split(",")


def _view(row: Any) -> AccountView:
    return AccountView(
        account_id=row.id,
        login_name=row.login_name,
        display_name=row.display_name,
        roles=principal_of(row).roles,
        closed=row.closed_ms is not None,
        created_ms=row.created_ms,
    )
