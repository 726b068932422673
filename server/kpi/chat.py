"""Figures of online chat on neutral inputs: times in ms, ratios as exact decimals. What each means: `chat_formulas`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

RESPONSE_WITHIN_MS = 180_000
"""Of the 3-minute response rate."""
_RATIO = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Said:
    """A message; `asks`: a customer's message that wants a reply (leave-taking doesn't)."""

    at_ms: int
    by: Literal["customer", "agent"]
    asks: bool = True


@dataclass(frozen=True, slots=True)
class Round:
    """轮次: from the customer's first message to the agent's first reply to it; None if none came.

    `last_ms`: the customer's last message before the reply.
    """

    from_ms: int
    last_ms: int
    replied_ms: int | None


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when a conversation was open."""

    from_ms: int
    to_ms: int


def rounds(messages: Iterable[Said]) -> list[Round]:
    """Rounds of one conversation, its messages in order of time; one that nobody replied to counts if it asks."""
    found: list[Round] = []
    first = last = None
    asks = False
    for message in messages:
        if message.by == "customer":
            first = message.at_ms if first is None else first
            last = message.at_ms
            asks = asks or message.asks
        elif first is not None and last is not None:
            found.append(Round(first, last, message.at_ms))
            first, last, asks = None, None, False
    if first is not None and last is not None and asks:
        found.append(Round(first, last, None))
    return found


def first_response_ms(messages: Sequence[Said]) -> int | None:
    """From the customer's first message to the agent's first one after it; None if there is none."""
    asked = next((message.at_ms for message in messages if message.by == "customer"), None)
    if asked is None:
        return None
    replied = next((m.at_ms for m in messages if m.by == "agent" and m.at_ms >= asked), None)
    return None if replied is None else replied - asked


def response_ms(found: Iterable[Round], start: Literal["first", "last"]) -> list[int]:
    """Response times of the rounds that got a reply, from the first message of the round, or from the last."""
    return [
        one.replied_ms - (one.from_ms if start == "first" else one.last_ms)
        for one in found
        if one.replied_ms is not None
    ]


def response_counts(
    found: Iterable[Round], until_ms: int, *, ended: bool, within_ms: int = RESPONSE_WITHIN_MS
) -> tuple[int, int]:
    """Rounds answered in time, and rounds that count.

    One without a reply counts once its time is over at `until_ms`, or if its conversation `ended`.
    """
    in_time = counted = 0
    for one in found:
        if one.replied_ms is None:
            counted += ended or until_ms - one.from_ms > within_ms
        else:
            counted += 1
            in_time += one.replied_ms - one.from_ms <= within_ms
    return in_time, counted


def waits_ms(found: Iterable[Round], accepted_ms: int, until_ms: int) -> int:
    """Time in which the customer waited for the agent, from its being accepted on (chat AHT)."""
    waited = 0
    for one in found:
        to_ms = until_ms if one.replied_ms is None else one.replied_ms
        waited += max(0, to_ms - max(one.from_ms, accepted_ms))
    return waited


def concurrency(spans: Iterable[Span]) -> tuple[tuple[int, int], ...]:
    """(ms, conversations open from then on), a step for every moment at which the number changes."""
    changes: dict[int, int] = {}
    for span in spans:
        if span.to_ms > span.from_ms:
            changes[span.from_ms] = changes.get(span.from_ms, 0) + 1
            changes[span.to_ms] = changes.get(span.to_ms, 0) - 1
    steps, now = [], 0
    for at_ms in sorted(changes):
        if changes[at_ms]:
            now += changes[at_ms]
            steps.append((at_ms, now))
    return tuple(steps)


def peak(steps: Sequence[tuple[int, int]]) -> int:
    """The most conversations open at once."""
    return max((open_ for _, open_ in steps), default=0)


def mean_concurrency(steps: Sequence[tuple[int, int]]) -> Decimal | None:
    """Mean of open conversations over the time in which any was open; None if none ever was."""
    open_ms = busy_ms = 0
    for (from_ms, open_), (to_ms, _) in zip(steps, steps[1:], strict=False):
        open_ms += open_ * (to_ms - from_ms)
        busy_ms += (to_ms - from_ms) * (open_ > 0)
    return ratio(open_ms, busy_ms)


def mean_ms(values: Sequence[int]) -> int | None:
    """Mean of times, rounded half up to 1 ms; None of none."""
    if not values:
        return None
    return int((Decimal(sum(values)) / len(values)).quantize(Decimal(1), ROUND_HALF_UP))


def ratio(part: Decimal | int, whole: Decimal | int, step: Decimal = _RATIO) -> Decimal | None:
    """part ÷ whole, rounded half up to `step`; None if there is no whole."""
    return (Decimal(part) / Decimal(whole)).quantize(step, ROUND_HALF_UP) if whole else None
