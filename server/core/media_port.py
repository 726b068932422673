"""The port to whatever carries live sound: plans and offers go out, happenings come back; and its refusals."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Protocol

from server.core.errors import NotFound, Problem
from server.core.frozen import Frozen
from server.core.media import CallPlan, Leg
from server.core.media_wire import CallClosed, Levels, Reported
from server.core.text import Text


class MediaAway(Problem):
    """No media worker can take this just now; it is being started again, the page goes on trying."""

    status: ClassVar[int] = 503
    code: ClassVar[str] = "media-away"
    title: ClassVar[Text] = Text(
        zh="语音媒体服务正在恢复，页面会自动重新连接，已录的内容不受影响",
        en="The media service is coming back; the page reconnects by itself, nothing recorded is lost",
    )
    retry: ClassVar[bool] = True


class NoSuchCall(NotFound):
    """There has never been such a call in this attempt."""

    code: ClassVar[str] = "no-such-call"
    title: ClassVar[Text] = Text(zh="没有这通电话，请刷新页面后再试", en="There is no such call; reload the page")


class CallOver(Problem):
    """The call has ended: there is nothing to connect to."""

    status: ClassVar[int] = 410
    code: ClassVar[str] = "call-over"
    title: ClassVar[Text] = Text(zh="这通电话已经结束", en="This call is over")


class SdpUnusable(Problem):
    """The browser's offer can't be answered: no audio, no Opus, or no SDP at all."""

    status: ClassVar[int] = 422
    code: ClassVar[str] = "sdp-unusable"
    title: ClassVar[Text] = Text(
        zh="浏览器给出的音频连接信息（SDP）不能使用，请换用 Chrome 或 Edge 109 以上版本并刷新页面",
        en="The browser's SDP offer can't be used: take Chrome or Edge 109 or newer, and reload the page",
    )


class WorkerJoined(Frozen):
    """A worker can be spoken to, for the first time or again; whatever it was told before may be lost."""

    worker_id: str
    calls: tuple[tuple[str, str], ...]
    """(attempt id, call id) that it has up."""


class WorkerGone(Frozen):
    """A worker's process has ended; nothing more is written to the journals of its calls."""

    worker_id: str
    calls: tuple[tuple[str, str], ...]


class MediaStanding(Frozen):
    """How many workers there should be, and how many can be spoken to; none wanted means that media is off."""

    wanted: int
    joined: int

    @property
    def away(self) -> bool:
        """Whether no call can be carried although some should."""
        return self.wanted > 0 and self.joined == 0


MediaHappening = WorkerJoined | WorkerGone | Reported | CallClosed | Levels


class MediaPort(Protocol):
    """Carries calls. Everything but the answers to offers comes as happenings, the same ones perhaps more than once."""

    def happenings(self) -> AsyncIterator[MediaHappening]:
        """What happens from now on, for one listener."""
        ...

    def perform(self, attempt_id: str, plans: Sequence[CallPlan], files: Mapping[str, Path]) -> None:
        """Have exactly these calls of an attempt up, with the files of their plays by SHA-256.

        Lost if nobody can take it; then a WorkerJoined follows.
        """
        ...

    async def offer(self, attempt_id: str, call_id: str, leg: Leg, connection: int, sdp: str) -> str:
        """The SDP answer to a browser's offer; raises MediaAway, NoSuchCall, SdpUnusable."""
        ...

    async def listen(self, listener_id: str, attempt_id: str, call_id: str, sdp: str) -> str:
        """The SDP answer to whoever listens in; raises likewise."""
        ...

    def end_listening(self, listener_id: str) -> None:
        """That listener hears no more; harmless if it has gone."""
        ...

    def taken(self, worker_id: str, number: int) -> None:
        """Reports of that worker's life up to and with `number` are durable."""
        ...

    def held(self, attempt_id: str, call_id: str) -> bool:
        """Whether somebody may still write to the call's journals; also True while that isn't known."""
        ...

    def standing(self) -> MediaStanding:
        """How the workers stand."""
        ...
