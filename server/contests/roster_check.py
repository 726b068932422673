"""What is wrong (severe), or doubtful by the contest's rules (a warning), in the rows of a roster."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from server.contests.schemas import RosterFault, RosterRules
from server.contests.sheets import Sheet, fault, person_name
from server.contests.xlsx import Column

COLUMNS = (
    Column("参赛证号", True, "必填。1–20 个字母、数字或连字符 -，在本名单中不能重复。"),
    Column("姓名", True, "必填。"),
    Column("代表队", True, "必填。同一代表队请写得完全一样。"),
    Column("组别", False, "如：中职组。不分组可留空。"),
    Column("指导教师", False, "每名选手限 1 名指导教师。"),
    Column("出生日期", False, "如：2001-09-01。只用于核对年龄，不保存。"),
    Column("往届一等奖", False, "填“是”或“否”。曾获同一项目、相同组别一等奖的选手不再参赛。只用于核对，不保存。"),
)
TICKET = re.compile(r"[0-9A-Z-]{1,20}")
_LENGTHS = {"姓名": 80, "代表队": 80, "组别": 40, "指导教师": 80}
"""As long as the columns of the database; longer ones are a slip."""
_DATES = (
    re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"),
    re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日"),
    re.compile(r"(\d{4})(\d{2})(\d{2})"),
)
_YES = frozenset({"是", "有", "Y", "YES", "TRUE", "1"})
_NO = frozenset({"", "否", "无", "N", "NO", "FALSE", "0"})
_SEVERAL = re.compile(r"[、，,/／;；&+]|[\u2e80-\u9fff]{2}\s[\u2e80-\u9fff]{2}")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row as it would be kept; tickets in capital letters."""

    row: int
    ticket: str
    name: str
    delegation: str
    group: str
    coach: str


def checked(sheet: Sheet, rules: RosterRules) -> tuple[list[Candidate], list[RosterFault]]:
    """The rows as they would be kept, and everything that is wrong with them."""
    faults = list(sheet.faults)
    candidates = []
    for row, cells in sheet.rows:
        coach = cells.get("指导教师", "")
        candidate = Candidate(
            row=row,
            ticket=cells["参赛证号"].upper(),
            name=person_name(cells["姓名"]),
            delegation=cells["代表队"],
            group=cells.get("组别", ""),
            coach=coach if _SEVERAL.search(coach) else person_name(coach),
        )
        candidates.append(candidate)
        faults += _row_faults(candidate, cells, rules)
    faults += _doubles(candidates)
    faults += _crowded(candidates, rules)
    return candidates, faults


def ticket_fault(row: int, column: str, ticket: str) -> RosterFault | None:
    """What is wrong with a number by which somebody is known; None if nothing is."""
    if not ticket:
        return fault(row, column, f"没有填写{column}", f"{column} is missing")
    if TICKET.fullmatch(ticket) is None:
        return fault(
            row,
            column,
            f"{column}“{ticket[:40]}”只能由 1–20 个字母、数字或连字符 - 组成",
            f"{column} {ticket[:40]!r}: 1 to 20 letters, digits or hyphens",
        )
    return None


def text_faults(row: int, column: str, value: str, *, required: bool) -> Iterator[RosterFault]:
    """Too long, or missing."""
    if required and not value:
        yield fault(row, column, f"没有填写{column}", f"{column} is missing")
    if len(value) > _LENGTHS[column]:
        yield fault(
            row, column, f"{column}超过 {_LENGTHS[column]} 个字", f"{column} is longer than {_LENGTHS[column]} letters"
        )


