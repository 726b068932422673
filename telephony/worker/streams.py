"""An outgoing RTP stream that keeps one time base whatever feeds it: lines, silence, or somebody's packets."""

import secrets

from telephony.worker.rtp import CLOCK_RATE, TICK_SAMPLES, Arrived, packet

OWN = -1
"""The source of lines and silence; others are named by their SSRC."""
_DRIFT_SAMPLES = CLOCK_RATE // 5
_HALF = 0x8000


class OutStream:
    """Sequence and timestamp of one SSRC towards one browser. `now_ns` is of any steady clock.

    When the source changes, the timestamp goes on by the time that has passed, the sequence by one.
    """

    def __init__(self, ssrc: int, payload_type: int) -> None:
        self.ssrc = ssrc
        self._payload_type = payload_type
        self._source: int | None = None
        self.sequence = secrets.randbelow(0x8000)
        self.timestamp = secrets.randbits(32)
        """Of the newest packet, as is `sequence`."""
        self.last_ns = 0
        """When the newest packet went out; 0 before the first."""
        self._sequence_shift = 0
        self._timestamp_shift = 0
        self._due = self.timestamp

    def own(self, payload: bytes, samples: int, now_ns: int) -> bytes:
        """The next packet of a line, or of silence, of so many samples."""
        switched = self._source != OWN
        passed = self._passed(now_ns)
        if switched or abs((self.timestamp + passed - self._due + _DRIFT_SAMPLES) & 0xFFFFFFFF) > 2 * _DRIFT_SAMPLES:
            self._due = self.timestamp + passed
        self._source = OWN
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.timestamp = self._due & 0xFFFFFFFF
        self._due = (self.timestamp + samples) & 0xFFFFFFFF
        self.last_ns = now_ns
        return packet(self._payload_type, self.sequence, self.timestamp, self.ssrc, payload, marker=switched)

    def forward(self, arrived: Arrived, now_ns: int) -> bytes:
        """Somebody's packet, whose gaps and order are kept."""
        switched = self._source != arrived.ssrc
        if switched:
            self._source = arrived.ssrc
            self._sequence_shift = self.sequence + 1 - arrived.sequence
            self._timestamp_shift = self.timestamp + self._passed(now_ns) - arrived.timestamp
        sequence = (arrived.sequence + self._sequence_shift) & 0xFFFF
        timestamp = (arrived.timestamp + self._timestamp_shift) & 0xFFFFFFFF
        if switched or 0 < (sequence - self.sequence) & 0xFFFF < _HALF:
            self.sequence, self.timestamp, self.last_ns = sequence, timestamp, now_ns
        return packet(self._payload_type, sequence, timestamp, self.ssrc, arrived.payload, marker=switched)

    def _passed(self, now_ns: int) -> int:
        if not self.last_ns:
            return TICK_SAMPLES
        ticks = round((now_ns - self.last_ns) * CLOCK_RATE / 1_000_000_000 / TICK_SAMPLES)
        return max(1, ticks) * TICK_SAMPLES
