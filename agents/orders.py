"""指挥: orders of run control, with a second person for what can't be undone."""

from dataclasses import dataclass
from typing import Any

from agents.presence import Presence
from agents.roll import WATCHERS, Entry, Roll, within
from server.accounts.acts import Acts
from server.accounts.service import AccountsService
from server.attempts import orders
from server.attempts.control import RowsToo, RunControl, Stage
from server.attempts.director import SCHEDULE
from server.attempts.standing import StandingAttempt
from server.contests.schemas import OrderPreview, OrderRequest, OrderView
from server.contests.service import ContestsService, stage_phase
from server.core.access import Permission, Principal
from server.core.bus import Bus
from server.core.clock import Clock
from server.core.errors import Conflict, Invalid, NotFound, NotPermitted, Overtaken
from server.core.ids import new_id
from server.core.journal import RowInsert, RowUpdate
from server.core.text import Text

TWO_PERSONS = frozenset({"start", "hand_in", "close"})
"""Orders of a contest that can't be undone: a second person confirms them."""
LATEST_START_MS = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class OrdersService:
    """What staff may do to a stage under way."""

    contests: ContestsService
    accounts: AccountsService
    control: RunControl
    roll: Roll
    presence: Presence
    bus: Bus
    acts: Acts
    clock: Clock

    async def preview(self, who: Principal, contest_id: str, stage_id: str, body: OrderRequest) -> OrderPreview:
        """将影响 N 个赛位, and what speaks against it; raises NotFound, NotPermitted, Invalid, Conflict."""
        contest, stage = await self._stage(who, contest_id, stage_id)
        self._check(stage, body)
        reached = await self._reached(contest, stage, body)
        return OrderPreview(
            affected=len(reached),
            needs_confirmation=_needs_two(stage, body),
            warnings=tuple(await self._warnings(contest, stage, body, reached)),
        )

    async def order(self, who: Principal, contest_id: str, stage_id: str, body: OrderRequest) -> OrderView:
        """Give an order: it is carried out at once, or waits for a second person.

        Raises NotFound, NotPermitted, Invalid, Conflict if it would change nothing, Overtaken.
        """
        contest, stage = await self._stage(who, contest_id, stage_id)
        self._check(stage, body)
        reached = await self._reached(contest, stage, body)
        if not reached and not (body.act == "close" and _whole(body)) and body.act != "unschedule":
            raise Conflict(
                Text(zh="没有赛位会受影响：请核对环节状态和所选范围", en="No place would be affected: check the scope")
            )
        if body.keys and _needs_two(stage, body):
            # Whoever is meant stays meant, wherever he sits when a second person confirms.
            people = tuple(entry.account_id for entry in reached if entry.account_id is not None)
            body = body.model_copy(update={"keys": people, "rooms": ()})
        now_ms = self.clock.now_ms()
        values: dict[str, Any] = {
            "id": new_id(now_ms),
            "contest_id": contest_id,
            "stage_id": stage_id,
            "body": body.model_dump(mode="json"),
            "status": "pending",
            "affected": len(reached),
            "proposed_by": who.account_id,
            "proposed_ms": now_ms,
        }
        if _needs_two(stage, body):
            await self.acts.record(
                who,
                "order.propose",
                values["id"],
                contest_id=contest_id,
                details={"act": body.act, "stage": stage_id, "affected": len(reached), "reason": body.reason},
                inserts=[RowInsert("orders", values)],
                expected={contest_id: body.seen},
            )
        else:
            row = RowInsert("orders", values | {"status": "done", "settled_ms": now_ms})
            await self._carry_out(who, stage, body, reached, None, RowsToo(inserts=[row]))
        return await self._order_view(who, values["id"])

    async def confirm(self, who: Principal, contest_id: str, order_id: str, seen: int) -> OrderView:
        """Confirm somebody else's order, which is carried out on the hall as it was when it was last shown (`seen`).

        Raises NotFound, NotPermitted (also for one's own order, and if its giver may give none any more), Overtaken.
        """
        contest = await self.contests.row(who, contest_id, Permission.CONFIRM_ORDER)
        row = await self._pending(contest_id, order_id)
        if row.proposed_by == who.account_id:
            raise NotPermitted(
                Text(zh="不能确认自己下达的指令，请另一位负责人确认", en="Somebody else must confirm your order")
            )
        proposer = next(iter(await self.accounts.principals([row.proposed_by])), None)
        if proposer is None or not proposer.may(Permission.RUN_STAGE):
            raise NotPermitted(
                Text(
                    zh="下达这条指令的人已不能指挥本场，请拒绝后由裁判长重新下达",
                    en="Whoever gave this order may give none any more: refuse it, and have it given anew",
                )
            )
        stage = Stage(await self.contests.stage(contest_id, row.stage_id), contest.kind)
        body = OrderRequest.model_validate(row.body).model_copy(update={"seen": seen})
        self._check(stage, body)
        reached = await self._reached(contest, stage, body)
        settled = RowUpdate(
            "orders",
            {"id": order_id, "status": "pending"},
            {
                "status": "done",
                "affected": len(reached),
                "confirmed_by": who.account_id,
                "settled_ms": self.clock.now_ms(),
            },
        )
        await self._carry_out(proposer, stage, body, reached, who.account_id, RowsToo(updates=[settled]))
        return await self._order_view(who, order_id)

    async def withdraw(self, who: Principal, contest_id: str, order_id: str) -> OrderView:
        """Take one's own order back, or refuse somebody else's; raises NotFound, NotPermitted, Conflict."""
        await self.contests.row(who, contest_id, Permission.CONFIRM_ORDER, Permission.RUN_STAGE)
        seen = await self.contests.revision(contest_id)
        await self._pending(contest_id, order_id)
        settled = {"status": "withdrawn", "confirmed_by": who.account_id, "settled_ms": self.clock.now_ms()}
        await self.acts.record(
            who,
            "order.withdraw",
            order_id,
            contest_id=contest_id,
            updates=[RowUpdate("orders", {"id": order_id, "status": "pending"}, settled)],
            expected={contest_id: seen},
        )
        return await self._order_view(who, order_id)

    async def orders(self, who: Principal, contest_id: str) -> list[OrderView]:
        """Orders, newest first; raises NotFound, NotPermitted."""
        await self.contests.row(who, contest_id, *WATCHERS)
        return await self._views(who, await self.contests.repository.orders(contest_id))

    async def _carry_out(
        self,
        who: Principal,
        stage: Stage,
        body: OrderRequest,
        reached: list[Entry],
        confirmed_by: str | None,
        rows: RowsToo,
    ) -> None:
        if body.act == "arm":
            accounts = [entry.account_id for entry in reached if entry.account_id is not None]
            await self.control.arm(who, stage, accounts, rows, body.seen)
        elif body.act == "unschedule" or (body.act == "start" and body.at_ms is not None):
            at_ms = body.at_ms if body.act == "start" else None
            await self.control.schedule(who, stage, at_ms, body.seen, rows)
            self.bus.publish(SCHEDULE, stage.row.id)
        else:
            ids = [entry.attempt_id for entry in reached if entry.attempt_id is not None]
            await self.control.carry_out(
                who, stage, body, ids, confirmed_by=confirmed_by, rows=rows, whole=_whole(body)
            )

    def _check(self, stage: Stage, body: OrderRequest) -> None:
        """Whether an order makes sense at all; raises Invalid, Conflict."""
        phase = stage_phase(stage.row)
        if body.act in ("grant", "credit"):
            if body.ms is None:
                raise Invalid(Text(zh="请填写时长", en="Say how long"))
            if not body.reason.strip():
                raise Invalid(Text(zh="请填写原因，将写入赛场记录", en="Give a reason: it is kept in the record"))
        if phase == "closed":
            raise Conflict(Text(zh="该环节已结束", en="The stage is closed"))
        if body.act == "start" and phase == "scheduled" and not _whole(body):
            raise Conflict(
                Text(
                    zh="本环节已预定统一开始；要让个别赛位先开始，请先取消预定",
                    en="A common start is planned: take it back before you start single places",
                )
            )
        if body.act == "start" and phase == "not_open":
            raise Conflict(Text(zh="请先“待命”，让所有赛位就绪", en="Arm the stage first"))
        if body.act == "start" and body.at_ms is not None:
            left_ms = body.at_ms - self.clock.now_ms()
            if not _whole(body):
                raise Invalid(Text(zh="定时开始只能对全场", en="Only a whole stage can start at a planned time"))
            if not 0 < left_ms <= LATEST_START_MS:
                raise Invalid(Text(zh="开始时间必须在今后 24 小时内", en="The start must lie within the next 24 hours"))
        if body.act == "unschedule" and phase != "scheduled":
            raise Conflict(Text(zh="该环节没有预定开始时间", en="No start is planned"))

    async def _reached(self, contest: Any, stage: Stage, body: OrderRequest) -> list[Entry]:
        """Whom an order would change."""
        entries = within(await self.roll.call(contest, stage.row.id), body.rooms, body.keys)
        if body.act == "arm":
            return [entry for entry in entries if entry.account_id is not None and entry.attempt_id is None]
        ids = [entry.attempt_id for entry in entries if entry.attempt_id is not None]
        await self.control.runner.wake_up(ids)
        return [entry for entry in entries if self._applies(body, entry)]

    def _applies(self, body: OrderRequest, entry: Entry) -> bool:
        standing = self._standing(entry)
        if standing is None:
            return False
        verb: Any = "start" if body.act == "unschedule" else body.act
        behind = standing.core.delayed_behind
        if verb == "start" and behind is not None and not self.control.is_over(behind):
            return False
        return orders.applies(verb, standing.core, self.clock.now_ms(), body.ms or 0)

    async def _warnings(self, contest: Any, stage: Stage, body: OrderRequest, reached: list[Entry]) -> list[Text]:
        found = []
        if body.act == "credit":
            entries = within(await self.roll.call(contest, stage.row.id), body.rooms, body.keys)
            known = [one for entry in entries if (one := self._standing(entry)) is not None]
            at_work = sum(orders.applies("grant", one.core, self.clock.now_ms()) for one in known)
            if at_work > len(reached):
                found.append(
                    Text(
                        zh=f"{at_work - len(reached)} 个赛位的用时还不到这么长，不会扣除",
                        en=f"{at_work - len(reached)} places have not worked that long: nothing is credited there",
                    )
                )
        if body.act == "arm" and contest.kind == "contest":
            lost = sum(entry.seat_id is None for entry in reached)
            if lost:
                found.append(Text(zh=f"{lost} 名选手还没有赛位", en=f"{lost} contestants have no place"))
        if body.act == "start":
            away = sum(self.presence.line(entry.attempt_id or "") is None for entry in reached)
            if away:
                found.append(Text(zh=f"{away} 个赛位不在线", en=f"{away} places are not online"))
            unread = sum(
                (standing := self._standing(entry)) is not None and not standing.core.rules_acknowledged
                for entry in reached
            )
            if unread:
                found.append(Text(zh=f"{unread} 名选手未确认规则", en=f"{unread} have not acknowledged the rules"))
            busy = await self.control.repository.under_way(contest.id, stage.row.id)
            late = sum(entry.account_id in busy for entry in reached)
            if late:
                found.append(
                    Text(
                        zh=f"{late} 名选手仍在上一环节（补时），其本环节将在上一环节结束后自动开始",
                        en=f"{late} are still in another stage; theirs starts when that has ended",
                    )
                )
        return found

    # --- inside --------------------------------------------------------------------------------------

    async def _stage(self, who: Principal, contest_id: str, stage_id: str) -> tuple[Any, Stage]:
        contest = await self.contests.row(who, contest_id, Permission.RUN_STAGE)
        if contest.closed_ms is not None:
            raise Conflict(Text(zh="赛事已结束", en="The contest is over"))
        return contest, Stage(await self.contests.stage(contest_id, stage_id), contest.kind)

    def _standing(self, entry: Entry) -> StandingAttempt | None:
        return None if entry.attempt_id is None else self.control.runner.standing(entry.attempt_id)

    async def _pending(self, contest_id: str, order_id: str) -> Any:
        row = await self.contests.repository.order(order_id)
        if row is None or row.contest_id != contest_id:
            raise NotFound
        if row.status != "pending":
            raise Overtaken(Text(zh="这条指令已经处理过了", en="This order has been settled already"))
        return row

    async def _order_view(self, who: Principal, order_id: str) -> OrderView:
        (view,) = await self._views(who, [await self.contests.repository.order(order_id)])
        return view

    async def _views(self, who: Principal, rows: list[Any]) -> list[OrderView]:
        people = {row.proposed_by for row in rows} | {row.confirmed_by for row in rows if row.confirmed_by}
        names = await self.accounts.names(sorted(people))
        contest_ids = sorted({row.contest_id for row in rows})
        seen = {contest_id: await self.contests.revision(contest_id) for contest_id in contest_ids}
        stages = {stage.id: stage for stage in await self.contests.repository.stages(contest_ids)}
        now = {row.id: await self._now(row, stages[row.stage_id]) for row in rows}
        return [
            OrderView(
                order_id=row.id,
                contest_id=row.contest_id,
                stage_id=row.stage_id,
                stage_title=Text.model_validate(stages[row.stage_id].title),
                request=OrderRequest.model_validate(row.body),
                status=row.status,
                affected=now[row.id].affected,
                warnings=now[row.id].warnings,
                proposed_by=names.get(row.proposed_by, ""),
                proposed_by_me=row.proposed_by == who.account_id,
                proposed_ms=row.proposed_ms,
                confirmed_by=names.get(row.confirmed_by or ""),
                settled_ms=row.settled_ms,
                seen=seen[row.contest_id],
            )
            for row in rows
        ]

    async def _now(self, row: Any, stage_row: Any) -> OrderPreview:
        """What an order that waits would do now; of one that was settled, what it did."""
        body = OrderRequest.model_validate(row.body)
        if row.status != "pending":
            return OrderPreview(affected=row.affected, needs_confirmation=False, warnings=())
        contest = await self.contests.repository.contest(row.contest_id)
        stage = Stage(stage_row, contest.kind)
        reached = await self._reached(contest, stage, body)
        warnings = await self._warnings(contest, stage, body, reached)
        return OrderPreview(affected=len(reached), needs_confirmation=True, warnings=tuple(warnings))


def _whole(body: OrderRequest) -> bool:
    return not body.rooms and not body.keys


def _needs_two(stage: Stage, body: OrderRequest) -> bool:
    return stage.kind == "contest" and body.act in TWO_PERSONS
