"""What stands beside a recording: turns, takes, lines, holds, mutes, look-ups, acts, troubles, pauses."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from server.core.contract import Journalled
from server.core.media import CallRecord, Marker
from server.core.text import Text
from telephony import events as e
from telephony.acts import act_of
from telephony.content import InboundPart, RetellPart, TelephonyContent, lines
from telephony.events import VoiceEvent
from telephony.refs import turn_ref
from telephony.state import RETELL

LEAST_PAUSE_MS = 500
"""Shorter differences between net time and the time of day are rounding."""
_HELD = Text(zh="保持", en="On hold")
_MUTED = Text(zh="静音", en="Muted")
_PAUSED = Text(zh="环节暂停", en="Stage paused")
_TAKE = Text(zh="录音", en="Take")
_LINE = Text(zh="客户", en="Customer")
_RETELL = Text(zh="复述", en="Retell")
_TROUBLES = {
    "no_sound": Text(zh="没有声音", en="No sound"),
    "no_packets": Text(zh="没有收到声音数据", en="No sound data"),
    "clipping": Text(zh="削波失真", en="Clipping"),
    "wrong_device": Text(zh="话筒不对", en="Wrong microphone"),
    "no_microphone": Text(zh="没有话筒", en="No microphone"),
}
_ENDED = {
    "key": Text(zh="说完了（按键）", en="Turn ended by key"),
    "pause": Text(zh="说完了（停顿）", en="Turn ended by a pause"),
    "end": Text(zh="说到通话结束", en="Turn ended with the call"),
}
_ROLE = {
    "answer": Text(zh="模拟客户接听", en="The role player answered"),
    "outcome": Text(zh="模拟客户给出结果", en="The role player said the outcome"),
    "hang_up": Text(zh="模拟客户挂机", en="The role player hung up"),
}


@dataclass(slots=True)
class _Call:
    """A call as it is read from its history."""

    call_id: str
    part: str
    kind: str
    began_ms: int
    ended_ms: int | None = None
    closed: list[Marker] = field(default_factory=list)
    opened: dict[str, Marker] = field(default_factory=dict)
    """What lasts, by a key that its end can be told by."""
    turn: str | None = None
    done: tuple[str, ...] = ()

    def open(self, key: str, marker: Marker) -> None:
        """Something begins that lasts."""
        self.opened[key] = marker

    def close(self, key: str, until_ms: int) -> None:
        """It is over."""
        marker = self.opened.pop(key, None)
        if marker is not None:
            self.closed.append(marker.model_copy(update={"until_ms": until_ms}))

    def end(self, ended_ms: int) -> None:
        """The call is over, and all that lasted; a turn that would have begun now never did."""
        self.ended_ms = ended_ms
        for key, marker in list(self.opened.items()):
            if marker.kind == "turn" and marker.at_ms == ended_ms:
                del self.opened[key]
            else:
                self.close(key, ended_ms)


@dataclass(slots=True)
class _Reader:
    content: TelephonyContent
    texts: dict[tuple[str, str], str]
    calls: dict[str, _Call] = field(default_factory=dict)
    last: Journalled[VoiceEvent] | None = None

    def read(self, entry: Journalled[VoiceEvent]) -> None:
        self._pause(entry)
        self.last = entry
        event = entry.event
        if isinstance(event, e.CallBegan):
            self.calls[event.call] = _Call(event.call, event.part, event.kind, entry.at_ms)
            return
        call = self.calls.get(getattr(event, "call", ""))
        if call is not None and call.ended_ms is None:
            self._of_call(call, event, entry.at_ms)

    def _pause(self, entry: Journalled[VoiceEvent]) -> None:
        """Net time fell behind the time of day: the stage stood still since the last event, as far as is known."""
        if self.last is None:
            return
        passed = entry.at_ms - self.last.at_ms
        still = passed - (entry.stage_ms - self.last.stage_ms)
        if still < LEAST_PAUSE_MS:
            return
        since_ms = max(self.last.at_ms, entry.at_ms - still)
        for call in self.calls.values():
            if call.ended_ms is None:
                call.closed.append(_marker("pause", since_ms, _PAUSED, until_ms=entry.at_ms))

    def _of_call(self, call: _Call, event: VoiceEvent, at_ms: int) -> None:
        match event:
            case e.CallAnswered():
                self._turn(call, at_ms)
            case e.LineBegan():
                text = self._line(call, event.line)
                call.open(f"line{event.n}", _marker("line", at_ms, _LINE, event.line, text))
            case e.LineEnded():
                call.close(f"line{event.n}", at_ms)
            case e.TakeBegan():
                self._take(call, event, at_ms)
            case e.TakeEnded():
                call.close("take", at_ms)
                if event.done:
                    call.done = (*call.done, event.turn)
                    call.close(f"turn{event.turn}", at_ms)
                    self._turn(call, at_ms)
            case e.TurnEnded():
                call.closed.append(_marker("act", at_ms, _ENDED[event.cause], until_ms=at_ms))
            case e.Held(on=on) | e.Muted(on=on):
                kind = "hold" if isinstance(event, e.Held) else "mute"
                title = _HELD if kind == "hold" else _MUTED
                if on:
                    call.open(kind, _marker(kind, at_ms, title))
                else:
                    call.close(kind, at_ms)
            case e.TroubleSeen():
                if event.began:
                    call.open(event.kind, _marker("trouble", at_ms, _TROUBLES[event.kind], event.kind))
                else:
                    call.close(event.kind, at_ms)
            case e.RolePlayed():
                call.closed.append(_marker("act", at_ms, _ROLE[event.act], until_ms=at_ms))
            case e.CallEnded():
                self._desk(call, event, at_ms)
                call.end(at_ms)
            case _:
                self._desk(call, event, at_ms)

    def _turn(self, call: _Call, at_ms: int) -> None:
        """The next turn that is not done begins."""
        part = self.content.part(call.part)
        if isinstance(part, InboundPart):
            turn = next((turn for turn in part.turns if turn.id not in call.done), None)
            if turn is not None and f"turn{turn.id}" not in call.opened:
                text = self.texts.get((part.id, f"turn:{turn.id}"), "")
                call.open(f"turn{turn.id}", _marker("turn", at_ms, Text(zh=turn.hint), self._ref(call, turn.id), text))
        elif isinstance(part, RetellPart) and not call.done:
            text = self.texts.get((part.id, "notes"), "")
            call.open(f"turn{RETELL}", _marker("turn", at_ms, _RETELL, self._ref(call, RETELL), text))

    def _take(self, call: _Call, event: e.TakeBegan, at_ms: int) -> None:
        """A take; those of the same turn before it are superseded, in other calls of the part, too."""
        ref = self._ref(call, event.turn)
        for other in self.calls.values():
            if other.part == call.part:
                other.closed = [
                    old.model_copy(update={"superseded": True}) if old.kind == "take" and old.ref == ref else old
                    for old in other.closed
                ]
        title = Text(zh=f"{_TAKE.zh} {event.take}", en=f"{_TAKE.en} {event.take}")
        call.open("take", _marker("take", at_ms, title, ref))

    def _ref(self, call: _Call, turn: str) -> str:
        return turn_ref(self.content, call.part, turn)

    def _desk(self, call: _Call, event: VoiceEvent, at_ms: int) -> None:
        if isinstance(event, e.ArticleOpened | e.RecordOpened):
            call.close(type(event).__name__, at_ms)
        act = act_of(self.content, event)
        if act is not None and act.act == "article":
            call.open("ArticleOpened", _marker("look_up", at_ms, act.title, act.targets[0]))
        elif act is not None and act.act != "hold":
            kind = "look_up" if act.act in ("search", "look_up") else "act"
            call.closed.append(
                _marker(kind, at_ms, act.title, "" if kind == "look_up" else _ref(act.targets), until_ms=at_ms)
            )
        elif isinstance(event, e.RecordOpened) and event.record is not None:
            number = next((r.number for r in self.content.desk.records if r.id == event.record), event.record)
            title = Text(zh=f"打开记录：{number}", en=f"Opened record: {number}")
            call.open("RecordOpened", _marker("look_up", at_ms, title, event.record))

    def _line(self, call: _Call, line_id: str) -> str:
        part = self.content.part(call.part)
        return next((line.text for line in lines(part) if line.id == line_id), "") if part is not None else ""


def calls(
    content: TelephonyContent, history: Sequence[Journalled[VoiceEvent]], closed_ms: int | None
) -> list[CallRecord]:
    """Every call of a history with its markers in order of time; one that was up at the close ended then."""
    texts = {
        (entry.event.item, entry.event.field): entry.event.text
        for entry in history
        if isinstance(entry.event, e.FieldSaved)
    }
    reader = _Reader(content, texts)
    for entry in history:
        reader.read(entry)
    for call in reader.calls.values():
        if call.ended_ms is None and closed_ms is not None:
            call.end(closed_ms)
    return [_record(content, call) for call in reader.calls.values()]


def _record(content: TelephonyContent, call: _Call) -> CallRecord:
    part = content.part(call.part)
    number = call.call_id.rsplit(".", 1)[-1]
    name = Text(zh=call.part) if part is None else part.title
    marks = sorted([*call.closed, *call.opened.values()], key=lambda marker: (marker.at_ms, _order(marker)))
    return CallRecord(
        call_id=call.call_id,
        part=call.part,
        title=name
        if number == "1"
        else Text(zh=f"{name.zh}（第 {number} 次）", en=f"{name.en} ({number})" if name.en else ""),
        live=call.kind == "outbound",
        began_ms=call.began_ms,
        ended_ms=call.ended_ms,
        markers=tuple(marks),
    )


def _order(marker: Marker) -> int:
    """Of what begins at one moment, the wider comes first."""
    return ("turn", "line", "take").index(marker.kind) if marker.kind in ("turn", "line", "take") else 3


def _ref(targets: tuple[str, ...]) -> str:
    return targets[0] if targets else ""


def _marker(kind: Any, at_ms: int, title: Text, ref: str = "", text: str = "", until_ms: int | None = None) -> Marker:
    return Marker(kind=kind, at_ms=at_ms, until_ms=until_ms, ref=ref, title=title, text=text)
