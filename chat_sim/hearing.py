"""What a message of the desk is to its customer: cleaned, refused or understood, and what it recommends."""

import unicodedata
from collections.abc import Iterable

from chat_sim import commands as c
from chat_sim import customers, reacting
from chat_sim import events as e
from chat_sim.content import ChatContent
from chat_sim.keyed import key_id
from chat_sim.persona import Need, Persona
from chat_sim.refusals import MessageBlank, MessageTooLong, NoSuchCanned, NoSuchProduct, TooFast
from chat_sim.state import ConversationState
from chat_sim.telling import Telling
from chat_sim.understanding.judge import RULES, Understood, settle, understand
from chat_sim.understanding.manners import greets_only
from chat_sim.understanding.message import message
from server.core.contract import Refusal
from server.core.text import Text

_JOINERS = frozenset("\u200c\u200d")
"""Zero width, but what emoji and some scripts are put together with."""


def cleaned(text: str) -> str:
    """Without control characters (but line breaks), overrides of direction and other characters that can't be seen."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(
        char
        for char in text
        if char == "\n" or char in _JOINERS or unicodedata.category(char) not in ("Cc", "Cf", "Cs")
    )


def send(telling: Telling, persona: Persona, command: c.Send) -> Refusal | None:
    """A message is said, and understood at once."""
    content, own = telling.content, telling.own(persona)
    text = cleaned(command.text).strip()
    if not text.strip("\u200c\u200d \n"):
        return MessageBlank()
    most = content.policy.most_characters
    if len(text) > most:
        zh = f"消息有 {len(text)} 字，最多 {most} 字：请缩短或分成几条发送"
        return MessageTooLong(Text(zh=zh, en=f"{len(text)} characters, {most} at most: shorten or split it"))
    if telling.too_fast():
        return TooFast()
    if command.canned is not None and not _is_canned(content, command.canned):
        return NoSuchCanned()
    needs = [customers.need_of(persona, need.id) for need in own.open_needs]
    spoken = [need for need in needs if need.kind != "silence"]
    understood = understand(content, persona, spoken, text)
    pitch = pitched(content, persona, own, understood.suggested)
    telling.add(
        e.AgentSaid(
            stage_ms=telling.now_ms,
            conversation=persona.id,
            n=telling.next_n(),
            text=text,
            rev=command.rev,
            canned=command.canned,
            rules=RULES,
            key=key_id(content, persona),
            findings=understood.findings,
            needs=tuple(_verdict(own, need, understood, telling.now_ms) for need in needs),
            courtesy=understood.courtesy,
            forbidden=understood.forbidden,
            suggested=pitch,
            only=_only(content, own, text, understood),
        )
    )
    return None


def send_product(telling: Telling, persona: Persona, command: c.SendProduct) -> Refusal | None:
    """A card answers nothing by itself; it may be a recommendation."""
    content, own = telling.content, telling.own(persona)
    if content.shop.product(command.product) is None:
        return NoSuchProduct()
    if telling.too_fast():
        return TooFast()
    telling.add(
        e.AgentSaid(
            stage_ms=telling.now_ms,
            conversation=persona.id,
            n=telling.next_n(),
            text="",
            product=command.product,
            rules=RULES,
            key=key_id(content, persona),
            suggested=pitched(content, persona, own, (command.product,)),
            only="card",
        )
    )
    return None


def pitched(content: ChatContent, persona: Persona, own: ConversationState, named: Iterable[str]) -> tuple[str, ...]:
    """Of the products that are named those that are a recommendation, and a new one.

    Not what the customer asks about or has asked about before, nor what it wants to buy.
    """
    shop = content.shop
    items = persona.purchase.items if persona.purchase is not None else ()
    about = {found[0].id for line in items if (found := shop.sku(line.sku)) is not None}
    about |= {product for need in own.needs for product in customers.need_of(persona, need.id).products}
    about |= set(own.suggested)
    return tuple(one for one in dict.fromkeys(named) if one not in about and shop.product(one) is not None)


def _verdict(own: ConversationState, need: Need, understood: Understood, now_ms: int) -> e.NeedVerdict:
    """What the message did for a need, all that was said since it was asked considered."""
    state = own.need(need.id)
    assert state is not None
    if need.kind == "silence":
        follows = understood.words and now_ms - own.said_ms >= reacting.FOLLOW_UP_MS
        return e.NeedVerdict(need=need.id, verdict="met" if follows else "nothing")
    findings = (*state.findings, *(found for found in understood.findings if found.need == need.id))
    courtesy = (*state.courtesy, *understood.courtesy)
    return e.NeedVerdict(need=need.id, verdict=settle(need, findings, courtesy, understood))


def _only(content: ChatContent, own: ConversationState, text: str, understood: Understood) -> str | None:
    """An answer that is not understood is none of both, though it begins with a greeting: it gets a reaction."""
    if understood.waiting_only:
        return "waiting"
    if own.texts >= 2 or "greeting" not in understood.courtesy or understood.findings:
        return None
    return "greeting" if greets_only(message(text), content.courtesy, content.shop.name) else None


def _is_canned(content: ChatContent, canned: str) -> bool:
    return content.policy.canned_allowed and any(own.id == canned for own in content.canned)
