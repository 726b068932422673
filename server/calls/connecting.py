"""How browsers come into calls: one offer of a leg at a time, under a number that was never used before."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from anyio import to_thread

from server.attempts.standing import StandingAttempt
from server.calls.history import module_history
from server.calls.keeper import Keeper
from server.calls.schemas import MediaAnswer, MediaOffer
from server.core.clock import Clock
from server.core.errors import StageClosed, StageNotRunning, TooMany
from server.core.journal import Journal
from server.core.media import CallStanding, Leg
from server.core.media_port import CallOver, MediaAway, MediaPort, NoSuchCall, SdpUnusable
from server.core.phases import Phase

OFFERS_A_MINUTE = 30
"""Of one leg of a call: a page that comes more often is broken, and every offer costs the worker some work."""

_Key = tuple[str, str, Leg]


@dataclass(slots=True)
class _Comings:
    """How a leg has come so far."""

    number: int = 0
    times_ms: list[int] = field(default_factory=list)
    under_way: bool = False


@dataclass(slots=True)
class Connecting:
    """Checks an offer against the attempt, tells media what the call needs, and passes the offer on."""

    journal: Journal
    keeper: Keeper
    port: MediaPort
    clock: Clock
    _comings: dict[_Key, _Comings] = field(default_factory=dict)

    async def connect(self, standing: StandingAttempt, call_id: str, leg: Leg, offer: MediaOffer) -> MediaAnswer:
        """The answer to an offer; raises StageNotRunning, StageClosed, NoSuchCall, CallOver, SdpUnusable, TooMany,
        MediaAway.
        """
        attempt_id = standing.record.attempt_id
        await self.up(standing, call_id)
        check_sdp(offer.sdp)
        least = max(offer.connection, _latest(standing, call_id, leg) + 1)
        with self._coming((attempt_id, call_id, leg), least) as number:
            # On the same line, so the worker knows the call before the offer reaches it.
            await self.keeper.tell(attempt_id)
            return MediaAnswer(sdp=await self.port.offer(attempt_id, call_id, leg, number, offer.sdp))

    async def up(self, standing: StandingAttempt, call_id: str) -> None:
        """Return if the call is up; raises StageNotRunning, StageClosed, NoSuchCall, CallOver."""
        if standing.core.phase is Phase.CLOSED:
            raise StageClosed
        if standing.core.started_ms is None:
            raise StageNotRunning
        self.keeper.look(standing)
        if self.keeper.plan(standing.record.attempt_id, call_id) is None:
            raise CallOver if await self._has_been(standing, call_id) else NoSuchCall

    async def _has_been(self, standing: StandingAttempt, call_id: str) -> bool:
        """Whether an attempt has had such a call; reads its journal, so for refusals only."""
        module, core = standing.module, standing.core
        media = module.media
        if media is None:
            return False
        events = await self.journal.read_stream(standing.record.attempt_id)
        calls = await to_thread.run_sync(
            lambda: media.calls(standing.content, module_history(module, events), core.closed_ms)
        )
        return any(call.call_id == call_id for call in calls)

    @contextmanager
    def _coming(self, key: _Key, least: int) -> Iterator[int]:
        """The number under which a leg comes, `least` or more; raises TooMany."""
        now_ms = self.clock.now_ms()
        comings = self._comings.setdefault(key, _Comings())
        comings.times_ms = [at_ms for at_ms in comings.times_ms if at_ms > now_ms - 60_000]
        if comings.under_way or len(comings.times_ms) >= OFFERS_A_MINUTE:
            raise TooMany
        comings.times_ms.append(now_ms)
        comings.number = max(comings.number + 1, least)
        comings.under_way = True
        try:
            yield comings.number
        except MediaAway:
            # Not the page's fault. The number stays used: a worker may have taken it before it was lost.
            comings.times_ms.remove(now_ms)
            raise
        finally:
            comings.under_way = False

    def forget(self, attempt_id: str, call_id: str) -> None:
        """The call is over."""
        for leg in ("seat", "role_player"):
            self._comings.pop((attempt_id, call_id, leg), None)


def standing_of(standing: StandingAttempt, call_id: str) -> CallStanding | None:
    """How a call stands; None if it is not up."""
    media = standing.module.media
    call = None if media is None else media.standing(standing.content, standing.state)
    return call if call is not None and call.call_id == call_id else None


def _latest(standing: StandingAttempt, call_id: str, leg: Leg) -> int:
    """The newest connection of a leg that the attempt has noted: a page on another machine can't know it."""
    call = standing_of(standing, call_id)
    if call is None:
        return 0
    return call.seat_connection if leg == "seat" else call.role_connection


def check_sdp(sdp: str) -> None:
    """Raises SdpUnusable for what is clearly no offer of sound (RFC 8866 sections 5.1 and 5.14)."""
    lines = sdp.splitlines()
    if not lines or lines[0] != "v=0" or not any(line.startswith("m=audio ") for line in lines):
        raise SdpUnusable
