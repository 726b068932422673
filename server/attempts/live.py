"""One attempt in memory: the fold of its stream, and what a command makes of it. No I/O, no clock."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from server.attempts.commands import (
    AcknowledgeRules,
    CoreCommand,
    DeviceCheck,
    HandIn,
    LowerHand,
    RaiseHand,
    ReadAnnouncement,
    Resume,
    Start,
)
from server.attempts.standing import AttemptRecord, StandingAttempt
from server.core import phases
from server.core.contract import AnyModule, Content, Due, Progress, Refusal, State
from server.core.errors import (
    Conflict,
    Invalid,
    Problem,
    StageClosed,
    StageNotRunning,
    StagePaused,
    StaleLease,
)
from server.core.events import (
    AnnouncementRead,
    AttemptClosed,
    AttemptEvent,
    AttemptResumed,
    AttemptStarted,
    DeviceChecked,
    Event,
    EvidenceKept,
    HelpClosed,
    HelpRaised,
    LeaseTaken,
    RulesAcknowledged,
)
from server.core.frozen import canonical_json, sha256_hex
from server.core.journal import NewEvent, Recorded, RowUpdate, Snapshot
from server.core.media import MediaReport
from server.core.phases import LAST_SECOND_MS, AttemptState, Moment, Phase
from server.core.text import Text

SNAPSHOT_EVERY = 50
"""Events after which a stream's fold is kept, so that a restart need not start from the first event."""
MOST_DUE = 1_000
"""Acts of its own that a module may catch up with at once."""
MOST_READ = 500
"""Announcements that an attempt can note as read."""
MOST_CHECKS = 50
"""Device checks of one attempt."""
EVIDENCE_LIMIT = 500
"""Late or stale commands kept of one attempt."""

_core_events: TypeAdapter[AttemptEvent] = TypeAdapter(AttemptEvent)
_core_commands: TypeAdapter[CoreCommand] = TypeAdapter(CoreCommand)
_CORE_TYPES = frozenset(
    {"acknowledge_rules", "start", "resume", "raise_hand", "lower_hand", "read_announcement", "device_check", "hand_in"}
)
_CORE_PREFIX = "attempt."


