"""What staff does to an attempt; each says whether it applies, so that an order can be previewed and repeated."""

from collections.abc import Callable
from typing import Literal

from server.attempts.live import LiveAttempt
from server.core.errors import Problem
from server.core.events import (
    AttemptPaused,
    AttemptResumed,
    AttemptStarted,
    Event,
    HelpClaimed,
    HelpClosed,
    StartDelayed,
    TimeCredited,
    TimeGranted,
)
from server.core.phases import AttemptState, Phase

Act = Callable[[LiveAttempt, int], Problem | None]
Verb = Literal["start", "pause", "resume", "grant", "credit", "hand_in", "close"]

_APPLIES: dict[Verb, frozenset[Phase]] = {
    "start": frozenset({Phase.ARMED}),
    "pause": frozenset({Phase.RUNNING}),
    "resume": frozenset({Phase.PAUSED}),
    "grant": frozenset({Phase.RUNNING, Phase.PAUSED}),
    "credit": frozenset({Phase.RUNNING, Phase.PAUSED}),
    "hand_in": frozenset({Phase.RUNNING, Phase.PAUSED}),
    "close": frozenset({Phase.ARMED, Phase.RUNNING, Phase.PAUSED}),
}


def applies(verb: Verb, core: AttemptState, at_ms: int, ms: int = 0) -> bool:
    """Whether this would change the attempt at a moment (UTC epoch ms).

    No more time can be credited than has run: what was lost lies within it.
    """
    if verb == "credit" and ms > core.moment(at_ms).stage_ms:
        return False
    return core.phase in _APPLIES[verb]


def act_of(verb: Verb, ms: int = 0, reason: str = "") -> Act:
    """The act; nothing happens to an attempt to which it does not apply. `ms` for grant and credit."""

    def act(live: LiveAttempt, now_ms: int) -> None:
        if not applies(verb, live.core, now_ms, ms):
            return
        match verb:
            case "start":
                _add(live, AttemptStarted(), now_ms)
            case "pause":
                _add(live, AttemptPaused(since_ms=_at(live, now_ms), cause="staff"), now_ms)
            case "resume":
                _add(live, AttemptResumed(), now_ms)
            case "grant":
                _add(live, TimeGranted(ms=ms, reason=reason), now_ms)
            case "credit":
                _add(live, TimeCredited(ms=ms, reason=reason), now_ms)
            case "hand_in" | "close":
                live.close("forced", live.core.moment(_at(live, now_ms)))

    return act


def start_after(behind: str | None, over: Callable[[str], bool]) -> Act:
    """Start, or wait for the end of an attempt of the same contestant; `over` is asked while nothing can change."""

    def act(live: LiveAttempt, now_ms: int) -> None:
        if live.core.phase is not Phase.ARMED:
            return
        if behind is None or over(behind):
            _add(live, AttemptStarted(), now_ms)
        elif live.core.delayed_behind != behind:
            _add(live, StartDelayed(behind=behind), now_ms)

    return act


def claim_help(account_id: str) -> Act:
    """Somebody is on the way to a raised hand; whoever was first stays."""

    def act(live: LiveAttempt, now_ms: int) -> None:
        if live.core.help_since_ms is not None and live.core.help_by is None:
            _add(live, HelpClaimed(by=account_id), now_ms)

    return act


def close_help(live: LiveAttempt, now_ms: int) -> None:
    """A raised hand has been dealt with."""
    if live.core.help_since_ms is not None:
        _add(live, HelpClosed(by="staff"), now_ms)


def _at(live: LiveAttempt, now_ms: int) -> int:
    return max(now_ms, live.last_moment())


def _add(live: LiveAttempt, event: Event, now_ms: int) -> None:
    live.add(event, live.core.moment(_at(live, now_ms)))
