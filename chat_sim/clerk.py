"""A clerk that serves a desk in virtual time: one pair of hands, many customers. How it answers is its `Style`.

It knows the whole content, as no contestant does. Every choice follows from the style: no chance of its own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from pydantic import TypeAdapter

from chat_sim import customers, ordering, reacting
from chat_sim.commands import ChatCommand
from chat_sim.driving import Desk, command_of
from chat_sim.persona import Need, Persona
from chat_sim.shop import OrderLine
from chat_sim.state import ConversationState, opaque
from server.core.contract import RobotAct

NICKNAME = "小暖"
GREETING = "您好，欢迎光临，很高兴为您服务！"
FOLLOW_UP = "您好，请问您还在吗？还有什么可以帮您的？"
CLOSING = "感谢您的光临，祝您生活愉快，再见！"
MOST_TRIES = 6
"""Answers to one need; a clerk that isn't understood gives up some time."""

_commands: TypeAdapter[ChatCommand] = TypeAdapter(ChatCommand)
JobKind = Literal["accept", "say", "pitch", "order", "close"]


class Style(Protocol):
    """How a clerk works."""

    @property
    def nickname(self) -> str:
        """花名."""
        ...

    @property
    def serves(self) -> bool:
        """Whether it ever says anything; who doesn't still takes customers out of the queue."""
        ...

    @property
    def greets(self) -> bool:
        """Whether it begins with a greeting, and ends with a leave."""
        ...

    def reply(self, persona: Persona, need: Need, tries: int) -> str:
        """What it says to a need that it has answered `tries` times before; "" for nothing at all."""
        ...

    def pitches(self, persona: Persona) -> str | None:
        """The product that it recommends, if any."""
        ...

    def order(self, persona: Persona, lines: tuple[OrderLine, ...], tries: int) -> tuple[tuple[OrderLine, ...], str]:
        """What it puts into the order, and the coupon; `lines` is what the customer wants."""
        ...

    def think_ms(self, persona: Persona, text: str) -> int:
        """Before it begins to type `text`."""
        ...

    def typing_ms(self, text: str) -> int:
        """How long it types."""
        ...

    def looks_up(self, persona: Persona, need: Need, tries: int) -> bool:
        """Whether it searches before it answers."""
        ...

    def holds(self, persona: Persona, need: Need) -> str:
        """How it asks the customer to wait before it searches; "" if it just does it."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be done next in a conversation, not before `from_ms`."""

    kind: JobKind
    persona: Persona
    from_ms: int = 0
    text: str = ""
    need: Need | None = None


