"""What a paper decides about its form, its player and its counting; plain data that several files read."""

from typing import Literal

from pydantic import Field

from server.core.frozen import Frozen
from server.core.text import Text

MAX_TYPED = 1000
"""Characters kept of one field, however long the answer; more is refused, not cut."""

FieldKind = Literal["name", "address", "postcode", "phone", "email", "text"]


class FieldSpec(Frozen):
    """One typed field of the form; `max_length` only warns, it never cuts."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")
    label: Text
    kind: FieldKind = "text"
    max_length: int = Field(default=200, ge=1, le=MAX_TYPED)
    case_sensitive: bool = True


class PlayerPolicy(Frozen):
    """What the player allows. `max_plays` bounds the time listened to, in lengths of the recording."""

    max_plays: int | None = Field(default=None, ge=1, le=20)
    seek: Literal["free", "back", "none"] = "free"
    back_step_ms: int = Field(default=3000, ge=500, le=30_000)


class CountingPolicy(Frozen):
    """How characters are counted and marks rounded; printed on every score sheet."""

    version: Literal["lcs-1"] = "lcs-1"
    keep: str = "@._-+#&/"
    """Characters of Unicode class P* that count all the same (特殊字符)."""
    rounding: Literal["percent", "ratio"] = "percent"
    """"percent": accuracy in per cent with 2 decimals; "ratio": the ratio itself with 2 decimals."""
    max_marks: int = Field(default=10, ge=1, le=100)
    surplus_deduction: Literal["none", "per_character"] = "none"
    """"per_character": every surplus character takes one correct character away, not below 0."""
