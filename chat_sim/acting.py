"""What customers do by themselves when it is due: `catch_up` lets everything happen up to a moment."""

from chat_sim import customers, ordering, reacting
from chat_sim import events as e
from chat_sim.content import ChatContent
from chat_sim.persona import Persona
from chat_sim.state import ChatState, Line
from chat_sim.telling import Telling, next_arrival

MOST_ACTS = 10_000
"""No stage has as many; a limit for a content that nobody has checked."""


def due(content: ChatContent, state: ChatState) -> int | None:
    """When a customer acts next by itself, in stage ms; None for never."""
    found = _next(content, state)
    return None if found is None else found[0]


def catch_up(telling: Telling, until_ms: int) -> None:
    """Everything that is due up to `until_ms`, in order of time, then of arrival; each at its own time."""
    for _ in range(MOST_ACTS):
        found = _next(telling.content, telling.state)
        if found is None or found[0] > until_ms:
            break
        telling.now_ms = found[0]
        _act(telling, found[1])
    telling.now_ms = until_ms


def _next(content: ChatContent, state: ChatState) -> tuple[int, Persona | str] | None:
    """The next act and whose it is: a persona that comes, or the id of one that is here."""
    at_ms, who = None, ""
    for own in state.conversations:
        if own.next_ms is not None and (at_ms is None or own.next_ms < at_ms):
            at_ms, who = own.next_ms, own.id
    coming = next_arrival(content, state)
    if coming is not None and (at_ms is None or coming.arrives_ms < at_ms):
        return coming.arrives_ms, coming
    return None if at_ms is None else (at_ms, who)


def _act(telling: Telling, who: Persona | str) -> None:
    if isinstance(who, Persona):
        telling.say(who, customers.asks(customers.batches(who)[0])[0])
        return
    persona = telling.content.persona(who)
    assert persona is not None
    own = telling.own(persona)
    step = customers.next_step(persona, own, telling.state.order(own.order))
    assert step is not None
    match step.kind:
        case "line":
            telling.say(persona, own.queue[0])
        case "reaction":
            _react(telling, persona)
        case "silence":
            silence = customers.silent_need(persona, own)
            assert silence is not None
            telling.settle(persona, silence.id, False, None)
        case "pay":
            _pay(telling, persona)
        case "patience":
            line = customers.out_of_patience(persona, own)
            telling.say(persona, line)
            if line.cause == "leaves":
                telling.end(persona, "customer", "customer_gone")


def _react(telling: Telling, persona: Persona) -> None:
    own = telling.own(persona)
    answer = reacting.plan(persona, own)
    line = answer.line
    if line is not None and line.cause == "suggestion":
        suggestion = persona.suggestions[line.k]
        telling.say(persona, line, suggestion.product, suggestion.accepts)
    elif line is not None:
        telling.say(persona, line, own.pitch if line.cause == "no_thanks" else None)
    for one in answer.settled:
        telling.settle(persona, one.need, one.met, one.by)


def _pay(telling: Telling, persona: Persona) -> None:
    own = telling.own(persona)
    order = telling.state.order(own.order)
    assert order is not None
    how = ordering.taken(telling.content, persona, own, order)
    if how == "paid":
        telling.add(e.OrderPaid(stage_ms=telling.now_ms, conversation=persona.id, order=order.order))
    else:
        dearer = how == "too_dear" and ordering.dearer(telling.content, persona, order)
        telling.end_order(order.order, how, dearer)
    telling.say(persona, Line(cause=how))
