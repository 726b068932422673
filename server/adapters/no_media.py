"""No live media at all: calls are planned and journalled, and nobody carries their sound."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from server.core.media import CallPlan, Leg
from server.core.media_port import MediaAway, MediaHappening, MediaStanding
from server.core.text import Text

_OFF = Text(
    zh="本服务器没有开启语音媒体服务（--no-media），不能通话，请联系技术人员",
    en="This server runs without media (--no-media): no calls; ask a technician",
)


class NoMedia:
    """Satisfies `server.core.media_port.MediaPort`."""

    async def happenings(self) -> AsyncIterator[MediaHappening]:
        """Never any."""
        nothing: asyncio.Queue[MediaHappening] = asyncio.Queue()
        while True:
            yield await nothing.get()

    def perform(self, attempt_id: str, plans: Sequence[CallPlan], files: Mapping[str, Path]) -> None:
        """Nobody listens."""

    async def offer(self, attempt_id: str, call_id: str, leg: Leg, connection: int, sdp: str) -> str:
        """Always refused."""
        raise MediaAway(_OFF)

    async def listen(self, listener_id: str, attempt_id: str, call_id: str, sdp: str) -> str:
        """Always refused."""
        raise MediaAway(_OFF)

    def end_listening(self, listener_id: str) -> None:
        """There is none."""

    def taken(self, worker_id: str, number: int) -> None:
        """There are no reports."""

    def held(self, attempt_id: str, call_id: str) -> bool:
        """Nobody writes journals."""
        return False

    def standing(self) -> MediaStanding:
        """Off."""
        return MediaStanding(wanted=0, joined=0)
