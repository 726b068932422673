"""日程: the stages of a contest, each on a paper."""

from dataclasses import dataclass
from typing import Any

from server.accounts.acts import Acts
from server.contests.schemas import ChangeStage, ContestView, NewStage
from server.contests.service import ContestsService
from server.core.access import Permission, Principal
from server.core.clock import Clock
from server.core.errors import Conflict
from server.core.ids import new_id
from server.core.journal import RowDelete, RowInsert, RowUpdate
from server.core.text import Text
from server.papers.service import PapersService

_ARMED = Text(
    zh="该环节已经待命或开始，不能再修改；需要时间请用“补时”",
    en="This stage has been armed: it can't be changed any more; grant time instead",
)


@dataclass(frozen=True, slots=True)
class Timetable:
    """Which stage follows which, on what, from when, for how long."""

    contests: ContestsService
    papers: PapersService
    acts: Acts
    clock: Clock

    async def add(self, who: Principal, contest_id: str, body: NewStage) -> ContestView:
        """A stage at the end; raises NotFound, NotPermitted, Overtaken."""
        await self.contests.row(who, contest_id, Permission.MANAGE_CONTEST)
        paper, sha256 = await self.papers.paper(body.paper_id)
        stages = await self.contests.repository.stages([contest_id])
        stage_id = new_id(self.clock.now_ms())
        duration_ms = body.duration_ms or paper.duration_ms
        title = paper.title if body.title is None else Text(zh=body.title)
        row = RowInsert(
            "stages",
            {
                "id": stage_id,
                "contest_id": contest_id,
                "position": max((stage.position for stage in stages), default=-1) + 1,
                "module": paper.module,
                "title": title.model_dump(mode="json", by_alias=True),
                "paper_id": paper.paper_id,
                "content_sha256": await self.papers.lasting(sha256, duration_ms),
                "duration_ms": duration_ms,
                "planned_ms": body.planned_ms,
            },
        )
        await self._record(who, "stage.add", contest_id, stage_id, body.seen, inserts=[row])
        return await self.contests.view(who, contest_id)

    async def change(self, who: Principal, contest_id: str, stage_id: str, body: ChangeStage) -> ContestView:
        """Change, move or remove a stage; raises NotFound, NotPermitted, Overtaken, Conflict once it is armed."""
        await self.contests.row(who, contest_id, Permission.MANAGE_CONTEST)
        stage = await self.contests.stage(contest_id, stage_id)
        if stage.armed_ms is not None:
            raise Conflict(_ARMED)
        key = {"id": stage_id}
        if body.remove:
            await self._record(who, "stage.remove", contest_id, stage_id, body.seen, deletes=[RowDelete("stages", key)])
            return await self.contests.view(who, contest_id)
        values: dict[str, Any] = {
            name: value
            for name, value in (("planned_ms", body.planned_ms), ("duration_ms", body.duration_ms))
            if value is not None
        }
        if body.duration_ms is not None:
            values["content_sha256"] = await self.papers.lasting(stage.content_sha256, body.duration_ms)
        if body.title is not None:
            values["title"] = Text(zh=body.title).model_dump(mode="json", by_alias=True)
        updates = [RowUpdate("stages", key, values)] if values else []
        if body.position is not None:
            updates += await self._moved(contest_id, stage_id, body.position)
        if updates:
            await self._record(who, "stage.change", contest_id, stage_id, body.seen, updates=updates)
        return await self.contests.view(who, contest_id)

    async def _moved(self, contest_id: str, stage_id: str, position: int) -> list[RowUpdate]:
        """The positions of all stages after one has moved."""
        stages = await self.contests.repository.stages([contest_id])
        ids = [stage.id for stage in stages if stage.id != stage_id]
        ids.insert(position, stage_id)
        fixed = [stage.id for stage in stages if stage.armed_ms is not None]
        if ids[: len(fixed)] != fixed:
            raise Conflict(
                Text(
                    zh="不能移到已经待命或开始的环节之前",
                    en="A stage can't be moved before one that has been armed",
                )
            )
        return [RowUpdate("stages", {"id": id_}, {"position": number}) for number, id_ in enumerate(ids)]

    async def _record(self, who: Principal, act: str, contest_id: str, stage_id: str, seen: int, **rows: Any) -> None:
        await self.acts.record(who, act, stage_id, contest_id=contest_id, expected={contest_id: seen}, **rows)