def _row_faults(candidate: Candidate, cells: Mapping[str, str], rules: RosterRules) -> Iterator[RosterFault]:
    row = candidate.row
    if found := ticket_fault(row, "参赛证号", candidate.ticket):
        yield found
    yield from text_faults(row, "姓名", candidate.name, required=True)
    yield from text_faults(row, "代表队", candidate.delegation, required=True)
    yield from text_faults(row, "组别", candidate.group, required=False)
    yield from text_faults(row, "指导教师", candidate.coach, required=False)
    if not candidate.coach and rules.coach_required:
        yield fault(row, "指导教师", "没有填写指导教师", "The coach is missing", severe=False)
    if _SEVERAL.search(candidate.coach):
        yield fault(row, "指导教师", "每名选手限 1 名指导教师", "More than one coach is named", severe=False)
    yield from _age_faults(row, cells.get("出生日期", ""), rules)
    prize = cells.get("往届一等奖", "").upper()
    if prize not in _YES | _NO:
        yield fault(row, "往届一等奖", "请填“是”或“否”", "Write 是 or 否")
    elif prize in _YES and not rules.former_first_prize_allowed:
        yield fault(
            row,
            "往届一等奖",
            "曾获往届一等奖，不再参加同一项目相同组别的比赛",
            "Has won a first prize before",
            severe=False,
        )


def _age_faults(row: int, cell: str, rules: RosterRules) -> Iterator[RosterFault]:
    bound = rules.born_on_or_after
    if not cell:
        if bound is not None:
            yield fault(row, "出生日期", "没有出生日期，无法核对年龄", "No date of birth to check", severe=False)
        return
    born = read_date(cell)
    if born is None:
        yield fault(
            row,
            "出生日期",
            f"读不出日期“{cell[:40]}”，请写成 2001-09-01",
            f"{cell[:40]!r} is no date; write 2001-09-01",
        )
    elif bound is not None and born.isoformat() < bound:
        yield fault(row, "出生日期", f"早于 {bound}，超过年龄限制", f"Born before {bound}", severe=False)


def read_date(cell: str) -> dt.date | None:
    """A date between 1900 and 2100 as people write it; None if it is none."""
    for pattern in _DATES:
        if (match := pattern.fullmatch(cell.replace(" ", ""))) is not None:
            year, month, day = map(int, match.groups())
            try:
                return dt.date(year, month, day) if 1900 <= year <= 2100 else None
            except ValueError:
                return None
    return None


def _doubles(candidates: list[Candidate]) -> Iterator[RosterFault]:
    tickets: dict[str, int] = {}
    names: dict[tuple[str, str], int] = {}
    for candidate in candidates:
        row, ticket = candidate.row, candidate.ticket
        if ticket and (first := tickets.setdefault(ticket, row)) != row:
            yield fault(
                row,
                "参赛证号",
                f"参赛证号“{ticket[:40]}”与第 {first} 行重复",
                f"The ticket {ticket[:40]!r} stands in row {first} too",
            )
        named = (candidate.delegation, candidate.name)
        if all(named) and (first := names.setdefault(named, row)) != row:
            yield fault(
                row,
                "姓名",
                f"与第 {first} 行的选手同队同名，请确认不是同一人",
                f"Same name and delegation as in row {first}",
                severe=False,
            )


def _crowded(candidates: list[Candidate], rules: RosterRules) -> Iterator[RosterFault]:
    """One warning for each delegation and group, where the limit is passed."""
    counts = Counter((candidate.delegation, candidate.group) for candidate in candidates)
    passed: Counter[tuple[str, str]] = Counter()
    for candidate in candidates:
        side = (candidate.delegation, candidate.group)
        passed[side] += 1
        if candidate.delegation and passed[side] == rules.most_a_delegation + 1:
            in_group = f"在“{candidate.group}”" if candidate.group else ""
            yield fault(
                candidate.row,
                "代表队",
                f"代表队“{candidate.delegation[:40]}”{in_group}有 {counts[side]} 名选手，"
                f"规定不超过 {rules.most_a_delegation} 名",
                f"{candidate.delegation[:40]!r} sends {counts[side]} contestants, {rules.most_a_delegation} at most",
                severe=False,
            )
