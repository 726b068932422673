"""One call: its legs, what is played, written down and reported."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from typing import Any

import structlog

from server.core.media import CallPlan, Leg, LegDown, LegUp, MediaReport, PlayBegan
from server.core.media_wire import CallLevel
from server.speech.rtp_journal import NO_LEVEL, JournalLeg, Packet, record
from telephony.worker.clock import WorkerClock
from telephony.worker.journals import Journal, JournalWriter
from telephony.worker.legs import Connection, Feed, Listener
from telephony.worker.plays import PlayQueue, Sounds
from telephony.worker.rtp import SILENCE, TICK_SAMPLES, Arrived
from telephony.worker.speech import SpeechDetector
from telephony.worker.troubles import Watch
from telephony.worker.wires import AnyWire, BadOffer, MakeWire, Refused

ANSWER_S = 5.0
HANG_UP_S = 5.0
CONNECT_NS = 20_000_000_000
"""A connection that is offered and doesn't come up by then is given up."""
QUIET_NS = 5_000_000_000
"""A network that is silent for so long is down…"""
GONE_NS = 30_000_000_000
"""…and for so long does not come back: the page has built another connection."""
REACHED_NS = 1_000_000_000
"""A line is not heard by somebody whose packets, 50 a second, stop for longer than this."""
FLOWING_NS = 200_000_000
SLOW_TICKS = 5
"""What needs no haste is looked after every 100 ms."""
NOTHING_DBFS = -127
LINE_DBFS = -23
"""Lines are levelled when they are authored, and not decoded here: that stands for their loudness."""
_log = structlog.get_logger()


