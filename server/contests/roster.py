"""The roster of a contest: a table that is checked by the contest's rules and imported whole, or not at all."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from anyio import to_thread

from server.accounts.acts import Acts
from server.accounts.service import AccountsService
from server.contests.repository import ContestsRepository
from server.contests.roster_check import COLUMNS, Candidate, checked
from server.contests.roster_repository import RosterRepository
from server.contests.schemas import EntrantView, RosterFault, RosterReport, RosterRules
from server.contests.sheets import EXAMPLE, read_sheet
from server.contests.xlsx import template
from server.core.access import Permission, Principal, Role
from server.core.errors import Conflict, NotFound
from server.core.ids import new_code, new_id
from server.core.journal import RowDelete, RowInsert
from server.core.text import Text

FAULTS_SHOWN = 500
_EXAMPLE = {
    "参赛证号": f"{EXAMPLE}001",
    "姓名": "张三",
    "代表队": "甘肃省",
    "组别": "中职组",
    "指导教师": "李四",
    "出生日期": "2001-09-01",
    "往届一等奖": "否",
}
_NOTES = (
    "第一行是列标题，列的顺序可以改变；带 * 的列必须填写。",
    f"参赛证号以“{EXAMPLE}”开头的行不会导入。",
    "重新导入会替换整个名单，并取消已排的赛位；有环节进入待命后不能再导入。",
    "出生日期与往届一等奖只用于核对，不会保存。",
)


class RosterFixed(Conflict):
    """A stage has been armed: the works would lose their contestants."""

    code = "roster-fixed"
    title = Text(
        zh="已有环节进入待命或已开始，参赛名单不能再替换",
        en="A stage has been armed; the roster can't be replaced any more",
    )


async def _nobody_sits(_contest_id: str) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class RosterService:
    """Who takes part in a contest."""

    contests: ContestsRepository
    repository: RosterRepository
    accounts: AccountsService
    acts: Acts
    seat_labels: Callable[[str], Awaitable[Mapping[str, str]]] = _nobody_sits
    """Labels of the places of a contest's entrants by account."""

    async def template(self) -> bytes:
        """The table to fill in (.xlsx)."""
        return await to_thread.run_sync(template, COLUMNS, _EXAMPLE, _NOTES)

    async def entrants(self, who: Principal, contest_id: str) -> list[EntrantView]:
        """Who takes part, by ticket; whoever doesn't manage the contest sees tickets, groups and places only.

        Raises NotPermitted, NotFound.
        """
        await self._contest(who, contest_id, Permission.MANAGE_CONTEST, Permission.RUN_STAGE, Permission.WATCH_HALL)
        named = who.may(Permission.MANAGE_CONTEST)
        labels = await self.seat_labels(contest_id)
        return [
            EntrantView(
                account_id=row.account_id,
                ticket_number=row.ticket_number,
                name=row.display_name if named else "",
                delegation=row.delegation if named else "",
                group_title=row.group_title,
                coach=row.coach if named else "",
                seat_label=labels.get(row.account_id),
            )
            for row in await self.contests.entrants(contest_id)
        ]

    async def import_(
        self, who: Principal, contest_id: str, name: str, body: bytes, *, seen: int, dry_run: bool
    ) -> RosterReport:
        """Replace the roster by an uploaded table, or say what is wrong with it; `seen` is the contest's revision.

        Raises NotPermitted, NotFound, RosterFixed, Overtaken, UnreadableTable, TooLarge.
        """
        contest = await self._contest(who, contest_id, Permission.MANAGE_CONTEST)
        if any(stage.armed_ms is not None for stage in await self.contests.stages([contest_id])):
            raise RosterFixed
        sheet = await to_thread.run_sync(read_sheet, name, body, COLUMNS)
        rules = RosterRules() if contest.rules is None else RosterRules.model_validate(contest.rules)
        candidates, found = checked(sheet, rules)
        good = not any(fault.severe for fault in found)
        if good and not dry_run:
            await self._replace(who, contest_id, candidates, seen, warnings=len(found))
        return report(found, rows=len(sheet.rows), imported=good and not dry_run)

    async def _replace(
        self, who: Principal, contest_id: str, candidates: Sequence[Candidate], seen: int, warnings: int
    ) -> None:
        before = [row.account_id for row in await self.contests.entrants(contest_id)]
        for account_id in await self.repository.logged_in(contest_id):
            await self.accounts.end_logins(account_id)
        deletes = [RowDelete("placements", {"contest_id": contest_id})] if before else []
        # Also of those who log in only now: rows of logins refer to accounts.
        deletes += [RowDelete("logins", {"account_id": account_id}) for account_id in before]
        deletes += [RowDelete(table, {"contest_id": contest_id}) for table in ("entrants", "accounts")]
        now_ms = self.acts.clock.now_ms()
        codes: set[str] = set()
        while len(codes) < len(candidates):
            codes.add(new_code(8))
        accounts, entrants = [], []
        for candidate, code in zip(candidates, codes, strict=True):
            account_id = new_id(now_ms)
            accounts.append(_account(contest_id, account_id, candidate, now_ms))
            entrants.append(_entrant(contest_id, account_id, candidate, code))
        await self.acts.record(
            who,
            "roster.import",
            contest_id,
            contest_id=contest_id,
            details={"rows": len(candidates), "replaced": len(before), "warnings": warnings},
            deletes=deletes,
            inserts=[*accounts, *entrants],
            expected={contest_id: seen},
        )

    async def _contest(self, who: Principal, contest_id: str, *any_of: Permission) -> Any:
        who.require(*any_of)
        row = await self.contests.contest(contest_id)
        if row is None or row.kind != "contest":
            raise NotFound
        return row


def report(faults: Sequence[RosterFault], *, rows: int, imported: bool) -> RosterReport:
    """What an import says: by row, severe faults first if there are too many to show."""
    shown = sorted(faults, key=lambda fault: not fault.severe)[:FAULTS_SHOWN]
    shown.sort(key=lambda fault: fault.row)
    if left := len(faults) - len(shown):
        text = Text(zh=f"另有 {left} 处未列出", en=f"{left} more are not listed")
        severe = Counter(fault.severe for fault in shown)[True] < sum(fault.severe for fault in faults)
        shown.append(RosterFault(row=shown[-1].row, column="", text=text, severe=severe))
    return RosterReport(imported=imported, rows=rows, faults=tuple(shown))


def _account(contest_id: str, account_id: str, candidate: Candidate, now_ms: int) -> RowInsert:
    values = {
        "id": account_id,
        "login_name": f"{contest_id}:{candidate.ticket}",
        "display_name": candidate.name,
        "roles": Role.CONTESTANT.value,
        "contest_id": contest_id,
        "created_ms": now_ms,
    }
    return RowInsert("accounts", values)


def _entrant(contest_id: str, account_id: str, candidate: Candidate, code: str) -> RowInsert:
    values = {
        "account_id": account_id,
        "contest_id": contest_id,
        "ticket_number": candidate.ticket,
        "contestant_code": code,
        "delegation": candidate.delegation,
        "group_title": candidate.group,
        "coach": candidate.coach,
    }
    return RowInsert("entrants", values)
