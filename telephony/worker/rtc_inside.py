"""The one place that knows the inside of aiortc and aioice: a WebRTC connection that passes Opus through untouched.

aiortc does ICE, DTLS and RTCP. RTP goes past it: a datagram that is SRTP is decrypted as it arrives and handed on, and
packets are encrypted and sent at once. Per packet that costs a tenth of aiortc's own way (a task switch, a jitter
buffer and a decoder thread). The receiver's statistics are fed, so that its reports tell the sender of losses.

`tests/telephony_worker/test_rtc_inside.py` fails when aiortc no longer looks like this.
"""

import asyncio
import ipaddress
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Literal

import aioice.ice
import pylibsrtp
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCSessionDescription,
)
from aiortc import clock as rtc_clock
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.sdp import SessionDescription

from telephony.worker import rtp
from telephony.worker.wires import BadOffer, OnPacket, OnState

LEVEL_URI = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
REPORT_EVERY = 25
"""Packets after which a sender report's figures are brought up to date: half a second."""
EARLY = 100
"""Packets kept of a browser that sends before the handshake is over on this side."""
Direction = Literal["sendrecv", "sendonly", "recvonly"]

_find_addresses = aioice.ice.get_host_addresses


def advertise(addresses: Sequence[str]) -> None:
    """From here on only these addresses are offered to browsers; none: every address of this machine.

    Raises ValueError for what is no IP address. A machine without a network has its loopback address.
    """
    chosen = [ipaddress.ip_address(address) for address in addresses]

    def host_addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        if chosen:
            return [str(each) for each in chosen if (use_ipv4 if each.version == 4 else use_ipv6)]
        return _find_addresses(use_ipv4, use_ipv6) or ["127.0.0.1"]

    aioice.ice.get_host_addresses = host_addresses


class IdleTrack(MediaStreamTrack):
    """A track that never has anything: it keeps aiortc's own sender asleep."""

    kind = "audio"

    async def recv(self) -> Any:
        """Waits for ever."""
        await asyncio.get_running_loop().create_future()


