"""How a customer's mind changes by what it says and by what it is told: part of the fold."""

from typing import Any

from chat_sim import customers, reacting
from chat_sim import events as e
from chat_sim.persona import Persona
from chat_sim.rating import wrong_in
from chat_sim.state import ConversationState, Line, NeedState, Reaction

HELD = 3, 2
"""Who is asked to wait has patience for 3/2 of the usual time, once a batch."""
_NOTHING = {"reaction": None, "pitch": None}
"""Nothing is to be answered; a recommendation that it has nothing to say to is forgotten."""
_ANSWERS = ("reminder", "partly", "corrected", "met", "offended", "suggestion", "no_thanks")


def arrived(persona: Persona, now_ms: int) -> ConversationState:
    """The customer comes with its first needs."""
    return ConversationState(
        id=persona.id,
        arrived_ms=now_ms,
        queue=customers.asks(customers.batches(persona)[0]),
        from_ms=now_ms,
        waits_from_ms=now_ms,
        patience_ms=persona.patience_ms,
    )


def said(persona: Persona, own: ConversationState, event: e.CustomerSaid) -> ConversationState:
    """The customer has said something."""
    now_ms = event.stage_ms
    change: dict[str, Any] = {"waits_from_ms": now_ms, "patience_ms": persona.patience_ms, "from_ms": now_ms}
    match event.cause:
        case "ask" | "ready" | "declines" | "closing":
            change |= {"queue": own.queue[1:], "nudges": 0}
            if event.cause == "ask" and own.need(event.need) is None and event.need is not None:
                change["needs"] = (*own.needs, NeedState(id=event.need, asked_ms=now_ms))
            return _spoken_out(persona, own.model_copy(update=change), now_ms)
        case "nudge":
            change |= {"nudges": own.nudges + 1, "nudged": own.nudged + 1}
        case "paid":
            change |= {"stage": "done", "queue": (Line(cause="closing"),), "reaction": None}
        case cause if cause in _ANSWERS:
            change |= _answered(own, event)
        case _:
            pass
    return own.model_copy(update=change)


def _spoken_out(persona: Persona, own: ConversationState, now_ms: int) -> ConversationState:
    """After the last of its messages: what was told before it needs no answer, unless it has met everything."""
    if own.queue or own.reaction is None:
        return own
    told = own.model_copy(update={"reaction": Reaction(since_ms=now_ms, base_ms=now_ms, heard=False)})
    done = own.insulted or own.pitch is not None or all(need.verdict == "met" for need in own.open_needs)
    return told if done and reacting.answers(persona, told) else own.model_copy(update=_NOTHING)


def _answered(own: ConversationState, event: e.CustomerSaid) -> dict[str, Any]:
    """A reaction: what was left open stands as if nothing had been said of it lately."""
    change: dict[str, Any] = {"reaction": None, "insulted": False, "pitch": None, "nudges": 0}
    needs = [
        need.model_copy(update=_reacted(need, event))
        if need.settled is None and (need.verdict != "met" or need.id == event.need)
        else need
        for need in own.needs
    ]
    change["needs"] = tuple(needs)
    if event.cause == "offended":
        change["offended"] = True
    elif event.cause == "no_thanks":
        change["thanked"] = True
    elif event.cause == "suggestion" and event.accepted and event.product is not None:
        change["taken"] = (*own.taken, event.product)
    return change


def _reacted(need: NeedState, event: e.CustomerSaid) -> dict[str, Any]:
    change: dict[str, Any] = {} if need.verdict == "met" else {"verdict": "nothing"}
    if need.id == event.need:
        match event.cause:
            case "reminder":
                change["reminders"] = need.reminders + 1
            case "partly":
                change["partly"] = True
            case "corrected":
                change["corrected"] = True
            case _:
                pass
    return change


def told(persona: Persona, own: ConversationState, event: e.AgentSaid) -> ConversationState:
    """The agent has said something, or has shown a product."""
    now_ms = event.stage_ms
    change: dict[str, Any] = {
        "needs": tuple(_understood(need, event) for need in own.needs),
        "wrong": own.wrong + wrong_in(event.findings),
        "forbidden": own.forbidden + len(event.forbidden),
        "replied": True,
    }
    if event.product is None:
        change["texts"] = own.texts + 1
        change["greeted"] = own.greeted or (own.texts < 2 and "greeting" in event.courtesy)
        change["farewell"] = (own.farewell[1], "closing" in event.courtesy)
    if own.stage != "done":
        change["insulted"] = own.insulted or (bool(event.forbidden) and not own.offended)
        change |= _pitched(persona, own, event) | _clock(persona, own, event)
    heard = True if event.only is None else False if event.only == "waiting" and not own.held else None
    return _reaction(persona, own.model_copy(update=change), now_ms, heard)


