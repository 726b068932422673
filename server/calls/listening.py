"""监听: the chief referee, or a teacher in a lesson or in practice, hears a call; journalled before any sound."""

from dataclasses import dataclass, field

from server.accounts.acts import Acts
from server.attempts.runner import AttemptRunner
from server.attempts.standing import AttemptRecord
from server.calls.connecting import check_sdp
from server.calls.keeper import Keeper
from server.calls.refusals import NothingToHear
from server.calls.schemas import Listening, MediaOffer
from server.contests.service import ContestsService
from server.core.access import Permission, Principal
from server.core.clock import Clock
from server.core.errors import NotFound, Problem
from server.core.ids import new_id
from server.core.media_port import MediaPort

MOST = 200
"""Listeners that are remembered; whoever closes the page without a word leaves one behind."""


@dataclass(frozen=True, slots=True)
class _Listener:
    """Somebody who hears a call."""

    account_id: str
    contest_id: str
    attempt_id: str
    call_id: str


@dataclass(slots=True)
class Listeners:
    """Inaudible, and told to nobody but the journal."""

    runner: AttemptRunner
    contests: ContestsService
    keeper: Keeper
    port: MediaPort
    acts: Acts
    clock: Clock
    _here: dict[str, _Listener] = field(default_factory=dict)

    async def listen(self, who: Principal, contest_id: str, attempt_id: str, offer: MediaOffer) -> Listening:
        """Hear the call that is up in an attempt; raises NotFound, NotPermitted, NothingToHear, SdpUnusable, MediaAway,
        DiskFull, StorageFailed.
        """
        standing = await self.runner.attempt(attempt_id)
        await self._admit(who, contest_id, standing.record)
        check_sdp(offer.sdp)
        self.keeper.look(standing)
        plan = self.keeper.plan(attempt_id)
        if plan is None:
            raise NothingToHear
        listener_id = new_id(self.clock.now_ms())
        listener = _Listener(who.account_id, contest_id, attempt_id, plan.call_id)
        await self._journal(who, "call.listen", listener_id, listener)
        await self.keeper.tell(attempt_id)
        try:
            sdp = await self.port.listen(listener_id, attempt_id, plan.call_id, offer.sdp)
        except Problem:
            # The worker may have let the listener in although nobody was told.
            self.port.end_listening(listener_id)
            await self._journal(who, "call.listen_failed", listener_id, listener)
            raise
        self._here[listener_id] = listener
        while len(self._here) > MOST:
            del self._here[next(iter(self._here))]
        return Listening(listener_id=listener_id, sdp=sdp)

    async def end(self, who: Principal, contest_id: str, attempt_id: str, listener_id: str) -> None:
        """Hear no more; harmless if that is so already. Raises NotFound, NotPermitted."""
        standing = await self.runner.attempt(attempt_id)
        await self._admit(who, contest_id, standing.record)
        listener = self._here.get(listener_id)
        if listener is None or listener.account_id != who.account_id or listener.attempt_id != attempt_id:
            return
        del self._here[listener_id]
        self.port.end_listening(listener_id)
        await self._journal(who, "call.listen_end", listener_id, listener)

    async def _admit(self, who: Principal, contest_id: str, record: AttemptRecord) -> None:
        if record.contest_id != contest_id:
            raise NotFound
        if record.kind == "practice":
            who.require(Permission.TEACH)
        else:
            await self.contests.row(who, contest_id, Permission.LISTEN_IN)

    async def _journal(self, who: Principal, act: str, listener_id: str, listener: _Listener) -> None:
        details = {"call": listener.call_id, "listener": listener_id}
        await self.acts.record(who, act, listener.attempt_id, contest_id=listener.contest_id, details=details)
