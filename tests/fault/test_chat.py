"""A chat desk on a real server that is killed in mid-sentence: nothing lost, nothing twice, customers go on."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import pytest
from anyio import to_thread

from server.app import build
from server.settings import DataFolder
from tests.fault.audit import streams, verify_log
from tests.fault.conftest import Standing, traces
from tests.support.chat_paper import SKU, chat_paper
from tests.support.client import SeatClient
from tests.support.process import Furnished, ServerProcess, furnish

pytestmark = [pytest.mark.fault, pytest.mark.anyio]

CUSTOMERS = 5
KILLS = 1
REPLIES = (
    "登机箱现在329元哦。",
    "到杭州2-3天。",
    "箱面是防水的。",
    "支持七天无理由退货。",
    "黑色有货的。",
    "给您开电子发票。",
)


@pytest.fixture
def shop(folder: DataFolder) -> Iterator[Standing]:
    """A server of this test alone, with a chat paper whose customers come at once and are quick."""
    furnished = asyncio.run(_furnished(folder))
    with ServerProcess(folder) as server:
        server.start()
        yield Standing(server, furnished)
        log = server.log()
    assert not traces(log), log


async def _furnished(folder: DataFolder) -> Furnished:
    services = await build(folder)
    try:
        furnished = await furnish(services, 2)
        content = chat_paper(CUSTOMERS, needs=8, arrives_ms=100, apart_ms=50, think_ms=500, typing_ms=20)
        paper_id = await services.papers.add_paper(services.modules["chat_sim"], content, "lesson")
        return replace(furnished, paper_id=paper_id)
    finally:
        await services.database.close()


@dataclass(slots=True)
class Agent:
    """Serves all customers in turn, as fast as messages are allowed; several are under way at once."""

    seat: SeatClient
    over: bool = False
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Messages by command id."""
    revs: Counter[str] = field(default_factory=Counter)

    async def begin(self) -> None:
        """Start, and accept everybody."""
        await self.seat.start()
        await self.seat.do({"type": "chat_sim.set_nickname", "nickname": "小满"})
        await self.seat.until(lambda: len(self.conversations()) == CUSTOMERS)
        for own in self.conversations():
            await self.seat.do({"type": "chat_sim.accept", "conversation": own["id"]})

    def conversations(self) -> list[dict[str, Any]]:
        """As the page shows them."""
        return [] if self.seat.live is None else self.seat.live["conversations"]

    async def serve(self) -> None:
        """A draft and a message after the other."""
        number = 0
        while not self.over:
            conversation = f"c{number % CUSTOMERS + 1}"
            text = f"{REPLIES[number % len(REPLIES)]}（第{number + 1}条）"
            await self.draft(conversation, text[:6])
            self.revs[conversation] += 1
            command = {"conversation": conversation, "text": text, "rev": self.revs[conversation]}
            id_ = f"message-{number:06d}"
            self.sent[id_] = {"type": "chat_sim.send", **command}
            await self.seat.do(self.sent[id_], id_)
            number += 1
            await asyncio.sleep(0.51)

    async def draft(self, conversation: str, text: str) -> None:
        """Save the reply box."""
        self.revs[conversation] += 1
        save = {"item": conversation, "field": "reply", "text": text, "rev": self.revs[conversation]}
        await self.seat.do({"type": "chat_sim.save_field", **save})


async def test_kills_with_five_open_conversations(shop: Standing) -> None:
    token, attempt_id = await shop.round()
    async with SeatClient(shop.url, token, attempt_id) as seat:
        agent = Agent(seat)
        await agent.begin()
        serving = asyncio.create_task(agent.serve())
        for number in range(KILLS):
            goal = (number + 1) * 3
            await seat.until(lambda goal=goal: len(agent.sent) > goal)  # type: ignore[misc]  # bound at once
            before = (seat.live or {})["messages"]
            await to_thread.run_sync(shop.server.restart)
            await seat.until(lambda before=before: (seat.live or {})["messages"] > before)  # type: ignore[misc]
        agent.over = True
        await serving
        await agent.draft("c2", "还没说完的话")
        form = {"conversation": "c3", "lines": [{"sku": SKU, "quantity": 1}], "coupon": "", "rev": 1}
        await seat.do({"type": "chat_sim.set_order", **form})
        shop.server.kill()
        unsent = seat.post({"type": "chat_sim.send_order", "conversation": "c3"}, "the-order")
        await to_thread.run_sync(shop.server.start)
        await unsent
        acked = dict(seat.acked)
    async with SeatClient(shop.url, token, attempt_id) as elsewhere:
        state = elsewhere.state
        assert state is not None
        live = elsewhere.live
        assert live is not None
        assert state["texts"]["c2"]["reply"]["text"] == "还没说完的话"
        assert [order["status"] for order in live["orders"]] in (["sent"], ["paid"], ["refused"])
        assert [own["phase"] for own in live["conversations"]] == ["open"] * CUSTOMERS

    events = (await streams(shop.folder, [attempt_id]))[attempt_id]
    said = [(event, json.loads(event.payload)) for event in events if event.type == "chat_sim.agent_said"]
    by_command = Counter(event.command_id for event, _ in said)
    assert set(by_command) == set(agent.sent) <= set(acked)
    assert set(by_command.values()) == {1}
    assert {event.command_id: payload["text"] for event, payload in said} == {
        id_: command["text"] for id_, command in agent.sent.items()
    }
    assert [event.command_id for event in events if event.type == "chat_sim.order_sent"] == ["the-order"]
    messages = [json.loads(event.payload) for event in events if event.type in _MESSAGES]
    assert [payload["n"] for payload in messages] == list(range(1, len(messages) + 1))
    asked = [(own["conversation"], own["need"]) for own in messages if own.get("cause") == "ask"]
    assert set(Counter(asked).values()) == {1}
    assert len(asked) > CUSTOMERS
    at_desk = [event.stage_ms for event in events if event.type.startswith("chat_sim.")]
    assert all(before <= after for before, after in pairwise(at_desk))
    assert [message["n"] for message in state["messages"]] == list(range(1, len(state["messages"]) + 1))
    shop.server.kill()
    verdict = await verify_log(shop.folder)
    assert (verdict["faults"], verdict["exit"]) == ([], 0)


_MESSAGES = ("chat_sim.customer_said", "chat_sim.agent_said", "chat_sim.order_sent")
