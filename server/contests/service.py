"""Contests and their stages; a practice round is a contest of one stage and one trainee, and is not blind."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from server.accounts.acts import Acts
from server.contests.repository import ContestsRepository
from server.contests.schemas import ChangeContest, ContestView, NewContest, RosterRules, StagePhase, StageView
from server.core.access import Permission, Principal
from server.core.clock import Clock
from server.core.errors import Conflict, NotFound
from server.core.frozen import Frozen
from server.core.ids import new_id
from server.core.journal import Journal, RowInsert, RowUpdate
from server.core.modules import Modules
from server.core.text import Text

CONTEST_STAFF = (
    Permission.MANAGE_CONTEST,
    Permission.RUN_STAGE,
    Permission.CONFIRM_ORDER,
    Permission.WATCH_HALL,
    Permission.SEE_RESULTS,
    Permission.SEE_HALL_CLOCK,
)


@dataclass(frozen=True, slots=True)
class ContestsService:
    """What people may do with contests before anybody sits down."""

    repository: ContestsRepository
    journal: Journal
    modules: Modules
    acts: Acts
    clock: Clock

    async def all(self, who: Principal) -> list[ContestView]:
        """Contests and lessons that the asker has to do with, newest first."""
        kinds = []
        if any(who.may(permission) for permission in CONTEST_STAFF):
            kinds.append("contest")
        if who.may(Permission.TEACH):
            kinds.append("lesson")
        return await self._views(await self.repository.contests(kinds))

    async def view(self, who: Principal, contest_id: str) -> ContestView:
        """One contest; raises NotFound, NotPermitted."""
        return await self.of(await self.row(who, contest_id, *CONTEST_STAFF))

    async def of(self, row: Any) -> ContestView:
        """The view of a contest's row."""
        (view,) = await self._views([row])
        return view

    async def row(self, who: Principal, contest_id: str, *any_of: Permission) -> Any:
        """A contest's row for somebody who may do one of these to it; lessons belong to those who teach.

        Raises NotFound, also for practice rounds, and NotPermitted.
        """
        row = await self.repository.contest(contest_id)
        if row is None or row.kind == "practice":
            raise NotFound
        who.require(*((Permission.TEACH,) if row.kind == "lesson" else any_of))
        return row

    async def stage(self, contest_id: str, stage_id: str) -> Any:
        """A stage's row; raises NotFound if it is not one of the contest."""
        row = await self.repository.stage(stage_id)
        if row is None or row.contest_id != contest_id:
            raise NotFound
        return row

    async def create(self, who: Principal, body: NewContest) -> ContestView:
        """A contest without stages; raises NotPermitted."""
        who.require(Permission.MANAGE_CONTEST)
        now_ms = self.clock.now_ms()
        contest_id = new_id(now_ms)
        row = RowInsert(
            "contests",
            {
                "id": contest_id,
                "kind": "contest",
                "title": Text(zh=body.title).model_dump(mode="json", by_alias=True),
                "blind": True,
                "rules": body.rules.model_dump(mode="json"),
                "created_ms": now_ms,
            },
        )
        await self.acts.record(who, "contest.create", contest_id, contest_id=contest_id, inserts=[row])
        return await self.view(who, contest_id)

    async def change(self, who: Principal, contest_id: str, body: ChangeContest) -> ContestView:
        """Change title or rules, end a contest; raises NotFound, NotPermitted, Conflict, Overtaken."""
        await self.row(who, contest_id, Permission.MANAGE_CONTEST)
        values: dict[str, Any] = {}
        if body.title is not None:
            values["title"] = Text(zh=body.title).model_dump(mode="json", by_alias=True)
        if body.rules is not None:
            values["rules"] = body.rules.model_dump(mode="json")
        if body.closed is not None:
            stages = await self.repository.stages([contest_id])
            if body.closed and any(stage_phase(stage) in ("armed", "scheduled", "running") for stage in stages):
                raise Conflict(
                    Text(zh="还有环节没有结束，不能结束赛事", en="A stage is not closed yet: the contest can't end")
                )
            values["closed_ms"] = self.clock.now_ms() if body.closed else None
        if values:
            await self.acts.record(
                who,
                "contest.change",
                contest_id,
                contest_id=contest_id,
                details={"columns": sorted(values)},
                updates=[RowUpdate("contests", {"id": contest_id}, values)],
                expected={contest_id: body.seen},
            )
        return await self.view(who, contest_id)

    async def revision(self, contest_id: str) -> int:
        """How many acts the contest has seen: whoever decides on an older picture is overtaken."""
        return await self.acts.revision(contest_id)

    async def _views(self, rows: Sequence[Any]) -> list[ContestView]:
        ids = [row.id for row in rows]
        counts = await self.repository.entrant_counts(ids)
        revisions = await self.journal.stream_seqs(ids)
        stages: dict[str, list[StageView]] = {contest_id: [] for contest_id in ids}
        for stage in await self.repository.stages(ids):
            stages[stage.contest_id].append(stage_view(stage, self.modules))
        return [
            ContestView(
                contest_id=row.id,
                kind=row.kind,
                title=Text.model_validate(row.title),
                class_id=row.class_id,
                rules=None if row.rules is None else RosterRules.model_validate(row.rules),
                created_ms=row.created_ms,
                closed_ms=row.closed_ms,
                revision=revisions.get(row.id, 0),
                entrants=counts.get(row.id, 0),
                stages=tuple(stages[row.id]),
            )
            for row in rows
        ]


