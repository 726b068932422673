"""What changes when the server says anew which calls of an attempt are up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from server.core.media import CallPlan


@dataclass(frozen=True, slots=True)
class Changes:
    """Calls that begin, that go on under another plan, and (by id) that have ended."""

    begin: tuple[CallPlan, ...]
    change: tuple[CallPlan, ...]
    end: tuple[str, ...]


def changes(current: Mapping[str, CallPlan], plans: Iterable[CallPlan]) -> Changes:
    """From the plans that are performed, by call, to those that are to be."""
    wanted = {plan.call_id: plan for plan in plans}
    return Changes(
        begin=tuple(plan for call_id, plan in wanted.items() if call_id not in current),
        change=tuple(plan for call_id, plan in wanted.items() if call_id in current and current[call_id] != plan),
        end=tuple(call_id for call_id in current if call_id not in wanted),
    )
