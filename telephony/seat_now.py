"""How an attempt stands, for its page: texts, calls, desk, counters. Never a word of the customer or a reference."""

from dataclasses import dataclass
from functools import lru_cache

from telephony import calling, desk, faq
from telephony.content import InboundPart, OutboundPart, RetellPart, TelephonyContent, lines
from telephony.desk import record_of
from telephony.seat import (
    ArticleView,
    DeskView,
    HitView,
    LiveCall,
    MemberView,
    RecordLine,
    RecordView,
    SeatLive,
    SeatState,
)
from telephony.state import RETELL, CallState, DeskState, RecordState, TelephonyState


@dataclass(frozen=True, eq=False, slots=True)
class _Held:
    """A paper and what was done at its desk, known by being the very same objects: neither ever changes."""

    content: TelephonyContent
    own: DeskState

    def __hash__(self) -> int:
        return hash((id(self.content), id(self.own)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.content is self.content and other.own is self.own


def seat_state(content: TelephonyContent, state: TelephonyState) -> SeatState:
    """Texts by part and slot, and what is live."""
    return SeatState(texts=state.texts, live=seat_live(content, state))


def seat_live(content: TelephonyContent, state: TelephonyState) -> SeatLive:
    """The newest call of each part, the desk, the counters of FAQ."""
    outbound = [part for part in content.parts if isinstance(part, OutboundPart)]
    questions = {part.id: faq.questions(part, state) for part in outbound}
    return SeatLive(
        current=state.current,
        calls=tuple(live_call(content, state, own[-1]) for part in content.parts if (own := state.calls_of(part.id))),
        desk=desk_view(content, state),
        faq={part_id: faq.counted(found) for part_id, found in questions.items()},
        duplicates={part_id: faq.duplicates(found) for part_id, found in questions.items()},
    )


def live_call(content: TelephonyContent, state: TelephonyState, call: CallState) -> LiveCall:
    """One call; times are net times (ms)."""
    part = content.part(call.part)
    turn = call.turn or (RETELL if isinstance(part, RetellPart) else None)
    replays = retakes = None
    last = True
    take = 0
    if isinstance(part, InboundPart | RetellPart):
        replays = calling.replays_left(part, call, state)
        retakes = None if turn is None else calling.retakes_left(part.takes, call, turn)
        take = call.takes.get(turn, 0) if turn is not None else 0
    if isinstance(part, OutboundPart | RetellPart):
        last = calling.used_up(part, state)
    return LiveCall(
        call_id=call.call_id,
        part=call.part,
        phase=call.phase,
        since_ms=call.since_ms,
        answered_ms=call.answered_ms,
        ends_by_ms=call.ends_by_ms,
        muted=call.muted,
        turn=None if call.kind == "outbound" else call.turn,
        turns_done=call.turns_done,
        floor=call.floor,
        playing=call.playing and call.up,
        line_ms=_line_ms(content, call),
        replays_left=replays,
        retakes_left=retakes,
        take=take,
        taking=call.taking,
        spoken_ms=call.spoken_ms,
        trouble=call.trouble,
        ended_by=call.ended_by,
        outcome=call.outcome,
        last=last,
    )


def _line_ms(content: TelephonyContent, call: CallState) -> int:
    part = content.part(call.part)
    if not call.plays or part is None:
        return 0
    return next((line.audio.duration_ms for line in lines(part) if line.id == call.plays[-1].line), 0)


def desk_view(content: TelephonyContent, state: TelephonyState) -> DeskView:
    """What was searched for, found and opened."""
    return _desk_view(_Held(content, state.desk))


# Asked for after every event of every attempt, while the desk changes but now and then.
@lru_cache(maxsize=1_024)
def _desk_view(held: _Held) -> DeskView:
    content, own = held.content, held.own
    excerpts = {hit.id: hit for hit in desk.hits(content, own.query, own.hits)} if own.hits else {}
    records = {record.id: record for record in content.desk.records}
    article = next((a for a in content.desk.articles if a.id == own.article), None)
    return DeskView(
        query=own.query,
        hits=tuple(
            HitView(id=id_, title=excerpts[id_].title, excerpt=excerpts[id_].excerpt)
            for id_ in own.hits
            if id_ in excerpts
        ),
        article=None
        if article is None
        else ArticleView(id=article.id, title=article.title, body=article.body, updated=article.updated),
        record_query=own.record_query,
        records=tuple(
            RecordLine(id=id_, kind=record.kind, number=record.number, customer=record.customer, phone=record.phone)
            for id_ in own.record_hits
            if (record := records.get(id_)) is not None
        ),
        record=_record(content, own),
        members=tuple(
            MemberView(name=member.name, id_number=member.id_number, package=member.package) for member in own.members
        ),
    )


def _record(content: TelephonyContent, own: DeskState) -> RecordView | None:
    record = None if own.record is None else record_of(content, own.record)
    if record is None:
        return None
    done = own.records.get(record.id, RecordState())
    return RecordView(
        id=record.id,
        kind=record.kind,
        number=record.number,
        customer=record.customer,
        phone=record.phone,
        address=record.address if done.address is None else done.address,
        fields=record.fields,
        verified=done.verified,
        suspended=done.suspended,
        after_sales=done.after_sales,
    )
