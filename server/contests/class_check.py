"""The list of a class: its columns, what is wrong in its rows, and the rows that a pupil becomes."""

from typing import Any

from server.contests.roster_check import text_faults, ticket_fault
from server.contests.schemas import RosterFault
from server.contests.sheets import Sheet, fault, person_name
from server.contests.xlsx import Column
from server.core.access import Role
from server.core.ids import new_id

COLUMNS = (
    Column("学号", True, "必填。1–20 个字母、数字或连字符 -，在本班中不能重复。"),
    Column("姓名", True, "必填。"),
)


def checked_pupils(sheet: Sheet, known: dict[str, str]) -> tuple[dict[str, str], list[RosterFault]]:
    """Names by number, and everything that is wrong with the rows."""
    faults = list(sheet.faults)
    people: dict[str, str] = {}
    rows: dict[str, int] = {}
    for row, cells in sheet.rows:
        number, name = cells["学号"].upper(), person_name(cells["姓名"])
        faults += person_faults(row, number, name)
        if number and (first := rows.setdefault(number, row)) != row:
            faults.append(
                fault(
                    row, "学号", f"学号“{number[:40]}”与第 {first} 行重复", f"{number[:40]!r} stands in row {first} too"
                )
            )
        if (before := known.get(number, name)) != name:
            faults.append(
                fault(row, "姓名", f"姓名将由“{before}”改为“{name}”", f"{before!r} becomes {name!r}", severe=False)
            )
        people[number] = name
    return people, faults


def person_faults(row: int, number: str, name: str) -> list[RosterFault]:
    """What is wrong with a pupil's number and name."""
    found = ticket_fault(row, "学号", number)
    return [*([found] if found else []), *text_faults(row, "姓名", name, required=True)]


def pupil_rows(class_id: str, number: str, name: str, now_ms: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The rows of a new pupil: account, and place on the list."""
    account_id = new_id(now_ms)
    account = {
        "id": account_id,
        "login_name": f"{class_id}:{number}",
        "display_name": name,
        "roles": Role.CONTESTANT.value,
        "created_ms": now_ms,
    }
    return account, {"account_id": account_id, "class_id": class_id, "number": number}
