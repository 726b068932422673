"""What `rtc_inside` knows of aiortc and aioice still holds: fails loudly with another version of theirs."""

import asyncio
import fractions
import inspect
import threading
from collections.abc import Awaitable, Callable, Iterator
from importlib.metadata import version
from typing import Any

import aioice.ice
import pytest
import uvloop
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcrtpreceiver import RTCRtpReceiver, StreamStatistics
from aiortc.rtcrtpsender import RTCRtpSender
from av import Packet as AvPacket

from telephony.worker import rtc_inside, rtp
from telephony.worker.rtc_inside import Wire, advertise
from telephony.worker.wires import BadOffer
from tests.telephony_worker.peer import Peer
from tests.telephony_worker.sounds import speech

pytestmark = pytest.mark.contract


@pytest.fixture(params=[asyncio.SelectorEventLoop, uvloop.Loop])
def run(request: pytest.FixtureRequest) -> Callable[[Callable[[], Awaitable[Any]]], None]:
    """Runs on the loops that a worker may have."""

    def runs(work: Callable[[], Awaitable[Any]]) -> None:
        async def limited() -> None:
            async with asyncio.timeout(60):
                await work()

        with asyncio.Runner(loop_factory=request.param) as runner:
            runner.run(limited())

    return runs


@pytest.fixture(autouse=True)
def _addresses() -> Iterator[None]:
    advertise(["127.0.0.1"])
    yield
    advertise([])


class Speaker(MediaStreamTrack):
    """A track of aiortc's own making: packets that were encoded before."""

    kind = "audio"

    def __init__(self, payloads: list[bytes]) -> None:
        super().__init__()
        self.payloads = payloads
        self._next = 0

    async def recv(self) -> Any:
        await asyncio.sleep(0.002)
        if self._next == len(self.payloads):
            await asyncio.get_running_loop().create_future()
        packet = AvPacket(self.payloads[self._next])
        packet.pts = packet.dts = self._next * 960
        packet.time_base = fractions.Fraction(1, 48_000)
        self._next += 1
        return packet


async def until(holds: Callable[[], bool]) -> None:
    """Until something holds of real connections, which tell it to nobody."""
    for _ in range(3000):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came to hold")


async def statistics(connection: RTCPeerConnection, kind: str) -> Any:
    """The first statistics of a kind that count a packet."""
    for _ in range(3000):
        for each in (await connection.getStats()).values():
            if each.type == kind and (getattr(each, "packetsSent", 0) or getattr(each, "packetsReceived", 0)):
                return each
        await asyncio.sleep(0.01)
    raise AssertionError(f"no {kind}")


def test_the_version_is_the_one_that_was_looked_into() -> None:
    assert version("aiortc").startswith("1.16."), "look through rtc_inside.py before another aiortc comes in"
    assert version("aioice").startswith("0.13.")


def test_the_names_inside_are_there() -> None:
    async def work() -> None:
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        transceiver = connection.addTransceiver("audio")
        receiver: Any = transceiver.receiver
        sender: Any = transceiver.sender
        dtls: Any = receiver.transport
        assert type(receiver.transport) is RTCDtlsTransport
        assert (dtls._rx_srtp, dtls._tx_srtp) == (None, None)
        assert dtls._rtp_router.ssrc_table == {}
        ice = dtls.transport._connection
        assert type(ice) is aioice.ice.Connection
        assert (ice._nominated, ice._protocols) == ({}, [])
        assert receiver._RTCRtpReceiver__remote_streams == {}
        for name in ("ntp_timestamp", "rtp_timestamp", "packet_count", "octet_count"):
            assert getattr(sender, f"_RTCRtpSender__{name}") == 0
        assert isinstance(sender._ssrc, int)
        await connection.close()

    asyncio.run(work())
    assert inspect.iscoroutinefunction(RTCRtpReceiver.receive)
    assert "__stop_decoder" in inspect.getsource(RTCRtpReceiver._handle_disconnect)
    assert "__packet_count" in inspect.getsource(RTCRtpSender._run_rtcp)
    assert "sequence_number" in inspect.getsource(StreamStatistics.add)
    assert "get_host_addresses(" in inspect.getsource(aioice.ice.Connection.gather_candidates)
    assert callable(aioice.ice.StunProtocol.datagram_received)


