"""Identifiers that sort by time and can't be guessed."""

import secrets

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(at_ms: int) -> str:
    """A 26-character id: 10 of time (48 bits of ms), 16 of chance (80 bits), Crockford base 32."""
    value = (at_ms << 80) | secrets.randbits(80)
    return "".join(_ALPHABET[(value >> shift) & 31] for shift in range(125, -1, -5))


def new_code(length: int = 6) -> str:
    """A short code that people read aloud and type: no letter that looks like another."""
    return "".join(secrets.choice("ABCDEFGHJKLMNPQRSTUVWXYZ23456789") for _ in range(length))