def stage_phase(row: Any) -> StagePhase:
    """Where a stage stands, from what has been done to it."""
    if row.closed_ms is not None:
        return "closed"
    if row.started_ms is not None:
        return "running"
    if row.starts_ms is not None:
        return "scheduled"
    return "armed" if row.armed_ms is not None else "not_open"


def stage_view(row: Any, modules: Modules) -> StageView:
    """One line of the timetable."""
    return StageView(
        stage_id=row.id,
        position=row.position,
        module=row.module,
        module_title=modules[row.module].title,
        title=Text.model_validate(row.title),
        paper_id=row.paper_id,
        phase=stage_phase(row),
        planned_ms=row.planned_ms,
        duration_ms=row.duration_ms,
        starts_ms=row.starts_ms,
        armed_ms=row.armed_ms,
        started_ms=row.started_ms,
        closed_ms=row.closed_ms,
    )


class PlannedStage(Frozen):
    """The ids of a new contest of one stage."""

    contest_id: str
    stage_id: str


@dataclass(frozen=True, slots=True)
class PlannedRound:
    """A contest of one stage and the rows that make it; they are written together with its first events."""

    round: PlannedStage
    inserts: tuple[RowInsert, ...]


def plan_round(
    module: str,
    title: Text,
    paper_id: str | None,
    content_sha256: str,
    duration_ms: int,
    at_ms: int,
    *,
    class_id: str | None = None,
) -> PlannedRound:
    """A new practice round, or a lesson of a class, at `at_ms` (UTC epoch ms)."""
    contest_id, stage_id = new_id(at_ms), new_id(at_ms)
    title_json = title.model_dump(mode="json", by_alias=True)
    kind = "practice" if class_id is None else "lesson"
    contest: dict[str, Any] = {
        "id": contest_id,
        "kind": kind,
        "title": title_json,
        "blind": False,
        "class_id": class_id,
        "created_ms": at_ms,
    }
    stage: dict[str, Any] = {
        "id": stage_id,
        "contest_id": contest_id,
        "position": 0,
        "module": module,
        "title": title_json,
        "paper_id": paper_id,
        "content_sha256": content_sha256,
        "duration_ms": duration_ms,
    }
    inserts = (RowInsert("contests", contest), RowInsert("stages", stage))
    return PlannedRound(PlannedStage(contest_id=contest_id, stage_id=stage_id), inserts)
