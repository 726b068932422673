"""Role players: people who take the customer's side of a call, in another browser, without seeing whom they hear."""

from dataclasses import dataclass, field

from server.attempts.runner import AttemptRunner
from server.attempts.service import PRACTICE_PLACE
from server.attempts.standing import AttemptRecord, StandingAttempt
from server.calls.connecting import Connecting, standing_of
from server.calls.keeper import Keeper
from server.calls.refusals import RoleTaken
from server.calls.schemas import MediaAnswer, MediaOffer, RoleAct, RoleCallView, RoleDesk
from server.core.access import Permission, Principal, Role
from server.core.clock import Clock
from server.core.errors import Invalid, NotFound, NotPermitted, Problem
from server.core.ids import new_id
from server.core.media import RoleActed
from server.core.media_port import NoSuchCall
from server.core.phases import AttemptState
from server.core.text import Text

CLAIM_MS = 30_000
"""A role player who hasn't been heard of for so long has left the call to others."""


@dataclass(slots=True)
class _Claim:
    """Who plays the customer of a call, and when they were last heard of."""

    account_id: str
    heard_ms: int


@dataclass(slots=True)
class RolePlayers:
    """What role players see and do. Who has a call is known in memory: their page asks every few seconds."""

    runner: AttemptRunner
    keeper: Keeper
    connecting: Connecting
    clock: Clock
    _claims: dict[tuple[str, str], _Claim] = field(default_factory=dict)

    async def calls(self, who: Principal) -> list[RoleCallView]:
        """Calls that wait for a role player or have one, oldest first; raises NotPermitted."""
        if not _may_play(who):
            raise NotPermitted
        found = []
        for attempt_id, call_id in self.keeper.bridged():
            try:
                standing = await self.runner.attempt(attempt_id)
            except Problem:  # one that can't be read must not hide the others
                continue
            call = standing_of(standing, call_id)
            if call is None or not _may_take(who, standing.record):
                continue
            holder = self._holder(attempt_id, call_id)
            found.append(
                RoleCallView(
                    attempt_id=attempt_id,
                    call_id=call_id,
                    title=call.title,
                    place="" if standing.record.kind == "contest" else PRACTICE_PLACE.zh,
                    now_ms=self.clock.now_ms(),
                    since_ms=_utc(standing.core, call.since_ms),
                    taken=holder is not None,
                    mine=holder == who.account_id,
                )
            )
        return sorted(found, key=lambda view: view.since_ms)

    async def desk(self, who: Principal, attempt_id: str, call_id: str) -> RoleDesk:
        """The role player's page; whoever opens it first has the call.

        Raises NotFound, NotPermitted, RoleTaken, StageClosed, NoSuchCall, CallOver.
        """
        standing = await self._taken(who, attempt_id, call_id)
        media, call = standing.module.media, standing_of(standing, call_id)
        card = None if media is None else media.role_card(standing.content, standing.state, call_id)
        if card is None or call is None:
            raise NoSuchCall
        core = standing.core
        return RoleDesk(
            now_ms=self.clock.now_ms(),
            card=card,
            phase=call.phase,
            answered_ms=None if call.answered_ms is None else _utc(core, call.answered_ms),
            ends_by_ms=None if call.ends_by_ms is None else _utc(core, call.ends_by_ms),
            outcome=call.outcome,
        )

    async def connect(self, who: Principal, attempt_id: str, call_id: str, offer: MediaOffer) -> MediaAnswer:
        """The answer to a role player's offer; raises as `desk` and `Connecting.connect`."""
        standing = await self._taken(who, attempt_id, call_id)
        return await self.connecting.connect(standing, call_id, "role_player", offer)

    async def act(self, who: Principal, attempt_id: str, call_id: str, act: RoleAct) -> None:
        """A role player answers, says how it ended, or hangs up; durable on return.

        Raises as `desk`; Invalid for an outcome that isn't named; StorageFailed, DiskFull.
        """
        if (act.act == "outcome") != (act.outcome is not None):
            raise Invalid(
                Text(
                    zh="请为“结果”选择成交、意向或拒绝；其他操作不带结果",
                    en="An outcome is deal, interest or refusal, and goes with the act 'outcome' only",
                )
            )
        await self._taken(who, attempt_id, call_id)
        now_ms = self.clock.now_ms()
        acted = RoleActed.model_validate({"by": who.account_id, "act": act.act, "outcome": act.outcome})
        await self.runner.reported(attempt_id, call_id, acted, f"role.{new_id(now_ms)}", now_ms)

    async def _taken(self, who: Principal, attempt_id: str, call_id: str) -> StandingAttempt:
        """The attempt of a call that the asker has from now on; raises as `desk`."""
        if not _may_play(who):
            raise NotPermitted
        standing = await self.runner.attempt(attempt_id)
        if not _may_take(who, standing.record):
            raise NotFound
        await self.connecting.up(standing, call_id)
        plan = self.keeper.plan(attempt_id, call_id)
        if plan is None or not plan.bridged:
            raise NoSuchCall
        holder = self._holder(attempt_id, call_id)
        if holder not in (None, who.account_id):
            raise RoleTaken
        self._claims[attempt_id, call_id] = _Claim(who.account_id, self.clock.now_ms())
        return standing

    def _holder(self, attempt_id: str, call_id: str) -> str | None:
        claim = self._claims.get((attempt_id, call_id))
        if claim is None or claim.heard_ms < self.clock.now_ms() - CLAIM_MS:
            return None
        return claim.account_id

    def forget(self, attempt_id: str, call_id: str) -> None:
        """The call is over."""
        self._claims.pop((attempt_id, call_id), None)


def _may_play(who: Principal) -> bool:
    """Staff by the table; in practice and lessons also whoever trains here: never an entrant of a contest."""
    return who.may(Permission.PLAY_CUSTOMER) or (who.contest_id is None and Role.CONTESTANT in who.roles)


def _may_take(who: Principal, record: AttemptRecord) -> bool:
    """Nobody is their own customer; a contest's customers are its staff."""
    if record.contestant_id == who.account_id:
        return False
    return who.may(Permission.PLAY_CUSTOMER) or record.kind != "contest"


def _utc(core: AttemptState, stage_ms: int) -> int:
    """When net time was, or would be, `stage_ms` if it ran on from here (UTC epoch ms)."""
    return (core.started_ms or 0) + core.not_worked_ms + stage_ms
