"""Run control: what orders do to the attempts of a stage, each in one transaction with staff's own event."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.accounts.acts import Acts
from server.attempts import orders
from server.attempts.repository import AttemptsRepository
from server.attempts.requests import Act, Opening
from server.attempts.runner import AttemptRunner
from server.attempts.standing import AttemptRecord
from server.contests.schemas import ContestKind, OrderRequest
from server.core.access import Principal
from server.core.clock import Clock
from server.core.errors import Conflict
from server.core.ids import new_code, new_id
from server.core.journal import RowInsert, RowUpdate
from server.core.phases import Phase
from server.core.text import Text
from server.papers.service import PapersService

RESUMED = "stages.resumed"
"""Bus topic: a pause of a stage, or of a place, has ended."""
NO_CONTENT = Text(zh="该环节没有试卷，请先在日程中选择", en="The stage has no paper: choose one in the timetable")


@dataclass(frozen=True, slots=True)
class Stage:
    """What run control must know of a stage."""

    row: Any
    kind: ContestKind

    @property
    def key(self) -> Mapping[str, Any]:
        """The key of its row."""
        return {"id": self.row.id}


@dataclass(frozen=True, slots=True)
class RowsToo:
    """Rows that must come into being, or change, together with what an order does."""

    inserts: Sequence[RowInsert] = ()
    updates: Sequence[RowUpdate] = ()


@dataclass(frozen=True, slots=True)
class RunControl:
    """Carries orders out; who may give them, and whom they reach, is decided above."""

    runner: AttemptRunner
    repository: AttemptsRepository
    papers: PapersService
    acts: Acts
    clock: Clock

    async def arm(self, who: Principal, stage: Stage, contestants: Sequence[str], rows: RowsToo, seen: int) -> int:
        """待命: open an attempt for each of these accounts that has none yet; returns how many were opened.

        All of a stage get the same seed: what chance decides is the same for everybody.
        """
        row = stage.row
        if row.content_sha256 is None:
            raise Conflict(NO_CONTENT)
        module = self.papers.modules[row.module]
        content = await self.papers.content(row.content_sha256)
        there = await self.repository.of_stage(row.id)
        have = {record.contestant_id for record in there}
        seed = (await self.runner.attempt(there[0].attempt_id)).core.seed if there else secrets.randbits(32)
        now_ms = self.clock.now_ms()
        openings = [
            Opening(
                AttemptRecord(
                    attempt_id=new_id(now_ms),
                    contest_id=row.contest_id,
                    stage_id=row.id,
                    kind=stage.kind,
                    contestant_id=account_id,
                    module=row.module,
                    content_sha256=row.content_sha256,
                    work_code=new_code(8),
                    opened_ms=now_ms,
                ),
                module,
                content,
                seed,
            )
            for account_id in contestants
            if account_id not in have
        ]
        armed = [] if row.armed_ms is not None else [RowUpdate("stages", stage.key, {"armed_ms": now_ms})]
        acted = self.acts.event(
            who, "stage.arm", row.id, contest_id=row.contest_id, details={"opened": len(openings)}, at_ms=now_ms
        )
        await self.runner.open(
            openings,
            inserts=rows.inserts,
            updates=[*armed, *rows.updates],
            events=[acted],
            expected={row.contest_id: seen},
        )
        return len(openings)

    async def carry_out(
        self,
        who: Principal,
        stage: Stage,
        request: OrderRequest,
        attempt_ids: Sequence[str],
        *,
        confirmed_by: str | None,
        rows: RowsToo,
        whole: bool,
    ) -> list[str]:
        """Let an order reach these attempts; returns those that changed. `whole`: it was for the whole stage.

        Raises Overtaken, with nothing done, if somebody acted after the picture on which it was decided.
        """
        row = stage.row
        verb = request.act
        changes: dict[str, Any] = {}
        now_ms = self.clock.now_ms()
        if verb == "arm" or verb == "unschedule":
            raise ValueError(verb)
        if verb == "start":
            acts = await self._starts(stage, attempt_ids)
            changes = {"started_ms": row.started_ms or now_ms, "starts_ms": None}
        else:
            acts = {id_: orders.act_of(verb, request.ms or 0, request.reason) for id_ in attempt_ids}
            if verb == "close" and whole:
                changes = {"closed_ms": now_ms, "starts_ms": None}
        details = {
            "rooms": list(request.rooms),
            "places": len(request.keys),
            "affected": len(attempt_ids),
            "ms": request.ms,
            "reason": request.reason,
            "confirmed_by": confirmed_by,
        }
        acted = self.acts.event(who, f"stage.{verb}", row.id, contest_id=row.contest_id, details=details, at_ms=now_ms)
        staged = [RowUpdate("stages", stage.key, changes)] if changes else []
        if verb == "close" and whole and stage.kind == "lesson":
            staged.append(RowUpdate("contests", {"id": row.contest_id}, {"closed_ms": now_ms}))
        changed = await self.runner.order(
            acts,
            inserts=rows.inserts,
            updates=[*staged, *rows.updates],
            events=[acted],
            expected={row.contest_id: request.seen},
        )
        if verb == "resume":
            self.runner.bus.publish(RESUMED, row.id)
        return changed

    async def schedule(self, who: Principal, stage: Stage, at_ms: int | None, seen: int, rows: RowsToo) -> None:
        """Let a stage start by itself at a moment (UTC epoch ms), or no more; the places are told."""
        row = stage.row
        await self.acts.record(
            who,
            "stage.unschedule" if at_ms is None else "stage.schedule",
            row.id,
            contest_id=row.contest_id,
            details={"at_ms": at_ms},
            inserts=rows.inserts,
            updates=[RowUpdate("stages", stage.key, {"starts_ms": at_ms}), *rows.updates],
            expected={row.contest_id: seen},
        )
        self.runner.tell(record.attempt_id for record in await self.repository.of_stage(row.id))

    async def start_by_itself(self, stage: Stage, seen: int) -> list[str]:
        """The planned moment has come; raises Overtaken if staff acted after revision `seen`."""
        row = stage.row
        ids = [record.attempt_id for record in await self.repository.of_stage(row.id)]
        now_ms = self.clock.now_ms()
        changes = {"started_ms": now_ms, "starts_ms": None}
        acted = self.acts.event(
            TIMETABLE,
            "stage.start",
            row.id,
            contest_id=row.contest_id,
            details={"affected": len(ids), "planned": row.starts_ms},
            at_ms=now_ms,
        )
        return await self.runner.order(
            await self._starts(stage, ids),
            updates=[RowUpdate("stages", stage.key, changes)],
            events=[acted],
            expected={row.contest_id: seen},
        )

    async def _starts(self, stage: Stage, attempt_ids: Sequence[str]) -> dict[str, Act]:
        """Who still works at another stage starts when that has ended."""
        under_way = await self.repository.under_way(stage.row.contest_id, stage.row.id)
        await self.runner.wake_up([*attempt_ids, *under_way.values()])
        acts: dict[str, Act] = {}
        for attempt_id in attempt_ids:
            standing = self.runner.standing(attempt_id)
            if standing is not None and standing.core.phase is Phase.ARMED:
                behind = under_way.get(standing.record.contestant_id)
                acts[attempt_id] = orders.start_after(behind, self.is_over)
        return acts

    async def stands_still(self, stage_id: str) -> bool:
        """Whether everybody who has begun a stage is paused."""
        records = await self.repository.of_stage(stage_id)
        standing = [self.runner.standing(record.attempt_id) for record in records]
        phases = {one.core.phase for one in standing if one is not None}
        return Phase.PAUSED in phases and Phase.RUNNING not in phases

    def is_over(self, attempt_id: str) -> bool:
        """Whether nobody works at an attempt any more; one that can't be read holds up nobody."""
        standing = self.runner.standing(attempt_id)
        return standing is None or standing.core.phase is Phase.CLOSED


TIMETABLE = Principal(account_id="timetable", roles=(), display_name="日程")
"""Who acts when a planned moment comes; the person who planned it stands in the act before."""
