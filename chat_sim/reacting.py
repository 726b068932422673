"""How a simulated customer takes what it was told: one line, the first that fits, and what is settled by it."""

from dataclasses import dataclass

from chat_sim.events import Verdict
from chat_sim.persona import Need, Persona
from chat_sim.state import ConversationState, Line, NeedState, Reaction

REPLAN_MS = 20_000
"""For so long after the first message to be answered a newer one puts the answer off."""
FOLLOW_UP_MS = 15_000
"""From its last message on the silence of a customer can be broken by the agent."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A need that is done with; `by`: number of the message that met it."""

    need: str
    met: bool
    by: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the customer says, if anything, and what is settled by it."""

    line: Line | None = None
    settled: tuple[Settled, ...] = ()


def standing(before: Verdict, now: Verdict) -> Verdict:
    """How a need stands after one more message: what says nothing of it changes nothing."""
    return before if now == "nothing" else now


def plan(persona: Persona, own: ConversationState) -> Answer:
    """The answer to what was said since the customer spoke last."""
    needs = {need.id: need for need in persona.needs}
    still_open = own.open_needs
    line = Line(cause="offended") if own.insulted and not own.offended else None
    line = line or _objection(needs, still_open) or _to_pitch(persona, own)
    settled = [Settled(need.id, True, need.by) for need in still_open if need.verdict == "met"]
    if own.reaction is not None and own.reaction.heard:
        for need in still_open:
            if need.verdict == "met" or needs[need.id].kind == "silence":
                continue
            if misled(needs[need.id], need):
                settled.append(Settled(need.id, False, None))
            elif line is None:
                line = asks_again(needs[need.id], need)
                if line is None:
                    settled.append(Settled(need.id, False, None))
    if line is None and len(settled) == len(still_open):
        met = [one for one in settled if one.met and needs[one.need].met]
        line = Line(cause="met", need=met[-1].need) if met else None
    return Answer(line, tuple(settled))


def answers(persona: Persona, own: ConversationState) -> bool:
    """Whether there is anything to be said or settled."""
    answer = plan(persona, own)
    return answer.line is not None or bool(answer.settled)


def misled(need: Need, state: NeedState) -> bool:
    """Whether a wrong answer passes silently: every required fact was spoken of, and the customer has no objection."""
    if state.verdict != "wrong" or need.corrected:
        return False
    spoken = {finding.fact for finding in state.findings}
    return all(fact.id in spoken for fact in need.facts if fact.required)


def asks_again(need: Need, state: NeedState) -> Line | None:
    """How a need that was left open is asked for again; None if that was done often enough."""
    if state.verdict == "partial" and need.partly and not state.partly:
        return Line(cause="partly", need=need.id)
    if state.reminders < len(need.reminders):
        return Line(cause="reminder", need=need.id, k=state.reminders)
    return None


def _objection(needs: dict[str, Need], still_open: tuple[NeedState, ...]) -> Line | None:
    for state in still_open:
        if state.verdict == "wrong" and needs[state.id].corrected and not state.corrected:
            return Line(cause="corrected", need=state.id)
    return None


def _to_pitch(persona: Persona, own: ConversationState) -> Line | None:
    """A recommendation comes too late once there is an order: it is declined like one of anything else."""
    if own.pitch is None:
        return None
    for k, suggestion in enumerate(persona.suggestions):
        late = own.order is not None or own.paid
        if suggestion.product == own.pitch and not (suggestion.accepts and late):
            return Line(cause="suggestion", k=k)
    return None if own.thanked else Line(cause="no_thanks")


def replanned(before: Reaction | None, now_ms: int, heard: bool | None) -> Reaction:
    """The reaction to one more message; `heard` False: it asks to wait; None: it changes nothing of that."""
    if before is None:
        return Reaction(since_ms=now_ms, base_ms=now_ms, heard=bool(heard))
    base_ms = now_ms if now_ms - before.since_ms <= REPLAN_MS else before.base_ms
    return Reaction(since_ms=before.since_ms, base_ms=base_ms, heard=before.heard if heard is None else heard)