def _pitched(persona: Persona, own: ConversationState, event: e.AgentSaid) -> dict[str, Any]:
    """One recommendation is answered at a time, one that the persona knows of first; the others can be made again."""
    made = [one for one in (own.pitch, *event.suggested) if one is not None]
    known = {suggestion.product for suggestion in persona.suggestions}
    pitch = next((one for one in made if one in known), made[0] if made else None)
    new = (one for one in event.suggested if one == pitch or one not in known)
    return {"pitch": pitch, "suggested": (*own.suggested, *new)}


def _understood(need: NeedState, event: e.AgentSaid) -> NeedState:
    verdict = next((one.verdict for one in event.needs if one.need == need.id), None)
    if need.settled is not None or verdict is None:
        return need
    after = reacting.standing(need.verdict, verdict)
    by = None if after != "met" else need.by if need.verdict == "met" else event.n
    return need.model_copy(
        update={
            "findings": (*need.findings, *(found for found in event.findings if found.need == need.id)),
            "courtesy": (*need.courtesy, *(kind for kind in event.courtesy if kind not in need.courtesy)),
            "verdict": after,
            "by": by,
        }
    )


def _clock(persona: Persona, own: ConversationState, event: e.AgentSaid) -> dict[str, Any]:
    """The patience after a message: it begins anew, but for cards, and for being asked to wait again and again."""
    match event.only:
        case None:
            return {"waits_from_ms": event.stage_ms, "patience_ms": persona.patience_ms, "nudges": 0}
        case "greeting":
            return {"waits_from_ms": event.stage_ms, "patience_ms": persona.patience_ms}
        case "waiting" if not own.held:
            longer_ms = persona.patience_ms * HELD[0] // HELD[1]
            return {"waits_from_ms": event.stage_ms, "patience_ms": longer_ms, "held": True}
        case _:
            return {}


def offered(persona: Persona, own: ConversationState, now_ms: int) -> ConversationState:
    """An order was sent: looked at when it is wanted, else it is one more message that answers nothing."""
    change: dict[str, Any] = {"waits_from_ms": now_ms, "patience_ms": persona.patience_ms, "nudges": 0, "replied": True}
    if own.stage == "wants":
        change["queue"] = ()
    return _reaction(persona, own.model_copy(update=change), now_ms, True)


def _reaction(persona: Persona, own: ConversationState, now_ms: int, heard: bool | None) -> ConversationState:
    """Plan the answer, if there is anything to be answered."""
    if own.stage == "done":
        return own
    planned = own.model_copy(update={"reaction": reacting.replanned(own.reaction, now_ms, heard)})
    if own.queue or reacting.answers(persona, planned):
        return planned
    return own.model_copy(update=_NOTHING)


def settled(persona: Persona, own: ConversationState, event: e.NeedSettled) -> ConversationState:
    """A need is done with; after the last of its batch the customer goes on."""
    done = {"settled": event.met, "by": event.by, "findings": (), "courtesy": ()}
    needs = tuple(need.model_copy(update=done) if need.id == event.need else need for need in own.needs)
    timed_out = event.by is None and customers.need_of(persona, event.need).kind == "silence"
    own = own.model_copy(update={"needs": needs, "reaction": own.reaction if timed_out else None})
    return own if own.open_needs or own.queue or event.last else _go_on(persona, own, event.stage_ms)


def _go_on(persona: Persona, own: ConversationState, now_ms: int) -> ConversationState:
    """The next batch; after the last one the order, or the leave."""
    batches = customers.batches(persona)
    change: dict[str, Any] = {"from_ms": now_ms, "held": False, "nudges": 0, "batch": own.batch + 1}
    buying = persona.purchase
    if own.batch + 1 < len(batches):
        batch = batches[own.batch + 1]
        change["queue"] = customers.asks(batch)
        if batch[0].kind == "silence":
            change["needs"] = (*own.needs, NeedState(id=batch[0].id, asked_ms=now_ms))
    elif buying is None:
        change |= {"stage": "done", "queue": (Line(cause="closing"),), "reaction": None}
    elif sum(need.settled is True for need in own.needs) >= buying.least_met:
        ready = Line(cause="ready")
        change |= {"stage": "wants", "ready_ms": now_ms + customers.typing_ms(persona, ready)}
        change["queue"] = (ready,) if own.order is None else ()
    else:
        change |= {"stage": "done", "queue": (Line(cause="declines"), Line(cause="closing")), "reaction": None}
    return own.model_copy(update=change)