@dataclass(slots=True)
class Clerk:
    """Serves until there is nothing left to do, or until `until_ms`."""

    desk: Desk
    style: Style
    until_ms: int
    acts: list[RobotAct] = field(default_factory=list)
    revs: dict[tuple[str, str], int] = field(default_factory=dict)
    tries: dict[tuple[str, str], int] = field(default_factory=dict)
    shown: str = ""

    def serve(self) -> None:
        """The whole stage."""
        self.act("set_nickname", nickname=self.style.nickname)
        while self.desk.now_ms < self.until_ms:
            job = min(self._jobs(), key=lambda one: one.from_ms, default=None)
            if job is not None and job.from_ms <= self.desk.now_ms:
                self._do(job)
                continue
            later_ms = None if job is None else job.from_ms
            next_ms = [at_ms for at_ms in (self.desk.due(), later_ms) if at_ms is not None]
            if not next_ms:
                return
            self.wait_until(max(self.desk.now_ms, min(next_ms)))
        self.wait_until(self.until_ms)

    def wait_until(self, stage_ms: int) -> None:
        """Time passes, but not beyond the end."""
        self.desk.wait_until(min(stage_ms, self.until_ms))

    def act(self, kind: str, /, **values: Any) -> bool:
        """A command; whether it was accepted. What is refused, because things have changed, is forgotten."""
        raw = command_of(kind, **values)
        if self.desk.now_ms >= self.until_ms or self.desk.send(_commands.validate_python(raw)) is not None:
            return False
        self.acts.append(RobotAct(stage_ms=self.desk.now_ms, command=raw))
        return True

    def save(self, persona: Persona, field_: str, text: str, inserted: int) -> None:
        """What stands in a box now."""
        own = self._id(persona)
        rev = self._rev(persona, field_)
        self.act("save_field", item=own, field=field_, text=text, rev=rev, largest_insert=inserted)

    def _id(self, persona: Persona) -> str:
        return opaque(self.desk.content, persona.id)

    def _rev(self, persona: Persona, field_: str) -> int:
        rev = self.revs[persona.id, field_] = self.revs.get((persona.id, field_), 0) + 1
        return rev

    # --- what there is to do -------------------------------------------------------------------------

    def _jobs(self) -> Iterator[Job]:
        """For each conversation what comes next; who has waited longest comes first."""
        state, most = self.desk.state, self.desk.content.policy.most_open
        here = [own for own in state.conversations if own.ended_ms is None]
        free = most - sum(own.accepted_ms is not None for own in here)
        for own in sorted(here, key=lambda one: (one.waiting_since_ms is None, one.waiting_since_ms)):
            persona = self.desk.content.persona(own.id)
            assert persona is not None
            if own.accepted_ms is None:
                if free > 0:
                    yield Job("accept", persona)
            elif self.style.serves and (job := self._job(persona, own)) is not None:
                yield job

    def _job(self, persona: Persona, own: ConversationState) -> Job | None:
        if self.style.greets and not own.texts:
            return Job("say", persona, text=GREETING)
        if own.queue or own.reaction is not None:
            return None
        if own.stage == "done":
            return Job("close", persona)
        if own.stage == "wants":
            return self._selling(persona, own)
        for state in own.open_needs:
            need = customers.need_of(persona, state.id)
            tries = self.tries.get((persona.id, need.id), 0)
            if state.verdict == "met" or tries >= MOST_TRIES:
                continue
            if need.kind == "silence":
                from_ms = max(state.asked_ms, own.said_ms + reacting.FOLLOW_UP_MS)
                return Job("say", persona, from_ms, FOLLOW_UP, need)
            if text := self.style.reply(persona, need, tries):
                return Job("say", persona, 0, text, need)
        return None

    def _selling(self, persona: Persona, own: ConversationState) -> Job | None:
        if own.order is not None or self.tries.get((persona.id, "order"), 0) >= MOST_TRIES:
            return None
        product = self.style.pitches(persona)
        if product is not None and product not in own.suggested and (persona.id, product) not in self.tries:
            return Job("pitch", persona, text=product)
        return Job("order", persona)

    # --- doing it ------------------------------------------------------------------------------------

    def _do(self, job: Job) -> None:
        persona = job.persona
        if job.kind == "accept":
            self.act("accept", conversation=self._id(persona))
            return
        self._show(persona)
        match job.kind:
            case "say":
                self._say(job)
            case "pitch":
                self._pitch(persona, job.text)
            case "order":
                self._order(persona)
            case "close":
                self._close(persona)

    def _show(self, persona: Persona) -> None:
        if self.shown != persona.id:
            self.shown = persona.id
            self.act("show", conversations=[self._id(persona)])

    def _say(self, job: Job) -> None:
        """All that is open is answered in one go: several questions get several messages."""
        persona, need = job.persona, job.need
        if need is not None:
            tries = self.tries.get((persona.id, need.id), 0)
            self.tries[persona.id, need.id] = tries + 1
            if need.kind != "silence" and self.style.looks_up(persona, need, tries):
                if not tries and (hold := self.style.holds(persona, need)):
                    self.say(persona, hold)
                self._look_up(need)
        self.say(persona, job.text)
        if need is None or need.kind == "silence":
            return
        own = self.desk.state.conversation(persona.id)
        assert own is not None
        for state in own.open_needs:
            other = customers.need_of(persona, state.id)
            tries = self.tries.get((persona.id, other.id), 0)
            if state.verdict != "met" and other.id != need.id and tries < MOST_TRIES and not own.queue:
                self.tries[persona.id, other.id] = tries + 1
                if text := self.style.reply(persona, other, tries):
                    self.say(persona, text)

    def say(self, persona: Persona, text: str) -> None:
        """A message is thought of, typed and sent; saved on the way, as a page does."""
        self.wait_until(self.desk.now_ms + self.style.think_ms(persona, text))
        self.type_in(persona, text)
        self.act("send", conversation=self._id(persona), text=text, rev=self._rev(persona, "reply"))

    def type_in(self, persona: Persona, text: str) -> None:
        """Typed in bursts; nothing is saved by who types faster than a page saves."""
        total_ms, done_ms = self.style.typing_ms(text), 0
        while total_ms - done_ms > SAVE_EVERY_MS:
            done_ms += SAVE_EVERY_MS
            self.wait_until(self.desk.now_ms + SAVE_EVERY_MS)
            typed = text[: len(text) * done_ms // total_ms]
            self.save(persona, "reply", typed, min(4, len(typed)))
        self.wait_until(self.desk.now_ms + total_ms - done_ms)

    def _look_up(self, need: Need) -> None:
        """A search for what is asked; the article is opened if it was found."""
        query = re.split("[，,；;]", need.title)[0][:200]
        if not self.act("search", query=query):
            return
        self.wait_until(self.desk.now_ms + LOOK_MS)
        wanted = next((one for one in need.articles if one in self.desk.state.look_up.found), None)
        if wanted is not None:
            self.act("open_article", id=wanted)
            self.wait_until(self.desk.now_ms + LOOK_MS)
        elif need.products:
            self.act("open_product", id=need.products[0])
            self.wait_until(self.desk.now_ms + LOOK_MS)

    def _pitch(self, persona: Persona, product: str) -> None:
        self.tries[persona.id, product] = 1
        self.wait_until(self.desk.now_ms + self.style.think_ms(persona, ""))
        self.act("send_product", conversation=self._id(persona), product=product)

    def _order(self, persona: Persona) -> None:
        own = self.desk.state.conversation(persona.id)
        assert own is not None
        tries = self.tries.get((persona.id, "order"), 0)
        self.tries[persona.id, "order"] = tries + 1
        pieces = ordering.wanted(persona, own)
        wanted = tuple(OrderLine(sku=sku, quantity=count) for sku, count in pieces.items())
        lines, coupon = self.style.order(persona, wanted, tries)
        self.wait_until(self.desk.now_ms + self.style.think_ms(persona, "") + self.style.typing_ms("下单" * len(lines)))
        form = [line.model_dump(mode="json") for line in lines]
        rev = own.form.rev + 1
        self.act("set_order", conversation=self._id(persona), lines=form, coupon=coupon, rev=rev)
        self.act("send_order", conversation=self._id(persona))

    def _close(self, persona: Persona) -> None:
        own = self.desk.state.conversation(persona.id)
        assert own is not None
        if self.style.greets and not own.farewell[1]:
            self.say(persona, CLOSING)
        met = all(need.settled is True for need in own.needs)
        reason = "ordered" if own.paid else "solved" if met else "unsolved"
        self.act("close", conversation=self._id(persona), reason=reason)


SAVE_EVERY_MS = 1_800
"""A page saves what is being typed about so often."""
LOOK_MS = 1_500
"""What it takes to read a list of hits, or to find the place in an article."""
