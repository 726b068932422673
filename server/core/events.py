"""Events: their base, and those of the core itself, the life of an attempt whatever its module."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from server.core.devices import DeviceReport
from server.core.frozen import Frozen


class Event(Frozen):
    """Base of every journalled event; subclasses fix `type` ("module.what_happened") and `v` (schema version)."""

    moments: ClassVar[frozenset[str]] = frozenset()
    """Fields that hold a time of day or a moment of net time: by one a place can be found, so none reaches grading."""

    type: str
    v: int

    def blind(self) -> dict[str, Any]:
        """As JSON, for evidence: without moments."""
        return self.model_dump(mode="json", exclude=set(self.moments))


class AttemptOpened(Event):
    """An attempt exists: its content by SHA-256, its working time, its seed."""

    type: Literal["attempt.opened"] = "attempt.opened"
    v: Literal[1] = 1
    content_sha256: str
    duration_ms: int = Field(gt=0)
    seed: int


class RulesAcknowledged(Event):
    """The contestant ticked 我已阅读并遵守."""

    type: Literal["attempt.rules_acknowledged"] = "attempt.rules_acknowledged"
    v: Literal[1] = 1


class AttemptStarted(Event):
    """The working time began."""

    type: Literal["attempt.started"] = "attempt.started"
    v: Literal[1] = 1


class AttemptPaused(Event):
    """The working time stopped at `since_ms` (UTC epoch ms), which may lie before the event: an outage."""

    type: Literal["attempt.paused"] = "attempt.paused"
    v: Literal[1] = 1
    since_ms: int
    cause: Literal["staff", "outage"]


class AttemptResumed(Event):
    """The working time goes on; the pause counts for nobody."""

    type: Literal["attempt.resumed"] = "attempt.resumed"
    v: Literal[1] = 1


class TimeGranted(Event):
    """补时: more working time, with its reason."""

    type: Literal["attempt.time_granted"] = "attempt.time_granted"
    v: Literal[1] = 1
    ms: int = Field(gt=0)
    reason: str


class TimeCredited(Event):
    """Time that ran while the contestant couldn't work; it moves the end and is not net time."""

    type: Literal["attempt.time_credited"] = "attempt.time_credited"
    v: Literal[1] = 1
    ms: int = Field(gt=0)
    reason: str


class AttemptClosed(Event):
    """No further answers: handed in by the contestant, at the end, or by force; `net_ms` is the working time used."""

    type: Literal["attempt.closed"] = "attempt.closed"
    v: Literal[1] = 1
    cause: Literal["handed_in", "time_up", "forced"]
    net_ms: int = Field(ge=0)
    answers_sha256: str


class LeaseTaken(Event):
    """A page took the attempt over; commands of earlier epochs are refused from here on."""

    type: Literal["attempt.lease_taken"] = "attempt.lease_taken"
    v: Literal[1] = 1
    epoch: int = Field(ge=1)
    page: str


class HelpRaised(Event):
    """求助: a hand is up."""

    type: Literal["attempt.help_raised"] = "attempt.help_raised"
    v: Literal[1] = 1


class HelpClaimed(Event):
    """Somebody of the staff (account id) is on the way."""

    type: Literal["attempt.help_claimed"] = "attempt.help_claimed"
    v: Literal[1] = 1
    by: str


class StartDelayed(Event):
    """The stage began for all while this contestant still worked at another attempt, after which this one starts."""

    type: Literal["attempt.start_delayed"] = "attempt.start_delayed"
    v: Literal[1] = 1
    behind: str


class AnnouncementRead(Event):
    """The contestant has read an announcement (id)."""

    type: Literal["attempt.announcement_read"] = "attempt.announcement_read"
    v: Literal[1] = 1
    announcement_id: str


class DeviceChecked(Event):
    """设备测试: what the machine at the contestant's place could do; every check is kept, the latest counts."""

    type: Literal["attempt.device_checked"] = "attempt.device_checked"
    v: Literal[1] = 1
    report: DeviceReport


class HelpClosed(Event):
    """The hand is down again, by the contestant or by staff."""

    type: Literal["attempt.help_closed"] = "attempt.help_closed"
    v: Literal[1] = 1
    by: Literal["contestant", "staff"]


class EvidenceKept(Event):
    """A command that came too late, or from a stale page: not applied, kept for a ruling."""

    type: Literal["attempt.evidence_kept"] = "attempt.evidence_kept"
    v: Literal[1] = 1
    reason: Literal["late", "stale_lease"]
    stamp_ms: int
    command_id: str
    """Kept here and not as the event's own: the command was not applied, and may be sent again."""
    command: dict[str, Any]


AttemptEvent = Annotated[
    AttemptOpened
    | RulesAcknowledged
    | AttemptStarted
    | AttemptPaused
    | AttemptResumed
    | TimeGranted
    | TimeCredited
    | AttemptClosed
    | LeaseTaken
    | HelpRaised
    | HelpClaimed
    | HelpClosed
    | StartDelayed
    | AnnouncementRead
    | DeviceChecked
    | EvidenceKept,
    Field(discriminator="type"),
]


class StaffActed(Event):
    """Somebody of the staff (account id) did something; `details` holds ids, counts, reasons, never personal data.

    Stands in the stream of its contest, or in that of the house; it is no part of any attempt.
    """

    type: Literal["staff.acted"] = "staff.acted"
    v: Literal[1] = 1
    by: str
    act: str
    """"noun.verb", for example "stage.start"."""
    subject: str
    details: dict[str, Any] = Field(default_factory=dict)


class OutcomeChanged(Event):
    """The automatic outcome of an attempt (id) was worked out, or says something else than before.

    Stands in the stream of its stage, in one transaction with the outcome's row.
    """

    type: Literal["outcome.changed"] = "outcome.changed"
    v: Literal[1] = 1
    attempt_id: str
    revision: int = Field(ge=1)


class RecordingSealed(Event):
    """The recording (SHA-256) of a call of an attempt (id) was put together, for the first time or from more sources.

    Stands in the stream of its stage, in one transaction with the recording's row.
    """

    type: Literal["recording.sealed"] = "recording.sealed"
    v: Literal[1] = 1
    attempt_id: str
    call_id: str
    sha256: str
    revision: int = Field(ge=1)
