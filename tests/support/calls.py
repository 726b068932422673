"""A trainee with a round on the small voice paper, whose calls a fake carries."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from server.app import Services
from server.calls.schemas import MediaAnswer, SeatOffer
from server.core.access import Principal, Role
from server.core.journal import RowUpdate
from server.core.media import PlayBegan, PlayEnded
from server.core.modules import Modules, installed_modules
from server.web.application import create_application
from server.web.context import COOKIE
from telephony.module import module as telephony
from tests.support.client import CSRF
from tests.support.contest import Contest, Contestant
from tests.support.house import Trainee
from tests.support.media import SDP, FakeMedia
from tests.support.voice import AUDIO, outbound, raw_voice_paper, voice_paper

MODULES = Modules(dict(installed_modules()) | {"telephony": telephony})
IN, OUT = "in1.1", "out1.1"


class VoiceSeat(Trainee):
    """Speaks to the runner as a page would, and to the calls as its softphone."""

    @classmethod
    async def begin(cls, services: Services, name: str = "v1", **changes: Any) -> "VoiceSeat":
        """A new account with a round on the small voice paper, started."""
        who = await services.accounts.create(name, f"测试学员{name}", Role.CONTESTANT, None)
        await services.blobs.put(AUDIO)
        live = await services.attempts.open_practice_on(who, telephony, voice_paper(**changes))
        epoch = await services.runner.take_lease(live.record.attempt_id, "page-0001")
        self = cls(services, who, live.record.attempt_id, epoch)
        await self.start()
        return self

    async def do(self, act: str, **what: Any) -> None:
        """One command of the module."""
        await self.send({"type": f"telephony.{act}", **what})

    async def connect(self, call_id: str, connection: int = 1, **changes: Any) -> MediaAnswer:
        """The softphone comes into a call."""
        offer = SeatOffer.model_validate({"sdp": SDP, "connection": connection, "epoch": self.epoch} | changes)
        return await self.services.calls.connect(self.who, self.attempt_id, call_id, offer)

    async def events(self, type_: str = "") -> list[dict[str, Any]]:
        """Payloads of the module's own events, or of those of one type."""
        found = await self.services.attempts.timeline(self.who, self.attempt_id)
        return [event.payload for event in found if event.type.startswith(f"telephony.{type_}")]

    async def ring(self, media: FakeMedia) -> None:
        """The inbound line rings, and the softphone is there."""
        await self.do("open_part", part="in1")
        await media.clock.settle()
        await self.connect(IN)
        media.leg_up(self.attempt_id, IN)
        await media.clock.settle()

    async def hear(self, media: FakeMedia, call_id: str) -> None:
        """The newest line is played to its end."""
        await media.clock.settle()
        play = media.plan(self.attempt_id).plays[-1]
        media.report(self.attempt_id, call_id, PlayBegan(n=play.n))
        await media.clock.advance(play.duration_ms)
        media.report(self.attempt_id, call_id, PlayEnded(n=play.n))
        await media.clock.settle()


@asynccontextmanager
async def browser(services: Services, who: Principal | None) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody's browser on the running services, without a socket."""
    app = create_application(services)
    app.state.services = services
    cookies = {} if who is None else {COOKIE: await services.accounts.open_login(who)}
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://testserver/api/v1", headers=CSRF, cookies=cookies
    ) as http:
        yield http


def played() -> list[Any]:
    """Parts of a paper whose outbound customer is a person."""
    parts: list[Any] = raw_voice_paper()["parts"]
    return [parts[0], outbound(other_side="role_player")]


async def voice_contest(services: Services, media: FakeMedia) -> tuple[Contest, VoiceSeat]:
    """A contest of the voice module, one entrant of which has dialled a person."""
    await services.blobs.put(AUDIO)
    contest = await Contest.organise(services)
    sha256 = await services.papers.add_content(MODULES["telephony"], voice_paper(parts=played()))
    await _retarget(services, contest, sha256)
    await contest.order("arm")
    one: Contestant = await contest.contestant("001")
    record = (await one.standing()).record
    who = Principal(
        account_id=record.contestant_id, roles=(Role.CONTESTANT,), display_name="某", contest_id=contest.contest_id
    )
    await contest.order("start")
    seat = VoiceSeat(services, who, one.attempt_id, one.epoch)
    await seat.do("dial", part="out1")
    await media.clock.settle()
    await seat.connect(OUT)
    media.leg_up(seat.attempt_id, OUT)
    await media.clock.settle()
    return contest, seat


async def _retarget(services: Services, contest: Contest, sha256: str) -> None:
    """Have the stage on another content."""
    values = {"module": "telephony", "content_sha256": sha256, "paper_id": None}
    await services.acts.record(
        contest.who(Role.ORGANISER),
        "stage.change",
        contest.stage_ids[0],
        contest_id=contest.contest_id,
        updates=[RowUpdate("stages", {"id": contest.stage_ids[0]}, values)],
    )
