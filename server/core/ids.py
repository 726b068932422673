"""Identifiers that sort by time and can't be guessed."""

import secrets
import threading

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_CHANCE_BITS = 80
_STEP_BITS = 64


class _Ids:
    """Chance within a millisecond only grows, so that ids of one process sort in the order they were made."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at_ms = -1
        self._chance = 0

    def next(self, at_ms: int) -> int:
        with self._lock:
            if at_ms != self._at_ms:
                # The top bit stays clear: room for 2^15 steps before the time would be touched.
                self._at_ms, self._chance = at_ms, secrets.randbits(_CHANCE_BITS - 1)
            else:
                self._chance += 1 + secrets.randbits(_STEP_BITS)
            return (at_ms << _CHANCE_BITS) + self._chance


_ids = _Ids()


def new_id(at_ms: int) -> str:
    """A 26-character id: 10 of time (48 bits of ms), 16 of chance (80 bits), Crockford base 32.

    Ids of one process and one millisecond sort in the order they were made (ULID specification, monotonicity).
    """
    value = _ids.next(at_ms)
    return "".join(_ALPHABET[(value >> shift) & 31] for shift in range(125, -1, -5))


def new_code(length: int = 6) -> str:
    """A short code that people read aloud and type: no letter that looks like another."""
    return "".join(secrets.choice("ABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(length))
