"""The phase of an attempt is a pure function of its events and the time."""

from enum import StrEnum
from typing import Literal, assert_never

from server.core.devices import DeviceReport
from server.core.events import (
    AnnouncementRead,
    AttemptClosed,
    AttemptEvent,
    AttemptOpened,
    AttemptPaused,
    AttemptResumed,
    AttemptStarted,
    DeviceChecked,
    EvidenceKept,
    HelpClaimed,
    HelpClosed,
    HelpRaised,
    LeaseTaken,
    RulesAcknowledged,
    StartDelayed,
    TimeCredited,
    TimeGranted,
)
from server.core.frozen import Frozen

LAST_SECOND_MS = 5_000
"""Commands stamped before the end still count when they arrive within this time (architecture section 3.6)."""


class Phase(StrEnum):
    """Where an attempt stands."""

    NOT_OPEN = "not_open"
    ARMED = "armed"
    RUNNING = "running"
    PAUSED = "paused"
    CLOSED = "closed"


class Moment(Frozen):
    """When something is decided: UTC epoch ms, net time of this attempt, time left (both ms), phase."""

    utc_ms: int
    stage_ms: int
    left_ms: int
    phase: Phase


class AttemptState(Frozen):
    """What the core knows of an attempt: fold of its core events."""

    content_sha256: str = ""
    seed: int = 0
    duration_ms: int = 0
    granted_ms: int = 0
    not_worked_ms: int = 0
    """Pauses that ended, and credits: time that passed but is nobody's working time."""
    rules_acknowledged: bool = False
    started_ms: int | None = None
    paused_since_ms: int | None = None
    pause_cause: Literal["staff", "outage"] | None = None
    closed_ms: int | None = None
    close_cause: str | None = None
    net_ms: int | None = None
    answers_sha256: str | None = None
    epoch: int = 0
    page: str = ""
    help_since_ms: int | None = None
    help_by: str | None = None
    """Account id of whoever is on the way."""
    delayed_behind: str | None = None
    """The attempt after which this one starts by itself; None once it has started."""
    read_ids: tuple[str, ...] = ()
    """Announcements that were read."""
    device: DeviceReport | None = None
    """The latest device check."""
    device_ms: int | None = None
    device_checks: int = 0
    late_ids: tuple[str, ...] = ()
    """Commands that came after the end and are kept for a ruling."""
    stale_ids: tuple[str, ...] = ()
    """Commands that came from a page that had lost its lease."""

    @property
    def phase(self) -> Phase:
        """The phase as journalled; a running attempt past its end stays running until it is closed."""
        if not self.content_sha256:
            return Phase.NOT_OPEN
        if self.closed_ms is not None:
            return Phase.CLOSED
        if self.started_ms is None:
            return Phase.ARMED
        return Phase.PAUSED if self.paused_since_ms is not None else Phase.RUNNING

    @property
    def limit_ms(self) -> int:
        """Working time allowed, ms."""
        return self.duration_ms + self.granted_ms

    @property
    def ends_ms(self) -> int | None:
        """UTC epoch ms of the end, if running."""
        if self.started_ms is None or self.phase is not Phase.RUNNING:
            return None
        return self.started_ms + self.not_worked_ms + self.limit_ms

    def moment(self, at_ms: int) -> Moment:
        """The attempt's own time at `at_ms` (UTC epoch ms)."""
        if self.net_ms is not None:
            stage_ms = self.net_ms
        elif self.started_ms is None:
            stage_ms = 0
        else:
            until = at_ms if self.paused_since_ms is None else min(at_ms, self.paused_since_ms)
            stage_ms = max(0, until - self.started_ms - self.not_worked_ms)
        stage_ms = min(stage_ms, self.limit_ms)
        return Moment(utc_ms=at_ms, stage_ms=stage_ms, left_ms=self.limit_ms - stage_ms, phase=self.phase)

    def utc_of(self, stage_ms: int) -> int | None:
        """When the attempt's net time reaches `stage_ms`, UTC epoch ms; None unless running."""
        if self.started_ms is None or self.phase is not Phase.RUNNING:
            return None
        return self.started_ms + self.not_worked_ms + stage_ms


def apply(state: AttemptState, event: AttemptEvent, at_ms: int) -> AttemptState:
    """The state after a core event journalled at `at_ms` (UTC epoch ms)."""
    match event:
        case AttemptOpened():
            change: dict[str, object] = {
                "content_sha256": event.content_sha256,
                "duration_ms": event.duration_ms,
                "seed": event.seed,
            }
        case RulesAcknowledged():
            change = {"rules_acknowledged": True}
        case AttemptStarted():
            change = {"started_ms": at_ms, "delayed_behind": None}
        case AttemptPaused():
            change = {"paused_since_ms": event.since_ms, "pause_cause": event.cause}
        case AttemptResumed():
            since = state.paused_since_ms if state.paused_since_ms is not None else at_ms
            change = {
                "paused_since_ms": None,
                "pause_cause": None,
                "not_worked_ms": state.not_worked_ms + at_ms - since,
            }
        case TimeGranted():
            change = {"granted_ms": state.granted_ms + event.ms}
        case TimeCredited():
            change = {"not_worked_ms": state.not_worked_ms + event.ms}
        case AttemptClosed():
            change = {
                "closed_ms": at_ms,
                "close_cause": event.cause,
                "net_ms": event.net_ms,
                "answers_sha256": event.answers_sha256,
                "help_since_ms": None,
                "help_by": None,
                "delayed_behind": None,
            }
        case LeaseTaken():
            change = {"epoch": event.epoch, "page": event.page}
        case HelpRaised():
            change = {"help_since_ms": at_ms}
        case HelpClaimed():
            change = {"help_by": event.by}
        case HelpClosed():
            change = {"help_since_ms": None, "help_by": None}
        case StartDelayed():
            change = {"delayed_behind": event.behind}
        case AnnouncementRead():
            change = {"read_ids": (*state.read_ids, event.announcement_id)}
        case DeviceChecked():
            change = {"device": event.report, "device_ms": at_ms, "device_checks": state.device_checks + 1}
        case EvidenceKept():
            key = "late_ids" if event.reason == "late" else "stale_ids"
            change = {key: (*getattr(state, key), event.command_id)}
        case _:
            assert_never(event)
    return state.model_copy(update=change)