class Call:
    """One call from its first plan until it is closed."""

    def __init__(
        self,
        attempt_id: str,
        plan: CallPlan,
        clock: WorkerClock,
        writer: JournalWriter,
        sounds: Sounds,
        make_wire: MakeWire,
        on_report: Callable[[str, str, MediaReport], None],
    ) -> None:
        self.attempt_id = attempt_id
        self.call_id = plan.call_id
        self._clock = clock
        self._writer = writer
        self._sounds = sounds
        self._make_wire = make_wire
        self._on_report = on_report
        self._legs: dict[Leg, Connection] = {}
        self._waiting: list[Connection] = []
        self._offered: dict[Leg, int] = {}
        self._listeners: dict[str, Listener] = {}
        self._journals: dict[tuple[JournalLeg, int], Journal] = {}
        self._speech: dict[Leg, SpeechDetector] = {}
        self._watch = Watch()
        self._plays = PlayQueue()
        self._flowing = False
        self._agent_level = self._customer_level = NO_LEVEL
        self._line_heard = False
        self._lost_before = 0
        self._ticks = 0
        self._closed = False
        self._tasks: set[asyncio.Task[None]] = set()
        self.plan = plan
        self.perform(plan)

    def perform(self, plan: CallPlan) -> None:
        """What is needed of this call from here on."""
        self.plan = plan
        for ended in self._plays.plan(plan.plays, plan.played):
            self._report(ended)
        coming = self._plays.next
        if coming is not None:
            self._sounds(coming)

    @property
    def connected(self) -> bool:
        """Whether the contestant's sound passes."""
        seat = self._legs.get("seat")
        return seat is not None and seat.up

    @property
    def quiet(self) -> bool:
        """Whether nobody at all is connected."""
        return not any(each.up for each in self._legs.values())

    async def offer(self, leg: Leg, number: int, sdp: str) -> str:
        """The answer to a browser of a leg; raises Refused.

        A number that was used before becomes the next free one: a page on another machine can't know the count.
        """
        side: JournalLeg = "agent" if leg == "seat" else "customer"
        number = max(number, self._offered.get(leg, 0) + 1)
        while self._writer.exists(self.attempt_id, self.call_id, side, number):
            number += 1
        self._offered[leg] = number
        connection = Connection(leg, number, self._clock.now_ns())
        connection.wire = self._make_wire(partial(self._arrived, connection), partial(self._state, connection), 1)
        connection.feed = Feed(connection.wire)
        self._waiting.append(connection)
        try:
            answer = await self._answered(connection.wire.answer(sdp))
        except Refused:
            self._forget(connection)
            await _hang_up(connection.wire)
            raise
        for older in [each for each in self._waiting if each.leg == leg and each.number < number]:
            self._waiting.remove(older)
            self._later(_hang_up(older.wire))
        return answer

    async def listen(self, listener_id: str, sdp: str) -> str:
        """The answer to somebody who listens in, with two tracks: agent, customer. Raises Refused."""
        await self.end_listening(listener_id)
        wire = self._make_wire(_ignored, lambda state: self._listener_state(listener_id, state), 2)
        try:
            answer = await self._answered(wire.answer(sdp))
        except Refused:
            await _hang_up(wire)
            raise
        self._listeners[listener_id] = Listener(wire, self._clock.now_ns())
        return answer

    async def end_listening(self, listener_id: str) -> None:
        """That listener goes; unknown ones have gone."""
        listener = self._listeners.pop(listener_id, None)
        if listener is not None:
            await _hang_up(listener.wire)

    def tick(self, now_ns: int) -> None:
        """20 ms have passed: send what is due, and look after the rest now and then."""
        seat, role = self._legs.get("seat"), self._legs.get("role_player")
        if self.plan.bridged:
            self._idle(self._customer_feeds(), now_ns)
        else:
            self._play(seat, now_ns)
        if role is not None or self._listeners:
            self._idle(self._agent_feeds(role), now_ns)
        if role is not None and role.up and not self._passes_to_role():
            role.feed.own(SILENCE, TICK_SAMPLES, now_ns)
        self._ticks += 1
        if self._ticks % SLOW_TICKS == 0:
            self._look_after(now_ns)

    def level(self) -> CallLevel:
        """How loud it was since this was last asked."""
        seat = self._legs.get("seat")
        said = CallLevel(
            attempt_id=self.attempt_id,
            call_id=self.call_id,
            agent_dbfs=_dbfs(self._agent_level),
            customer_dbfs=max(_dbfs(self._customer_level), LINE_DBFS if self._line_heard else NOTHING_DBFS),
            connected=self.connected,
            packets_lost=self._lost_before + (seat.wire.packets_lost if seat is not None else 0),
        )
        self._agent_level = self._customer_level = NO_LEVEL
        self._line_heard = self._plays.playing
        return said

    async def close(self) -> None:
        """Hang up on everybody; returns when the journals are whole and on the disk."""
        self._closed = True
        wires = [each.wire for each in (*self._legs.values(), *self._waiting)]
        wires += [each.wire for each in self._listeners.values()]
        self._legs.clear()
        self._waiting.clear()
        self._listeners.clear()
        for wire in wires:
            self._later(_hang_up(wire))
        journals, self._journals = list(self._journals.values()), {}
        await asyncio.gather(*(self._writer.close(each) for each in journals), *self._tasks)

    def _arrived(self, connection: Connection, arrived: Arrived) -> None:
        if self._legs.get(connection.leg) is not connection:
            return
        now_ns = self._clock.now_ns()
        now_ms = now_ns // 1_000_000
        connection.packet_ns = now_ns
        if connection.quiet:
            self._back(connection)
        side: JournalLeg = "agent" if connection.leg == "seat" else "customer"
        self._journal(side, connection.number).append(
            record(
                Packet(
                    self._clock.server_us(now_ns),
                    arrived.timestamp,
                    arrived.ssrc,
                    arrived.sequence,
                    arrived.level,
                    arrived.payload,
                )
            )
        )
        speech = self._speech.get(connection.leg)
        if speech is None:
            speech = self._speech[connection.leg] = SpeechDetector(connection.leg)
        if connection.leg == "seat":
            self._agent_level = min(self._agent_level, arrived.level)
            self._watch.packet(now_ms, known=arrived.level != NO_LEVEL, loud=speech.is_loud(arrived.level))
            feeds = self._agent_feeds(self._legs.get("role_player"))
        else:
            self._customer_level = min(self._customer_level, arrived.level)
            feeds = self._customer_feeds() if self.plan.bridged else iter(())
        change = speech.frame(arrived.level, now_ms)
        if change is not None:
            self._report(change)
        if not self._listeners and not self.plan.bridged:
            return
        for feed in feeds:
            feed.alive()
            feed.forward(arrived, now_ns)

    def _play(self, seat: Connection | None, now_ns: int) -> None:
        up = seat is not None and seat.up
        heard_ns = now_ns - seat.wire.last_heard_ns if seat is not None else 0
        reached = heard_ns < (REACHED_NS if self._flowing else QUIET_NS)
        payloads, told = self._plays.tick(self._sounds, up=up, held=self.plan.held, reached=reached)
        for report in told:
            if isinstance(report, PlayBegan):
                self._flowing = seat is not None and now_ns - seat.packet_ns < FLOWING_NS
            self._report(report)
        self._line_heard |= bool(payloads)
        for payload, samples in payloads:
            for feed in self._customer_feeds():
                feed.own(payload, samples, now_ns)
            if seat is not None:
                self._write_line(seat, payload, now_ns)
        if not payloads and (self.plan.held or not self._plays.inside_packet):
            for feed in self._customer_feeds():
                feed.own(SILENCE, TICK_SAMPLES, now_ns)

    def _write_line(self, seat: Connection, payload: bytes, now_ns: int) -> None:
        stream = seat.feed.stream
        at_us = self._clock.server_us(now_ns)
        packet = Packet(at_us, stream.timestamp, stream.ssrc, stream.sequence, NO_LEVEL, payload)
        self._journal("customer", seat.number).append(record(packet))

    def _journal(self, side: JournalLeg, number: int) -> Journal:
        journal = self._journals.get((side, number))
        if journal is None:
            journal = self._writer.open(self.attempt_id, self.call_id, side, number)
            self._journals[side, number] = journal
        return journal

    def _customer_feeds(self) -> Iterator[Feed]:
        """Who hears the customer."""
        seat = self._legs.get("seat")
        if seat is not None and seat.up:
            yield seat.feed
        for listener in self._listeners.values():
            yield listener.customer

    def _agent_feeds(self, role: Connection | None) -> Iterator[Feed]:
        """Who hears the contestant."""
        if role is not None and role.up and self._passes_to_role():
            yield role.feed
        for listener in self._listeners.values():
            yield listener.agent

    def _passes_to_role(self) -> bool:
        return self.plan.bridged and not self.plan.held

    def _idle(self, feeds: Iterator[Feed], now_ns: int) -> None:
        for feed in feeds:
            feed.idle(now_ns)

    def _state(self, connection: Connection, state: str) -> None:
        if self._closed:
            return
        if state == "up" and self._forget(connection):
            older = self._legs.get(connection.leg)
            if older is not None:
                self._drop(older)
            self._legs[connection.leg] = connection
            self._report(LegUp(leg=connection.leg, connection=connection.number))
        elif self._legs.get(connection.leg) is connection:
            self._drop(connection)
        elif self._forget(connection):
            self._later(_hang_up(connection.wire))

    def _forget(self, connection: Connection) -> bool:
        if connection not in self._waiting:
            return False
        self._waiting.remove(connection)
        return True

    def _drop(self, connection: Connection) -> None:
        del self._legs[connection.leg]
        self._end_speech(connection.leg)
        if not connection.quiet:
            self._report(LegDown(leg=connection.leg, connection=connection.number))
        if connection.leg == "seat":
            self._lost_before += connection.wire.packets_lost
        self._later(_hang_up(connection.wire))

    def _back(self, connection: Connection) -> None:
        connection.quiet = False
        self._report(LegUp(leg=connection.leg, connection=connection.number))

    def _listener_state(self, listener_id: str, state: str) -> None:
        if state == "down" and listener_id in self._listeners:
            self._later(self.end_listening(listener_id))

    def _look_after(self, now_ns: int) -> None:
        now_ms = now_ns // 1_000_000
        for connection in tuple(self._legs.values()):
            silent_ns = now_ns - max(connection.wire.last_heard_ns, connection.offered_ns)
            if silent_ns >= GONE_NS:
                self._drop(connection)
            elif silent_ns >= QUIET_NS and not connection.quiet:
                self._end_speech(connection.leg)
                connection.quiet = True
                self._report(LegDown(leg=connection.leg, connection=connection.number))
            elif silent_ns < QUIET_NS and connection.quiet:
                self._back(connection)
        for waiting in tuple(self._waiting):
            if now_ns - waiting.offered_ns >= CONNECT_NS and self._forget(waiting):
                self._later(_hang_up(waiting.wire))
        for listener_id, listener in tuple(self._listeners.items()):
            if now_ns - max(listener.wire.last_heard_ns, listener.offered_ns) >= GONE_NS:
                self._later(self.end_listening(listener_id))
        for speech in self._speech.values():
            ended = speech.tick(now_ms)
            if ended is not None:
                self._report(ended)
        for trouble in self._watch.tick(now_ms, up=self.connected, due=self.plan.speech_due, held=self.plan.held):
            self._report(trouble)

    def _end_speech(self, leg: Leg) -> None:
        speech = self._speech.pop(leg, None)
        ended = speech.end(self._clock.now_ms()) if speech is not None else None
        if ended is not None:
            self._report(ended)

    def _report(self, report: MediaReport) -> None:
        if not self._closed:
            self._on_report(self.attempt_id, self.call_id, report)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answered(self, answering: Coroutine[Any, Any, str]) -> str:
        try:
            async with asyncio.timeout(ANSWER_S):
                answer = await answering
        except BadOffer as error:
            _log.warning("media worker: an offer that can't be answered", call_id=self.call_id, reason=str(error)[:200])
            raise Refused("sdp") from error
        except TimeoutError as error:
            _log.warning("media worker: an offer that was not answered in time", call_id=self.call_id)
            raise Refused("late") from error
        if "a=candidate:" not in answer:
            raise Refused("no_address")
        if self._closed:
            raise Refused("no_call")
        return answer


async def _hang_up(wire: AnyWire) -> None:
    """End a connection; one that can't end properly keeps nobody waiting, least of all the journals."""
    try:
        async with asyncio.timeout(HANG_UP_S):
            await wire.close()
    except Exception as fault:
        _log.warning("media worker: a connection that did not end", reason=repr(fault))


def _ignored(arrived: Arrived) -> None:
    """Whoever listens in is heard by nobody."""


def _dbfs(level: int) -> int:
    return NOTHING_DBFS if level == NO_LEVEL else -level
