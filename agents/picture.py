"""One row of the board: what is known of a place, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from agents.presence import ASKED_LATELY_MS, Line
from agents.roll import Entry
from agents.schemas import BoardRow, Trouble
from server.attempts.standing import StandingAttempt
from server.contests.schemas import AnnouncementView
from server.core.devices import faults_of, mark_of
from server.core.phases import AttemptState, Phase

END_UNSEEN_MS = 2_000
"""A page tells a changed end at once; one that has not after so long has not got it."""
UNSAVED_MS = 5_000
SILENT_MS = 90_000
"""A running attempt that has sent nothing for so long."""
OFFSET_MS = 500
"""A machine's clock this far off is shown (contest day, fault 10); nobody's time depends on it."""
SILENT_LINE_MS = 12_000
"""A page pings every 3 s: four in a row are missing."""


class Facts(NamedTuple):
    """What of a row comes from the line and the moment, beside the attempt itself."""

    online: bool
    seen_ms: int | None
    offset_ms: int | None
    rtt_ms: int | None
    queued: int
    end_seen: bool
    help_by: str | None
    troubles: tuple[Trouble, ...]


@dataclass(slots=True)
class Looks:
    """Since when something has been amiss, by what and key."""

    since: dict[tuple[str, str], int] = field(default_factory=dict)

    def facts(
        self,
        entry: Entry,
        standing: StandingAttempt | None,
        line: Line | None,
        asked_ms: int | None,
        now_ms: int,
    ) -> Facts:
        """What is so at `now_ms` (UTC epoch ms)."""
        core = None if standing is None else standing.core
        phase = None if core is None else core.phase
        asks = asked_ms is not None and asked_ms > now_ms - ASKED_LATELY_MS
        at_work = line is not None and line.seen_ms > now_ms - SILENT_LINE_MS
        end_seen = core is None or phase is not Phase.RUNNING or line is None or line.ends_ms == core.ends_ms
        found: list[Trouble] = []
        if core is not None and core.help_since_ms is not None:
            found.append("help")
        if phase in (Phase.RUNNING, Phase.PAUSED) and not at_work:
            found.append("offline")
        if line is not None and entry.seat_id is not None and line.seat_id != entry.seat_id:
            found.append("wrong_seat")
        if self._lasts("end", entry.key, not end_seen, now_ms, END_UNSEEN_MS):
            found.append("end_unseen")
        if self._lasts("queued", entry.key, line is not None and line.queued > 0, now_ms, UNSAVED_MS):
            found.append("unsaved")
        if core is not None and core.pause_cause == "outage":
            found.append("outage")
        if line is not None and line.offset_ms is not None and abs(line.offset_ms) > OFFSET_MS:
            found.append("clock")
        # Once somebody works, the hand tells what is wrong; an old check must not hide it.
        if core is not None and phase is Phase.ARMED and core.device is not None and faults_of(core.device):
            found.append("device")
        if phase is Phase.RUNNING and at_work and standing is not None and _silent(standing, now_ms):
            found.append("silent")
        if phase is Phase.ARMED and not at_work and not asks:
            found.append("never_came")
        return Facts(
            online=at_work or asks,
            seen_ms=asked_ms if line is None else line.seen_ms,
            offset_ms=None if line is None else line.offset_ms,
            rtt_ms=None if line is None else line.rtt_ms,
            queued=0 if line is None else line.queued,
            end_seen=end_seen,
            help_by=None if core is None else core.help_by,
            troubles=tuple(found),
        )

    def _lasts(self, what: str, key: str, so: bool, now_ms: int, for_ms: int) -> bool:
        """Whether something has been so for some time."""
        if not so:
            self.since.pop((what, key), None)
            return False
        return now_ms - self.since.setdefault((what, key), now_ms) >= for_ms


def _silent(standing: StandingAttempt, now_ms: int) -> bool:
    """Whether the contestant has done nothing for long; what staff does to the attempt breaks no silence."""
    last_ms = max(standing.worked_ms or 0, standing.core.started_ms or 0)
    return last_ms < now_ms - SILENT_MS


def is_absent(core: AttemptState) -> bool:
    """缺考: closed without any page ever having opened it."""
    return core.phase is Phase.CLOSED and core.epoch == 0


def row_of(
    entry: Entry,
    standing: StandingAttempt | None,
    facts: Facts,
    announced: Sequence[AnnouncementView],
    names: Mapping[str, str],
    now_ms: int,
) -> BoardRow:
    """The row as it goes over the wire."""
    core = None if standing is None else standing.core
    return BoardRow(
        key=entry.key,
        label=entry.label,
        room=entry.room,
        spare=entry.spare,
        ticket_number=entry.ticket_number,
        name=entry.name,
        attempt_id=entry.attempt_id,
        stage_id=None if standing is None else standing.record.stage_id,
        phase=None if core is None else core.phase,
        delayed=core is not None and core.delayed_behind is not None,
        close_cause="absent" if core is not None and is_absent(core) else None if core is None else core.close_cause,
        done=0 if standing is None else standing.progress.done,
        total=0 if standing is None else standing.progress.total,
        limit_ms=None if core is None else core.limit_ms,
        stage_ms=None if core is None else core.moment(now_ms).stage_ms,
        ends_ms=None if core is None else core.ends_ms,
        saved_ms=None if standing is None else standing.worked_ms,
        online=facts.online,
        bound=entry.bound,
        seen_ms=facts.seen_ms,
        offset_ms=facts.offset_ms,
        rtt_ms=facts.rtt_ms,
        queued=facts.queued,
        end_seen=facts.end_seen,
        help_since_ms=None if core is None else core.help_since_ms,
        help_by=names.get(facts.help_by or ""),
        unread=0 if core is None else sum(one.announcement_id not in core.read_ids for one in announced),
        device=None if core is None else mark_of(core.device),
        device_faults=() if core is None or core.device is None else faults_of(core.device),
        troubles=facts.troubles,
    )