def test_packets_of_plain_aiortc_arrive_untouched(run: Any) -> None:
    said = speech(60, 1)

    async def work() -> None:
        got: list[rtp.Arrived] = []
        states: list[str] = []
        wire = Wire(got.append, states.append)
        browser = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        browser.addTrack(Speaker(said))
        await browser.setLocalDescription(await browser.createOffer())
        answer = await wire.answer(browser.localDescription.sdp)
        assert "a=candidate:" in answer
        assert "127.0.0.1" in answer
        await browser.setRemoteDescription(RTCSessionDescription(sdp=answer, type="answer"))
        await until(lambda: len(got) >= len(said))
        assert [each.payload for each in got] == said
        assert states == ["up"]
        assert wire.packets_lost == 0
        # Its reports go on: the other side learns what arrived.
        await statistics(browser, "remote-inbound-rtp")
        await browser.close()
        await until(lambda: states == ["up", "down"])
        await wire.close()

    run(work)


def test_what_is_sent_reaches_plain_aiortc_and_is_counted(run: Any) -> None:
    said = speech(60, 2)

    async def work() -> None:
        wire = Wire(lambda _: None, lambda _: None)
        browser = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        browser.addTransceiver("audio", direction="sendrecv")
        await browser.setLocalDescription(await browser.createOffer())
        await browser.setRemoteDescription(
            RTCSessionDescription(sdp=await wire.answer(browser.localDescription.sdp), type="answer")
        )
        receiver: Any = browser.getReceivers()[0]
        got: list[bytes] = []

        async def handle(packet: Any, arrival_time_ms: int) -> None:
            got.append(packet.payload)

        receiver._handle_rtp_packet = handle
        await until(lambda: wire.up and browser.connectionState == "connected")
        for number, payload in enumerate(said):
            assert wire.send(rtp.packet(wire.payload_type, number, number * 960, wire.ssrc(), payload))
        await until(lambda: len(got) >= len(said))
        assert got == said
        told = await statistics(browser, "remote-outbound-rtp")
        assert told.ssrc == wire.ssrc()
        await browser.close()
        await wire.close()

    run(work)


def test_sound_that_comes_before_the_handshake_is_over_is_kept(run: Any) -> None:
    said = speech(5, 3)

    async def work() -> None:
        got: list[rtp.Arrived] = []
        peer = Peer()
        wire = Wire(got.append, lambda _: None)
        await peer.accept(await wire.answer(await peer.offer()))
        await peer.up()
        for payload in said:
            peer.send(payload)
        await until(lambda: len(got) >= len(said))
        assert [each.payload for each in got] == said
        assert {each.level for each in got} == {20}
        await peer.close()
        await wire.close()

    run(work)


def test_nobody_decodes_and_no_thread_is_left(run: Any) -> None:
    async def work() -> None:
        peer, wire = Peer(), Wire(lambda _: None, lambda _: None)
        await peer.accept(await wire.answer(await peer.offer()))
        await peer.up()
        await peer.be_silent(200)
        assert not [each for each in threading.enumerate() if "decoder" in each.name]
        await peer.close()
        await wire.close()

    run(work)


def test_addresses_are_those_that_were_chosen() -> None:
    advertise(["127.0.0.1", "::1"])
    assert aioice.ice.get_host_addresses(True, True) == ["127.0.0.1", "::1"]
    assert aioice.ice.get_host_addresses(True, False) == ["127.0.0.1"]
    advertise([])
    assert aioice.ice.get_host_addresses(True, True)
    with pytest.raises(ValueError, match="nowhere"):
        advertise(["nowhere"])


@pytest.mark.parametrize(
    "offer",
    [
        "",
        "v=0",
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n",
        "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n",
    ],
)
def test_what_is_no_offer_of_opus_is_refused(offer: str) -> None:
    async def work() -> None:
        wire = Wire(lambda _: None, lambda _: None)
        with pytest.raises(BadOffer):
            await wire.answer(offer)
        await wire.close()

    asyncio.run(work())


def test_names_in_place_of_addresses_are_left_out() -> None:
    kept = "a=candidate:1 1 udp 2 192.0.2.7 5000 typ host"
    hidden = "a=candidate:2 1 udp 2 0c5e8a9e-1.local 5001 typ host"
    offer = f"v=0\r\n{kept}\r\n{hidden}\r\na=end-of-candidates\r\n"
    assert rtc_inside._without_names(offer) == f"v=0\r\n{kept}\r\n"


def test_a_page_that_hides_its_addresses_is_found(run: Any) -> None:
    async def work() -> None:
        peer, wire = Peer(), Wire(lambda _: None, lambda _: None)
        offer = await peer.offer()
        hidden = "\r\n".join(each for each in offer.splitlines() if not each.startswith("a=candidate:")) + "\r\n"
        await peer.accept(await wire.answer(hidden))
        await peer.up()
        await peer.close()
        await wire.close()

    run(work)
