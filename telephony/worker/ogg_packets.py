"""The packets of an Ogg Opus file, untouched (RFC 3533, RFC 7845)."""

import struct

from telephony.worker.rtp import opus_samples

_PAGE = struct.Struct("<4sBBqIIIB")
_HEAD = struct.Struct("<8sBBHIhB")


def opus_packets(data: bytes) -> tuple[bytes, ...]:
    """The packets of sound, in order; raises ValueError where it is not one Opus stream of one or two channels."""
    packets: list[bytes] = []
    position, part = 0, bytearray()
    while position < len(data):
        if len(data) < position + _PAGE.size:
            raise ValueError("the file ends within an Ogg page")
        mark, _, _, _, _, _, _, segments = _PAGE.unpack_from(data, position)
        if mark != b"OggS":
            raise ValueError(f"no Ogg page at byte {position}")
        body = position + _PAGE.size + segments
        lacing = data[position + _PAGE.size : body]
        if len(data) < body + sum(lacing):
            raise ValueError("the file ends within an Ogg page")
        for size in lacing:
            part += data[body : body + size]
            body += size
            if size < 255:
                packets.append(bytes(part))
                part.clear()
        position = body
    if len(packets) < 2 or len(packets[0]) < _HEAD.size or packets[0][:8] != b"OpusHead":
        raise ValueError("the stream is not Opus")
    if packets[0][18] != 0:
        raise ValueError("the stream has more than two channels")
    sound = tuple(packet for packet in packets[2:] if packet)
    for packet in sound:
        opus_samples(packet)
    return sound
