"""A trainee at a chat desk in virtual time: what a page would send, and what it would show."""

from dataclasses import dataclass, field
from typing import Any

from chat_sim.content import ChatContent
from server.app import Services
from server.attempts import orders
from server.attempts.requests import Ack
from server.core.access import Role
from tests.support.chat_paper import chat_paper
from tests.support.house import Trainee


@dataclass(slots=True)
class Desk:
    """One open round on a chat paper; revisions of fields are counted here, as a page does."""

    trainee: Trainee
    revs: dict[tuple[str, str], int] = field(default_factory=dict)

    @classmethod
    async def sit_down(cls, services: Services, content: ChatContent | None = None, name: str = "t1") -> "Desk":
        """A new account and a new round, begun."""
        who = await services.accounts.create(name, f"测试学员{name}", Role.CONTESTANT, None)
        module = services.modules["chat_sim"]
        live = await services.attempts.open_practice_on(who, module, content or chat_paper())
        epoch = await services.runner.take_lease(live.record.attempt_id, "page-0001")
        desk = cls(Trainee(services, who, live.record.attempt_id, epoch))
        await desk.trainee.start()
        return desk

    @property
    def services(self) -> Services:
        """The house."""
        return self.trainee.services

    async def act(self, kind: str, id_: str | None = None, **fields: Any) -> Ack:
        """One command of the module."""
        return await self.trainee.send({"type": f"chat_sim.{kind}", **fields}, id_=id_)

    async def open_all(self, customers: int) -> None:
        """Take a 花名 and accept who is waiting."""
        await self.act("set_nickname", nickname="小满")
        for number in range(1, customers + 1):
            await self.act("accept", conversation=f"c{number}")

    async def say(self, conversation: str, text: str, id_: str | None = None) -> Ack:
        """Send a message from the reply box."""
        return await self.act("send", id_, conversation=conversation, text=text, rev=self._rev(conversation, "reply"))

    async def draft(self, conversation: str, text: str, field_: str = "reply") -> Ack:
        """Save what stands in a field."""
        rev = self._rev(conversation, field_)
        return await self.act("save_field", item=conversation, field=field_, text=text, rev=rev)

    async def order(self, conversation: str, *lines: tuple[str, int], coupon: str = "") -> Ack:
        """Fill in the order form."""
        goods = [{"sku": sku, "quantity": quantity} for sku, quantity in lines]
        rev = self._rev(conversation, "order")
        return await self.act("set_order", conversation=conversation, lines=goods, coupon=coupon, rev=rev)

    async def state(self) -> dict[str, Any]:
        """All that a page gets which comes anew."""
        standing = await self.trainee.standing()
        seen: dict[str, Any] = standing.module.seat_state(standing.content, standing.state).model_dump(mode="json")
        return seen

    async def conversation(self, conversation: str) -> dict[str, Any]:
        """A conversation as the list shows it."""
        live = (await self.state())["live"]
        found: dict[str, Any] = next(own for own in live["conversations"] if own["id"] == conversation)
        return found

    async def messages(self, by: str, conversation: str | None = None) -> list[dict[str, Any]]:
        """What the agent or the customers said, in order."""
        said = (await self.state())["messages"]
        return [one for one in said if one["by"] == by and conversation in (None, one["conversation"])]

    async def events(self, kind: str) -> list[tuple[int, int]]:
        """Net time and UTC (ms) of the module's events of a kind."""
        found = await self.services.journal.read_stream(self.trainee.attempt_id)
        return [(event.stage_ms, event.at_ms) for event in found if event.type == f"chat_sim.{kind}"]

    async def staff(self, verb: orders.Verb) -> None:
        """Staff's order to this attempt."""
        await self.services.runner.order({self.trainee.attempt_id: orders.act_of(verb)})

    def _rev(self, conversation: str, field_: str) -> int:
        self.revs[conversation, field_] = self.revs.get((conversation, field_), 0) + 1
        return self.revs[conversation, field_]