@dataclass(slots=True)
class LiveAttempt:
    """A mutable fold. After a failed commit it is thrown away and folded anew from the journal."""

    record: AttemptRecord
    module: AnyModule
    content: Content
    core: AttemptState = field(default_factory=AttemptState)
    state: State | None = None
    seq: int = 0
    last_ms: int = 0
    worked_ms: int | None = None
    snapshot_seq: int = 0
    commands: dict[str, int] = field(default_factory=dict)
    """Sequence number by command id, of the commands folded or decided here."""
    recovered: bool = False
    """Whether there may be older command ids in the journal than `commands` knows."""
    pending: list[NewEvent] = field(default_factory=list)
    _durable: StandingAttempt | None = None
    _progress: tuple[State, Progress] | None = None

    @property
    def code(self) -> str:
        """What a snapshot must have been made by to be used."""
        state_type: Any = self.module.state_type
        return _code_of(self.module.name, self.module.state_version, state_type)

    @property
    def durable(self) -> StandingAttempt:
        """How the attempt stood after the last commit."""
        assert self._durable is not None
        return self._durable

    def stand(self) -> None:
        """Note that the fold is durable as it is now."""
        state = self.module_state()
        progress = self.progress()
        self._durable = StandingAttempt(
            self.record, self.module, self.content, self.core, state, self.seq, self.last_ms, self.worked_ms, progress
        )

    def module_state(self) -> State:
        """The module's state; before the opening, its initial one."""
        if self.state is None:
            self.state = self.module.initial(self.content, self.core.seed)
        return self.state

    def progress(self) -> Progress:
        """How far the contestant is; worked out once for each state."""
        state = self.module_state()
        if self._progress is None or self._progress[0] is not state:
            self._progress = (state, self.module.progress(self.content, state))
        return self._progress[1]

    # --- folding -------------------------------------------------------------------------------------

    def replay(self, event: Recorded) -> None:
        """Fold one journalled event."""
        self._fold(self._parse(json.loads(event.payload)), event.at_ms)
        self.seq, self.last_ms = event.seq, event.at_ms
        if event.command_id is not None:
            self.commands[event.command_id] = event.seq

    def restore(self, snapshot: Snapshot) -> None:
        """Take over a snapshot, unless another version of the code made it."""
        if snapshot.code != self.code:
            return
        raw = json.loads(snapshot.state)
        core = AttemptState.model_validate(raw["core"])
        self.state = self.module.state_type.model_validate(raw["state"])
        self.core = core
        self.last_ms = self.worked_ms = raw["last_ms"]
        self.seq = self.snapshot_seq = snapshot.seq

    def snapshot_due(self) -> Snapshot | None:
        """A snapshot of the fold as it is with the pending events, if one is due."""
        seq = self.seq + len(self.pending)
        if seq - self.snapshot_seq < SNAPSHOT_EVERY:
            return None
        state = {
            "core": self.core.model_dump(mode="json"),
            "state": self.module_state().model_dump(mode="json"),
            "last_ms": self.pending[-1].at_ms if self.pending else self.last_ms,
        }
        return Snapshot(self.record.attempt_id, seq, self.code, canonical_json(state))

    def _parse(self, payload: Mapping[str, Any]) -> Event:
        if payload["type"].startswith(_CORE_PREFIX):
            return _core_events.validate_python(payload)
        event: Event = self.module.parse_event(payload)
        return event

    def _fold(self, event: Event, at_ms: int) -> None:
        if event.type.startswith(_CORE_PREFIX):
            self.core = phases.apply(self.core, event, at_ms)  # type: ignore[arg-type]  # prefix decides
        else:
            self.state = self.module.apply(self.content, self.module_state(), event)
            self.worked_ms = at_ms

    def attempt_to(self, act: Callable[[], Problem | None]) -> Problem | None:
        """Do something all or not at all: if it raises, the fold is what it was before."""
        core, state, pending = self.core, self.state, len(self.pending)
        try:
            return act()
        except BaseException:
            self.core, self.state = core, state
            del self.pending[pending:]
            raise

    # --- deciding ------------------------------------------------------------------------------------

    def add(self, event: Event, at: Moment, command_id: str | None = None) -> None:
        """Fold a new event and keep it for the next commit."""
        self._fold(event, at.utc_ms)
        self.pending.append(
            NewEvent(
                contest_id=self.record.contest_id,
                stream=self.record.attempt_id,
                type=event.type,
                version=event.v,
                at_ms=at.utc_ms,
                stage_ms=at.stage_ms,
                command_id=command_id,
                payload=canonical_json(event.model_dump(mode="json")),
            )
        )

    def take_lease(self, page: str, now_ms: int) -> None:
        """Let this page write; a page that has the lease already keeps its epoch."""
        if self.core.phase is not Phase.CLOSED and self.core.page != page:
            self.add(LeaseTaken(epoch=self.core.epoch + 1, page=page), self.core.moment(now_ms))

    def command(
        self, command_id: str, epoch: int, stamp_ms: int, raw: Mapping[str, Any], received_ms: int
    ) -> Problem | None:
        """Decide a seat's command; new events wait in `pending`. Returns the refusal, if any."""
        if epoch != self.core.epoch:
            self._keep_evidence("stale_lease", command_id, stamp_ms, raw, received_ms)
            return StaleLease()
        at_ms = self._counts_at(stamp_ms, received_ms)
        if at_ms is None:
            self._keep_evidence("late", command_id, stamp_ms, raw, received_ms)
            return StageClosed()
        try:
            if str(raw.get("type")) in _CORE_TYPES:
                return self._core(_core_commands.validate_python(raw), command_id, at_ms, received_ms)
            return self._module(self.module.parse_command(raw), command_id, at_ms)
        except ValidationError as error:
            return _invalid(error)

    def _counts_at(self, stamp_ms: int, received_ms: int) -> int | None:
        """The moment a command counts at: its stamp, never before the last event nor after its arrival.

        None if the attempt is over: closed, or past its end, unless the command was stamped before the end
        and arrived within LAST_SECOND_MS of it.
        """
        if self.core.phase is Phase.CLOSED:
            return None
        at_ms = max(self.last_moment(), min(stamp_ms, received_ms))
        ends_ms = self.core.ends_ms
        if ends_ms is None or received_ms < ends_ms:
            return at_ms
        if stamp_ms <= ends_ms and received_ms <= ends_ms + LAST_SECOND_MS:
            return max(self.last_moment(), min(at_ms, ends_ms))
        return None

    def reported(self, call_id: str, report: MediaReport, report_id: str, at_ms: int, received_ms: int) -> None:
        """Let the module take note of what its media saw at `at_ms`; never later than now, nor than the end."""
        media = self.module.media
        if media is None or self.core.phase not in (Phase.RUNNING, Phase.PAUSED):
            return
        until_ms = received_ms if self.core.ends_ms is None else min(received_ms, self.core.ends_ms)
        at = self.core.moment(max(self.last_moment(), min(at_ms, until_ms)))
        for event in media.reported(self.content, self.module_state(), call_id, report, at):
            self.add(event, at, report_id)

    def last_moment(self) -> int:
        """When the newest event happened, pending ones included (UTC epoch ms)."""
        return self.pending[-1].at_ms if self.pending else self.last_ms

    def _module(self, command: Any, command_id: str, at_ms: int) -> Problem | None:
        if self.core.phase is Phase.PAUSED:
            return StagePaused()
        if self.core.phase is not Phase.RUNNING:
            return StageNotRunning()
        self._act_by(at_ms)  # what was due before the command has happened before it, however late the timer is
        return self._decide(command, command_id, at_ms)

    def _decide(self, command: Any, command_id: str | None, at_ms: int) -> Problem | None:
        at = self.core.moment(at_ms)
        decided = self.module.decide(self.content, self.module_state(), command, at)
        if isinstance(decided, Refusal):
            return decided
        for event in decided:
            self.add(event, at, command_id)
        return None

    def _core(self, command: CoreCommand, command_id: str, at_ms: int, received_ms: int) -> Problem | None:
        at = self.core.moment(at_ms)
        # What moves the clock counts when it arrives: a click that waited out a cut must cost no working time.
        now = self.core.moment(max(self.last_moment(), received_ms))
        phase = self.core.phase
        match command:
            case AcknowledgeRules():
                if not self.core.rules_acknowledged:
                    self.add(RulesAcknowledged(), at, command_id)
            case Start():
                if not self.record.self_run:
                    return Conflict(Text(zh="请等待裁判长统一开始", en="The chief referee starts this stage"))
                if not self.core.rules_acknowledged:
                    return Conflict(Text(zh="请先阅读并确认规则", en="Acknowledge the rules first"))
                if phase is Phase.ARMED:
                    self.add(AttemptStarted(), now, command_id)
            case Resume():
                if not self.record.self_run:
                    return Conflict(Text(zh="请等待裁判长恢复比赛", en="The chief referee resumes this stage"))
                if phase is Phase.PAUSED:
                    self.add(AttemptResumed(), now, command_id)
            case RaiseHand():
                if self.core.help_since_ms is None:
                    self.add(HelpRaised(), at, command_id)
            case LowerHand():
                if self.core.help_since_ms is not None:
                    self.add(HelpClosed(by="contestant"), at, command_id)
            case ReadAnnouncement():
                if command.announcement_id not in self.core.read_ids and len(self.core.read_ids) < MOST_READ:
                    self.add(AnnouncementRead(announcement_id=command.announcement_id), at, command_id)
            case DeviceCheck():
                if self.core.device_checks >= MOST_CHECKS:
                    return Conflict(Text(zh="设备测试次数过多，请举手", en="Too many device checks: raise your hand"))
                self.add(DeviceChecked(report=command.report), at, command_id)
            case HandIn():
                if phase is Phase.ARMED:
                    return StageNotRunning()
                if phase is Phase.PAUSED:
                    return StagePaused()
                if command.cause == "time_up" and at.left_ms > 0:
                    return Conflict(Text(zh="时间未到，请使用“交卷”", en="Time is not up; hand in yourself"))
                self.close(command.cause, self._hand_in_moment(at_ms, received_ms), command_id)
        return None

    def _hand_in_moment(self, at_ms: int, received_ms: int) -> Moment:
        """Net time decides ties, so a page's word on when it handed in is taken for a few seconds at most."""
        not_before_ms = min(received_ms - LAST_SECOND_MS, self.core.ends_ms or received_ms)
        return self.core.moment(max(at_ms, not_before_ms))

    def _keep_evidence(
        self, reason: Any, command_id: str, stamp_ms: int, raw: Mapping[str, Any], received_ms: int
    ) -> None:
        known = self.core.late_ids if reason == "late" else self.core.stale_ids
        if len(known) < EVIDENCE_LIMIT and command_id not in known and str(raw.get("type")) not in _CORE_TYPES:
            kept = EvidenceKept(reason=reason, stamp_ms=stamp_ms, command_id=command_id, command=dict(raw))
            self.add(kept, self.core.moment(max(received_ms, self.last_moment())))

    # --- what the core does by itself ----------------------------------------------------------------

    def close(self, cause: Any, at: Moment, command_id: str | None = None) -> None:
        """End the attempt at `at`; its answers are hashed as they stand."""
        answers = self.module.answers(self.content, self.module_state())
        closed = AttemptClosed(cause=cause, net_ms=at.stage_ms, answers_sha256=sha256_hex(canonical_json(answers)))
        self.add(closed, at, command_id)

    def wake_ms(self) -> int | None:
        """When the core must look at this attempt next by itself (UTC epoch ms)."""
        ends_ms = self.core.ends_ms
        if ends_ms is None:
            return None
        due_ms = self._due_ms()
        end_ms = ends_ms + LAST_SECOND_MS
        return due_ms if due_ms is not None and due_ms < ends_ms else end_ms

    def wake(self, now_ms: int) -> None:
        """Do what is due at `now_ms`: the module's own acts in their order of net time, then the end."""
        ends_ms = self.core.ends_ms
        if ends_ms is None:
            return
        self._act_by(now_ms)
        if now_ms >= ends_ms + LAST_SECOND_MS:
            self.close("time_up", self.core.moment(ends_ms))

    def _act_by(self, until_ms: int) -> None:
        """The module's own acts that are due by `until_ms` (UTC epoch ms) and before the end, each at its moment."""
        ends_ms = self.core.ends_ms
        for _ in range(MOST_DUE):
            due_ms = self._due_ms()
            before = len(self.pending)
            if due_ms is None or ends_ms is None or due_ms > min(until_ms, ends_ms - 1):
                break
            self._decide(Due(), None, max(due_ms, self.last_moment()))
            if len(self.pending) == before:
                break

    def _due_ms(self) -> int | None:
        """When the module wants to act next by itself (UTC epoch ms)."""
        due = self.module.due(self.content, self.module_state())
        return None if due is None else self.core.utc_of(due)

    def row_update(self) -> RowUpdate:
        """The attempt's projection as it is with the pending events."""
        progress = self.progress()
        return RowUpdate(
            "attempts",
            {"id": self.record.attempt_id},
            {
                "seq": self.seq + len(self.pending),
                "phase": self.core.phase.value,
                "started_ms": self.core.started_ms,
                "closed_ms": self.core.closed_ms,
                "net_ms": self.core.net_ms,
                "help_since_ms": self.core.help_since_ms,
                "delayed_behind": self.core.delayed_behind,
                "last_event_ms": self.last_moment(),
                "progress_done": progress.done,
                "progress_total": progress.total,
            },
        )

    def committed(self, recorded: list[Recorded]) -> None:
        """The pending events are durable."""
        for event in recorded:
            self.seq, self.last_ms = event.seq, event.at_ms
            if event.command_id is not None:
                self.commands[event.command_id] = event.seq
        self.pending.clear()
        self.stand()


def _invalid(error: ValidationError) -> Invalid:
    places = "、".join(".".join(str(p) for p in found["loc"]) or "type" for found in error.errors()[:5])
    return Invalid(Text(zh=f"指令格式不正确：{places}", en=f"Malformed command: {places}"))


@lru_cache
def _code_of(module: str, state_version: int, state_type: Any) -> str:
    """Names what made a snapshot: a changed schema of the core's or the module's state changes the name."""
    schemas = [AttemptState.model_json_schema(), state_type.model_json_schema()]
    return f"{module}/{state_version}/{sha256_hex(canonical_json(schemas))[:16]}"
