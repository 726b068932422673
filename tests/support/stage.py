"""A stage that people sit at, made with as little ceremony as possible: for tests of what comes after the hand-in."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from openpyxl import load_workbook

from server.app import Services
from server.attempts import orders
from server.attempts.control import RowsToo, Stage
from server.core.access import Principal, Role
from server.core.contract import Content
from server.core.journal import RowInsert
from server.results.schemas import CorrectionView, NewCorrection
from tests.support.house import Trainee, save
from tests.support.papers import AUDIO, CARD, paper

PLANTED = {
    "name": "欧阳识别",
    "ticket_number": "TICKET-7001",
    "delegation": "某某代表队",
    "coach": "指导某某",
    "label": "SEAT-A-01",
}
"""What of an entrant must stand nowhere beside marks; every entrant gets it with a number behind."""


NAME = "items.i1.name"
OTHER_NAME = CARD | {"name": "欧阳血"}
"""One of 59 characters wrong: 98.31 %, 9.83 marks."""


@dataclass(slots=True)
class Sitting:
    """One stage, its staff, and those who sit at it."""

    services: Services
    contest_id: str
    stage_id: str
    chief: Principal
    trainer: Principal
    people: list[Trainee] = field(default_factory=list)

    async def seen(self) -> int:
        """The revision of the contest that is true now."""
        return await self.services.contests.revision(self.contest_id)

    async def begin(self) -> None:
        """Start everybody's time."""
        ids = [one.attempt_id for one in self.people]
        await self.services.runner.order({attempt_id: orders.act_of("start") for attempt_id in ids})

    async def work_code(self, number: int) -> str:
        """The work code of one of the people."""
        return (await self.people[number].standing()).record.work_code

    async def hand_in(self, number: int, texts: Mapping[str, str], *, score: bool = True) -> None:
        """One types into the first card, and hands in."""
        one = self.people[number]
        for key, text in texts.items():
            await one.send(save(key, text))
        await one.send({"type": "hand_in", "cause": "handed_in"})
        if score:
            await self.services.scorer.catch_up()


async def seated(
    services: Services,
    kind: str = "contest",
    people: int = 2,
    task: tuple[str, Content] | None = None,
    **changes: Any,
) -> Sitting:
    """An armed stage of a contest (blind) or of a lesson, on the small paper of one card, or on a module's content."""
    chief = await services.accounts.create("chief", "裁判长某", Role.CHIEF_REFEREE, None)
    trainer = await services.accounts.create("trainer", "教师某", Role.TRAINER, None)
    await services.blobs.put(AUDIO)
    name, content = task or ("typing_test", paper(items=1, **changes))
    module = services.modules[name]
    sha256 = await services.papers.add_content(module, content)
    contest_id, stage_id = f"the-{kind}", f"stage-of-{kind}"
    contest = {
        "id": contest_id,
        "kind": kind,
        "title": {"zh-CN": "=2+3 某赛事", "en": "=2+3 Some contest"},
        "blind": kind == "contest",
        "class_id": "class" if kind == "lesson" else None,
        "created_ms": 1,
    }
    stage = {
        "id": stage_id,
        "contest_id": contest_id,
        "position": 0,
        "module": name,
        "title": module.title.model_dump(mode="json", by_alias=True),
        "content_sha256": sha256,
        "duration_ms": content.duration_ms,
    }
    class_ = {"id": "class", "title": "一班", "registration": False, "created_by": trainer.account_id, "created_ms": 1}
    seats = [
        RowInsert("seats", {"id": f"seat-{n}", "label": f"{PLANTED['label']}{n}", "room": "A", "spare": False})
        for n in range(people)
    ]
    rows = [RowInsert("classes", class_), RowInsert("contests", contest), RowInsert("stages", stage), *seats]
    for number in range(people):
        rows += _entrant(number, contest_id, kind)
    await services.acts.record(chief, f"{kind}.create", contest_id, contest_id=contest_id, inserts=rows)
    sitting = Sitting(services, contest_id, stage_id, chief, trainer)
    row = await services.contests.stage(contest_id, stage_id)
    ids = [f"account-{number}" for number in range(people)]
    await services.control.arm(chief, Stage(row, kind), ids, RowsToo(), await sitting.seen())  # type: ignore[arg-type]
    records = await services.attempts.repository.of_stage(stage_id)
    for record in sorted(records, key=lambda record: record.contestant_id):
        who = Principal(
            account_id=record.contestant_id,
            roles=(Role.CONTESTANT,),
            display_name="某",
            contest_id=contest_id if kind == "contest" else None,
        )
        epoch = await services.runner.take_lease(record.attempt_id, "page-0001")
        sitting.people.append(Trainee(services, who, record.attempt_id, epoch))
    return sitting


def _entrant(number: int, contest_id: str, kind: str) -> list[RowInsert]:
    account_id = f"account-{number}"
    account = {
        "id": account_id,
        "login_name": f"login-{number}",
        "display_name": f"{PLANTED['name']}{number}",
        "roles": "contestant",
        "contest_id": contest_id if kind == "contest" else None,
        "created_ms": 1,
    }
    if kind == "lesson":
        pupil = {"account_id": account_id, "class_id": "class", "number": f"2026{number:03d}"}
        return [RowInsert("accounts", account), RowInsert("pupils", pupil)]
    entrant = {
        "account_id": account_id,
        "contest_id": contest_id,
        "ticket_number": f"{PLANTED['ticket_number']}{number}",
        "contestant_code": f"CODE{number}",
        "delegation": PLANTED["delegation"],
        "group_title": "学生组",
        "coach": PLANTED["coach"],
    }
    placement = {"account_id": account_id, "contest_id": contest_id, "seat_id": f"seat-{number}"}
    return [RowInsert("accounts", account), RowInsert("entrants", entrant), RowInsert("placements", placement)]


def anybody(*roles: Role) -> Principal:
    """Somebody of these roles who has no account."""
    return Principal(account_id="somebody", roles=roles, display_name="某")


async def correct(sitting: Sitting, *accepted: str, seen: int | None = None, path: str = NAME) -> CorrectionView:
    """The chief referee corrects one line of the key."""
    body = NewCorrection(
        key={path: accepted}, reason="录音读法有歧义", seen=await sitting.seen() if seen is None else seen
    )
    return await sitting.services.corrections.correct(sitting.chief, sitting.stage_id, body)


def cells(book: bytes) -> list[Any]:
    """What stands in a workbook, sheet by sheet."""
    return [
        cell for sheet in load_workbook(io.BytesIO(book)) for row in sheet.iter_rows(values_only=True) for cell in row
    ]
