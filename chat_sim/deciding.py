"""What a command causes: `decide`. Whatever customers were due to do before happens first."""

from typing import assert_never

from chat_sim import acting, hearing, look_up, ordering, pricing
from chat_sim import commands as c
from chat_sim import events as e
from chat_sim.content import ChatContent
from chat_sim.persona import Persona
from chat_sim.refusals import (
    ConversationOver,
    DeskFull,
    NicknameFaulty,
    NicknameFixed,
    NoNickname,
    NoSuchConversation,
    NoSuchPicture,
    NoSuchProduct,
    NotAccepted,
    NotFoundYet,
    OrderFaulty,
)
from chat_sim.state import ChatState, persona_id_of
from chat_sim.telling import Telling
from server.core.contract import Due, Refusal
from server.core.phases import Moment

LONGEST_NICKNAME = 20


def decide(
    content: ChatContent, state: ChatState, command: c.ChatCommand | Due, at: Moment
) -> list[e.ChatEvent] | Refusal:
    """Events that a command causes at `at`, or the refusal."""
    telling = Telling(content, state, at.stage_ms)
    acting.catch_up(telling, at.stage_ms)
    refusal = None if isinstance(command, Due) else _decide(telling, command)
    return telling.events if refusal is None else refusal


def _decide(telling: Telling, command: c.ChatCommand) -> Refusal | None:
    match command:
        case c.SetNickname():
            return _name(telling, command.nickname)
        case c.SaveField():
            return _save(telling, command)
        case c.Accept():
            return _accept(telling, command)
        case c.Show():
            return _show(telling, command)
        case c.Send() | c.SendProduct() | c.SetOrder() | c.SendOrder() | c.Close():
            return _talk(telling, command)
        case c.CancelOrder():
            return ordering.cancel_order(telling, command)
        case c.Calculate():
            return _calculate(telling, command)
        case c.Search() | c.OpenArticle() | c.OpenProduct() | c.OpenPicture():
            return _look_up(telling, command)
        case c.InputBlocked():
            return _blocked(telling, command)
        case _:
            assert_never(command)


def _persona(telling: Telling, conversation: str) -> Persona | None:
    """The customer of a conversation that the page knows; None if no such one has come."""
    persona_id = persona_id_of(telling.content, conversation)
    if persona_id is None or telling.state.conversation(persona_id) is None:
        return None
    return telling.content.persona(persona_id)


def _name(telling: Telling, typed: str) -> Refusal | None:
    nickname = hearing.cleaned(typed).replace("\n", " ").strip()
    if not 1 <= len(nickname) <= LONGEST_NICKNAME:
        return NicknameFaulty()
    if nickname == telling.state.nickname:
        return None
    if any(message.by == "agent" for message in telling.state.messages):
        return NicknameFixed()
    telling.add(e.NicknameSet(stage_ms=telling.now_ms, nickname=nickname))
    return None


def _save(telling: Telling, command: c.SaveField) -> Refusal | None:
    persona = _persona(telling, command.item)
    if persona is None:
        return NoSuchConversation()
    if command.rev > telling.state.text(persona.id, command.field).rev:
        telling.add(
            e.FieldSaved(
                stage_ms=telling.now_ms,
                item=persona.id,
                field=command.field,
                text=command.text,
                rev=command.rev,
                composing=command.composing,
                largest_insert=command.largest_insert,
            )
        )
    return None


def _accept(telling: Telling, command: c.Accept) -> Refusal | None:
    persona = _persona(telling, command.conversation)
    if persona is None:
        return NoSuchConversation()
    own = telling.own(persona)
    if own.ended_ms is not None:
        return ConversationOver()
    if own.accepted_ms is not None:
        return None
    if not telling.state.nickname:
        return NoNickname()
    is_open = [one for one in telling.state.conversations if one.accepted_ms is not None and one.ended_ms is None]
    if len(is_open) >= telling.content.policy.most_open:
        return DeskFull()
    telling.add(e.Accepted(stage_ms=telling.now_ms, conversation=persona.id))
    return None


def _show(telling: Telling, command: c.Show) -> Refusal | None:
    personas = [_persona(telling, conversation) for conversation in command.conversations]
    shown = tuple(dict.fromkeys(persona.id for persona in personas if persona is not None))
    if None in personas:
        return NoSuchConversation()
    if shown != telling.state.shown:
        telling.add(e.Shown(stage_ms=telling.now_ms, conversations=shown))
    return None


def _talk(telling: Telling, command: c.Send | c.SendProduct | c.SetOrder | c.SendOrder | c.Close) -> Refusal | None:
    """What can be done in a conversation that is open."""
    persona = _persona(telling, command.conversation)
    if persona is None:
        return NoSuchConversation()
    own = telling.own(persona)
    if own.ended_ms is not None:
        return ConversationOver()
    if own.accepted_ms is None:
        return NotAccepted()
    match command:
        case c.Send():
            return hearing.send(telling, persona, command)
        case c.SendProduct():
            return hearing.send_product(telling, persona, command)
        case c.SetOrder():
            return ordering.set_order(telling, persona, command)
        case c.SendOrder():
            return ordering.send_order(telling, persona)
        case c.Close():
            telling.end(persona, "agent", command.reason, hearing.cleaned(command.remark).strip())
            return None
        case _:
            assert_never(command)


def _calculate(telling: Telling, command: c.Calculate) -> Refusal | None:
    content, left = telling.content, ordering.left_of(telling.content, telling.state)
    fault = pricing.fault(content.shop, command.lines, command.coupon, left)
    if fault is not None:
        return OrderFaulty(fault)
    price = ordering.quote(content, command.lines, command.coupon, command.member, "", left)
    telling.add(
        e.Calculated(
            stage_ms=telling.now_ms,
            lines=command.lines,
            coupon=command.coupon,
            member=command.member,
            total=price.total,
        )
    )
    return None


def _look_up(telling: Telling, command: c.Search | c.OpenArticle | c.OpenProduct | c.OpenPicture) -> Refusal | None:
    now_ms, old, shop = telling.now_ms, telling.state.look_up, telling.content.shop
    match command:
        case c.Search():
            query = hearing.cleaned(command.query).replace("\n", " ").strip()
            found = look_up.find(shop, query)
            hits = tuple(hit.id for hit in found.hits)
            telling.add(e.Searched(stage_ms=now_ms, query=query, hits=hits, products=found.products))
        case c.OpenArticle():
            if command.id is not None and command.id not in old.found:
                return NotFoundYet()
            if command.id != old.article:
                telling.add(e.ArticleOpened(stage_ms=now_ms, article=command.id))
        case c.OpenProduct():
            if command.id is not None and shop.product(command.id) is None:
                return NoSuchProduct()
            if command.id != old.product:
                telling.add(e.ProductOpened(stage_ms=now_ms, product=command.id))
        case c.OpenPicture():
            if not any(message.n == command.n and message.picture for message in telling.state.messages):
                return NoSuchPicture()
            telling.add(e.PictureOpened(stage_ms=now_ms, n=command.n))
        case _:
            assert_never(command)
    return None


def _blocked(telling: Telling, command: c.InputBlocked) -> Refusal | None:
    """Fields that belong to no conversation (search, nickname) have an item that is none."""
    persona = _persona(telling, command.item)
    telling.add(
        e.InputWasBlocked(
            stage_ms=telling.now_ms,
            item=command.item if persona is None else persona.id,
            field=command.field,
            kind=command.kind,
            length=command.length,
        )
    )
    return None
