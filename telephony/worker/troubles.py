"""What is wrong with a contestant's sound while it happens: nothing arrives, or nothing is said where it is due."""

from typing import Literal

from server.core.media import Trouble

ALARM_MS = 3_000
_LONG_AGO = -(10**12)


class Watch:
    """The seat's leg of one call. Times are ms of any steady clock."""

    def __init__(self) -> None:
        self._packet_ms = _LONG_AGO
        self._level_ms = _LONG_AGO
        self._loud_ms = _LONG_AGO
        self._up_ms: int | None = None
        self._due_ms: int | None = None
        self._since: dict[Literal["no_sound", "no_packets"], int] = {}

    def packet(self, now_ms: int, *, known: bool, loud: bool) -> None:
        """A packet of the contestant; whether its level is `known`, and is speech."""
        self._packet_ms = now_ms
        if known:
            self._level_ms = now_ms
        if loud:
            self._loud_ms = now_ms

    def tick(self, now_ms: int, *, up: bool, due: bool, held: bool) -> list[Trouble]:
        """What has begun or ended; `due`: the contestant is expected to speak.

        no_packets outlasts the leg: it ends when something arrives, over whichever connection.
        """
        self._up_ms = _kept(self._up_ms, up and not held, now_ms)
        self._due_ms = _kept(self._due_ms, up and not held and due, now_ms)
        told: list[Trouble] = []
        began = self._since.get("no_packets")
        if began is not None:
            if held or self._packet_ms >= began:
                told.append(self._end("no_packets"))
        elif self._up_ms is not None and now_ms - max(self._packet_ms, self._up_ms) >= ALARM_MS:
            told.append(self._begin("no_packets", now_ms))
        began = self._since.get("no_sound")
        if began is not None:
            if self._due_ms is None or self._loud_ms >= began:
                told.append(self._end("no_sound"))
        elif (
            self._due_ms is not None
            and now_ms - self._level_ms < ALARM_MS
            and now_ms - max(self._loud_ms, self._due_ms) >= ALARM_MS
        ):
            told.append(self._begin("no_sound", now_ms))
        return told

    def _begin(self, kind: Literal["no_sound", "no_packets"], now_ms: int) -> Trouble:
        self._since[kind] = now_ms
        return Trouble(kind=kind, began=True)

    def _end(self, kind: Literal["no_sound", "no_packets"]) -> Trouble:
        del self._since[kind]
        return Trouble(kind=kind, began=False)


def _kept(since: int | None, holds: bool, now_ms: int) -> int | None:
    if not holds:
        return None
    return now_ms if since is None else since
