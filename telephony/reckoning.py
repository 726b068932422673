"""What a finished history amounts to, read once: the state, acts, counts and durations that scoring shows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce

from server.core.contract import Journalled
from server.core.phases import Moment, Phase
from telephony import calling
from telephony import events as e
from telephony.acts import Act, act_of
from telephony.content import TelephonyContent
from telephony.events import VoiceEvent
from telephony.folding import apply
from telephony.state import TelephonyState
from telephony.telling import Telling


@dataclass(frozen=True, slots=True)
class DoneAct:
    """An act, where it stands in the journal, the part it belongs to, and its net time (ms)."""

    seq: int
    part: str
    stage_ms: int
    act: Act


@dataclass(slots=True)
class Reckoning:
    """Counts over a whole history; durations in ms."""

    state: TelephonyState
    acts: list[DoneAct] = field(default_factory=list)
    saves: dict[tuple[str, str], int] = field(default_factory=dict)
    """Sequence number of the last save, by part and field."""
    endings: dict[str, tuple[int, e.CallEnded]] = field(default_factory=dict)
    """Ends of calls with their sequence numbers; 0 where the end of the time cut the call."""
    largest_insert: int = 0
    held_ms: int = 0
    holds: int = 0
    replays: int = 0

    def of_part(self, part_id: str) -> list[Act]:
        """Acts of a part, in order; of an act offline nobody knows the part, so it counts for any."""
        return [done.act for done in self.acts if done.part in (part_id, "")]


def reckon(content: TelephonyContent, history: Sequence[Journalled[VoiceEvent]]) -> Reckoning:
    """Read a history; a call that is up at its end is closed there, and judged by what had happened."""
    state = reduce(lambda before, entry: apply(content, before, entry.event), history, TelephonyState())
    state, closing = _closed(content, state, history)
    result = Reckoning(state)
    parts = {call.call_id: call.part for call in state.calls}
    current, held_since = "", dict[str, int]()
    unheard: set[str] = set()
    for entry in (*history, *closing):
        event = entry.event
        match event:
            case e.PartOpened():
                current = event.part
            case e.FieldSaved():
                result.saves[event.item, event.field] = entry.seq
                result.largest_insert = max(result.largest_insert, event.largest_insert)
            case e.Held(on=True):
                result.holds += 1
                held_since[event.call] = event.stage_ms
            case e.Held() | e.CallEnded():
                if event.call in held_since:
                    result.held_ms += max(0, event.stage_ms - held_since.pop(event.call))
                if isinstance(event, e.CallEnded):
                    result.endings[event.call] = (entry.seq, event)
            case e.LineEnded(heard=False):
                unheard.add(event.call)
            case e.LineBegan():
                counts = event.call not in unheard and event.cause in ("replay", "source")
                result.replays += counts and event.n > 1
                unheard.discard(event.call)
            case _:
                pass
        if (act := act_of(content, event)) is not None:
            stage_ms = getattr(event, "stage_ms", entry.stage_ms)
            part = parts.get(act.call, "") or current
            if isinstance(event, e.MemberRegistered):
                part = event.part
            result.acts.append(DoneAct(entry.seq, part, stage_ms, act))
    return result


def _closed(
    content: TelephonyContent, state: TelephonyState, history: Sequence[Journalled[VoiceEvent]]
) -> tuple[TelephonyState, list[Journalled[VoiceEvent]]]:
    """The state without a call that is up, and what ends it: nothing is journalled of it at the close."""
    call = state.call_up()
    if call is None or content.part(call.part) is None:
        return state, []
    last = history[-1]
    at = Moment(utc_ms=last.at_ms, stage_ms=last.stage_ms, left_ms=0, phase=Phase.CLOSED)
    telling = Telling(content, state, at)
    calling.end(telling, call, "close")
    return telling.state, [Journalled(0, last.at_ms, last.stage_ms, event) for event in telling.events]
