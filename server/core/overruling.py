"""改判: what a referee made of single judgements of the system; by codes, and by itself no mark."""

from typing import Self

from pydantic import Field, field_validator, model_validator

from server.core.frozen import Frozen

JUDGEMENT = r"^[A-Za-z0-9_-]{1,32}\.[A-Za-z0-9_-]{1,32}$"
"""Conversation and need, as the sheet names them."""
MOST_REASON = 500


class Overruling(Frozen):
    """One judgement, judged otherwise, and why; `met` None takes an earlier word back and needs no reason."""

    judgement: str = Field(pattern=JUDGEMENT)
    met: bool | None
    reason: str = Field(default="", max_length=MOST_REASON)
    revision: int = Field(ge=1, le=1_000_000)
    """The revision of the work that was looked at."""

    @field_validator("reason")
    @classmethod
    def _stripped(cls, reason: str) -> str:
        return reason.strip()

    @model_validator(mode="after")
    def _reasoned(self) -> Self:
        if self.met is not None and not self.reason:
            raise ValueError("改判要写明理由 / a judgement is overruled with a reason")
        return self