class Wire:
    """One connection with one browser: `tracks` of Opus, packets out by `send`, packets in to `on_packet`.

    `on_state` gets "up" once, and "down" once after it, or without it when nothing came about.
    """

    def __init__(
        self,
        on_packet: OnPacket,
        on_state: OnState,
        tracks: int = 1,
        direction: Direction = "sendrecv",
        heard_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._on_packet = on_packet
        self._on_state = on_state
        self._now_ns = heard_ns
        self._pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._transceivers = []
        for _ in range(tracks):
            source: Any = "audio" if direction == "recvonly" else IdleTrack()
            transceiver = self._pc.addTransceiver(source, direction=direction)
            transceiver.setCodecPreferences(_opus())
            self._transceivers.append(transceiver)
        self._dtls: Any = self._transceivers[0].receiver.transport
        self._ice: Any = self._dtls.transport._connection
        self._statistics: dict[int, Any] = {}
        self._sent = [[0, 0] for _ in range(tracks)]
        self._state: Literal["new", "up", "down"] = "new"
        self._level_id = 0
        self._payload_type = 0
        self._early: deque[bytes] = deque(maxlen=EARLY)
        self.last_heard_ns = 0
        """When anything at all came from the other side, on `heard_ns`; 0 before the first."""
        self._pc.on("connectionstatechange", self._changed)

    async def answer(self, offer: str) -> str:
        """The answer to a browser's offer, with every candidate in it; raises BadOffer."""
        try:
            tracks = [media for media in SessionDescription.parse(offer).media]
            if len(tracks) != len(self._transceivers) or any(media.kind != "audio" for media in tracks):
                raise BadOffer(f"expected {len(self._transceivers)} audio tracks")
            await self._pc.setRemoteDescription(RTCSessionDescription(sdp=_without_names(offer), type="offer"))
            await self._pc.setLocalDescription(await self._pc.createAnswer())
            self._prepare()
        except BadOffer:
            raise
        except Exception as fault:  # aiortc raises ValueError, AssertionError, KeyError and its own, as it comes.
            raise BadOffer(f"{type(fault).__name__}: {fault}") from fault
        return str(self._pc.localDescription.sdp)

    async def offer(self) -> str:
        """An offer as a browser makes it, with every candidate in it."""
        await self._pc.setLocalDescription(await self._pc.createOffer())
        return str(self._pc.localDescription.sdp)

    async def accept(self, answer: str) -> None:
        """Take the answer to `offer`."""
        await self._pc.setRemoteDescription(RTCSessionDescription(sdp=_without_names(answer), type="answer"))
        self._prepare()

    async def close(self) -> None:
        """End the connection; the other side is told."""
        self._down()
        await self._pc.close()

    @property
    def up(self) -> bool:
        """Whether packets can pass."""
        return self._state == "up"

    @property
    def payload_type(self) -> int:
        """What Opus is called on this connection."""
        return self._payload_type

    @property
    def level_id(self) -> int:
        """The header extension of the audio level; 0 if the two sides did not agree on one."""
        return self._level_id

    @property
    def packets_lost(self) -> int:
        """Packets that never came, by their sequence numbers."""
        return sum(max(0, each.packets_lost) for each in self._statistics.values())

    def ssrc(self, track: int = 0) -> int:
        """The source that `send` must name for a track."""
        return int(self._transceivers[track].sender._ssrc)

    def remote_ssrcs(self) -> list[int]:
        """The sources that the other side announced, in the order of its tracks; 0 for one that sends nothing."""
        media = SessionDescription.parse(self._pc.remoteDescription.sdp).media
        return [each.ssrc[0].ssrc if each.ssrc else 0 for each in media]

    def send(self, packet: bytes, track: int = 0) -> bool:
        """Encrypt and send an RTP packet now; False if it could not go."""
        pair = self._ice._nominated.get(1)
        if self._state != "up" or pair is None:
            return False
        try:
            pair.protocol.transport.sendto(self._dtls._tx_srtp.protect(packet), pair.remote_addr)
        except (OSError, pylibsrtp.Error, ValueError):
            return False
        sent = self._sent[track]
        sent[0] += 1
        sent[1] += len(packet) - 12
        if sent[0] % REPORT_EVERY == 1:
            sender: Any = self._transceivers[track].sender
            sender._RTCRtpSender__ntp_timestamp = rtc_clock.current_ntp_time()
            sender._RTCRtpSender__rtp_timestamp = int.from_bytes(packet[4:8])
            sender._RTCRtpSender__packet_count, sender._RTCRtpSender__octet_count = sent
        return True

    def _prepare(self) -> None:
        first = self._transceivers[0]
        self._payload_type = first._codecs[0].payloadType or 0
        self._level_id = next((each.id for each in first._headerExtensions if each.uri == LEVEL_URI), 0)
        for transceiver in self._transceivers:
            receiver: Any = transceiver.receiver
            receiver.receive = _without_decoder(receiver)
        for protocol in self._ice._protocols:
            protocol.datagram_received = self._tapped(protocol.datagram_received)

    def _tapped(self, others: Callable[[bytes, Any], None]) -> Callable[[bytes, Any], None]:
        dtls = self._dtls

        def datagram_received(data: bytes, address: Any) -> None:
            # RFC 7983: 128 to 191 is RTP or RTCP; RFC 5761: of these, packet types 192 to 223 are RTCP.
            if len(data) > 12 and 128 <= data[0] <= 191 and not 192 <= data[1] <= 223:
                if self._state == "new":
                    self._early.append(data)
                else:
                    self._decrypt(dtls._rx_srtp, data)
                return
            self.last_heard_ns = self._now_ns()
            others(data, address)

        return datagram_received

    def _decrypt(self, session: Any, data: bytes) -> None:
        try:
            clear = session.unprotect(data)
        except (pylibsrtp.Error, ValueError):  # of nobody, or twice
            return
        packet = rtp.parse(clear, self._level_id)
        if packet is None or packet.payload_type != self._payload_type or self._state == "down":
            return
        self.last_heard_ns = self._now_ns()
        statistics = self._statistics.get(packet.ssrc)
        if statistics is None:
            statistics = self._follow(packet.ssrc)
        statistics.add(_Counted(packet.sequence, packet.timestamp))
        self._on_packet(packet)

    def _follow(self, ssrc: int) -> Any:
        receiver: Any = self._transceivers[0].receiver
        announced = self.remote_ssrcs()
        if ssrc in announced:
            receiver = self._transceivers[announced.index(ssrc)].receiver
        statistics = StreamStatistics(rtp.CLOCK_RATE)
        self._statistics[ssrc] = receiver._RTCRtpReceiver__remote_streams[ssrc] = statistics
        self._dtls._rtp_router.ssrc_table.setdefault(ssrc, receiver)
        return statistics

    def _changed(self) -> None:
        match self._pc.connectionState:
            case "connected" if self._state == "new":
                self._state = "up"
                self._on_state("up")
                while self._early:
                    self._decrypt(self._dtls._rx_srtp, self._early.popleft())
            case "failed" | "closed":
                self._down()

    def _down(self) -> None:
        if self._state != "down":
            self._state = "down"
            self._on_state("down")


class _Counted:
    """As much of a packet as aiortc's statistics read."""

    __slots__ = ("sequence_number", "timestamp")

    def __init__(self, sequence_number: int, timestamp: int) -> None:
        self.sequence_number = sequence_number
        self.timestamp = timestamp


def _opus() -> list[Any]:
    known = RTCRtpReceiver.getCapabilities("audio")
    return [codec for codec in known.codecs if codec.mimeType == "audio/opus"] if known is not None else []


def _without_decoder(receiver: Any) -> Callable[[Any], Any]:
    receive = receiver.receive

    async def received(parameters: Any) -> None:
        await receive(parameters)
        receiver._handle_disconnect()  # ends the decoder's thread; RTCP goes on

    return received


def _without_names(description: str) -> str:
    """Without candidates that are mDNS names, and without the end of candidates.

    A page that has no microphone hides its addresses behind such names; resolving them takes a second or fails. Its
    own checks tell where it is, as long as the list of candidates is not closed.
    """
    lines = description.splitlines()
    kept = (
        each
        for each in lines
        if each != "a=end-of-candidates" and not (each.startswith("a=candidate:") and _named(each))
    )
    return "\r\n".join(kept) + "\r\n"


def _named(candidate: str) -> bool:
    words = candidate.split()
    return len(words) > 4 and words[4].endswith(".local")
