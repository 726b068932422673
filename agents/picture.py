"""One row of the board: what is known of a place, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from agents.presence import ASKED_LATELY_MS, Line
from agents.roll import Entry
from agents.schemas import BoardRow, Trouble, VoiceRow
from server.attempts.standing import StandingAttempt
from server.calls.levels import STEPS, CallLoudness
from server.contests.schemas import AnnouncementView
from server.core.devices import faults_of, mark_of
from server.core.media import CallStanding, VoiceTrouble
from server.core.phases import AttemptState, Phase

END_UNSEEN_MS = 2_000
"""A page tells a changed end at once; one that has not after so long has not got it."""
UNSAVED_MS = 5_000
SILENT_MS = 90_000
"""A running attempt that has sent nothing for so long."""
OFFSET_MS = 500
"""A machine's clock this far off is shown (contest day, fault 10); nobody's time depends on it."""
UNCONNECTED_MS = 5_000
"""A call is up for so long and its sound has no way."""
UNSENT_MS = 10_000
"""Sound not uploaded: chunks of one second wait for their acknowledgement, so a little is always on its way."""
UNSENT_AFTER_MS = 1_000
"""The same once the attempt is closed: then nothing new comes, and the machine must stay on until all has gone."""
VOICE_TROUBLES: tuple[VoiceTrouble, ...] = ("no_microphone", "no_packets", "no_sound", "wrong_device", "clipping")
"""Worst first."""
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
    unsent_ms: int | None
    voice: VoiceRow | None
    help_by: str | None
    troubles: tuple[Trouble, ...]


@dataclass(slots=True)
class Looks:
    """Since when something has been amiss, by what and key."""

    since: dict[tuple[str, str], int] = field(default_factory=dict)
    _calls: dict[str, tuple[int, CallStanding | None]] = field(default_factory=dict)
    """How the call of an attempt stood, and at which number of its stream."""

    def facts(
        self,
        entry: Entry,
        standing: StandingAttempt | None,
        line: Line | None,
        asked_ms: int | None,
        loudness: CallLoudness | None,
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
        call = self._call(standing)
        voice = None if call is None else _voice(call, loudness)
        if call is not None and phase is Phase.RUNNING:
            found += [trouble for trouble in VOICE_TROUBLES if trouble in call.troubles]
        unconnected = voice is not None and not voice.connected and phase is Phase.RUNNING
        if self._lasts("unconnected", entry.key, unconnected, now_ms, UNCONNECTED_MS):
            found.append("unconnected")
        limit_ms = UNSENT_AFTER_MS if phase is Phase.CLOSED else UNSENT_MS
        unsent = line is not None and line.unsent_ms >= limit_ms
        if self._lasts("unsent", entry.key, unsent, now_ms, UNSAVED_MS):
            found.append("unsent")
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
            unsent_ms=None if line is None else -(-line.unsent_ms // 1000) * 1000,
            voice=voice,
            help_by=None if core is None else core.help_by,
            troubles=tuple(found),
        )

    def _call(self, standing: StandingAttempt | None) -> CallStanding | None:
        """The call that is up, asked of the module only when the attempt has gone on."""
        if standing is None or standing.module.media is None or standing.core.phase is Phase.CLOSED:
            return None
        attempt_id = standing.record.attempt_id
        kept = self._calls.get(attempt_id)
        if kept is None or kept[0] != standing.seq:
            call = standing.module.media.standing(standing.content, standing.state)
            self._calls[attempt_id] = kept = (standing.seq, call)
        return kept[1]

    def _lasts(self, what: str, key: str, so: bool, now_ms: int, for_ms: int) -> bool:
        """Whether something has been so for some time."""
        if not so:
            self.since.pop((what, key), None)
            return False
        return now_ms - self.since.setdefault((what, key), now_ms) >= for_ms


def _voice(call: CallStanding, loudness: CallLoudness | None) -> VoiceRow:
    """A call with its levels, if there are any of this call."""
    heard = loudness if loudness is not None and loudness.call_id == call.call_id else None
    return VoiceRow(
        call_id=call.call_id,
        title=call.title,
        phase=call.phase,
        since_ms=call.since_ms,
        muted=call.muted,
        floor=call.floor,
        agent_dbfs=STEPS[0] if heard is None else heard.agent_dbfs,
        customer_dbfs=STEPS[0] if heard is None else heard.customer_dbfs,
        connected=heard is not None and heard.connected,
    )


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
        unsent_ms=facts.unsent_ms,
        voice=facts.voice,
        end_seen=facts.end_seen,
        help_since_ms=None if core is None else core.help_since_ms,
        help_by=names.get(facts.help_by or ""),
        unread=0 if core is None else sum(one.announcement_id not in core.read_ids for one in announced),
        device=None if core is None else mark_of(core.device),
        device_faults=() if core is None or core.device is None else faults_of(core.device),
        troubles=facts.troubles,
    )
