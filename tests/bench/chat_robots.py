"""A hall of contestants at chat desks, in a process of their own: `python -m tests.bench.chat_robots` (see `chat`).

Each answers whatever customer has waited longest, at a person's pace, with a save every 1.5 s as a page does. Words
on stdin and reports on stdout are those of `ccss robots`; the report has in addition by how many ms each customer's
message came later than its stage time, stamped at the robot when the frame had been parsed.
"""

import argparse
import asyncio
import contextlib
import json
import ssl
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chat_sim.content import ChatContent
from chat_sim.persona import Persona
from server.core.contract import RobotAct
from server.robots.client import Page
from server.robots.hall import SEATED_A_SECOND, words_on_stdin
from server.robots.machine import Machine
from server.robots.plans import Plans
from server.robots.robot import Robot, measuring
from server.robots.statistics import Statistics, percentile
from server.settings import DataFolder
from tests.support.chat_paper import SKU, chat_paper

CHARACTER_S = (0.16, 0.3)
"""Of a quick typist at a Chinese keyboard, thinking included."""
LOOK_S = (0.5, 1.5)
SAVE_S = 1.5
"""`AUTOSAVE_MS` of static/src/exam/autosave.ts."""
SEARCHES = 0.2
"""Share of the replies before which something is looked up."""


def paper(customers: int) -> ChatContent:
    """What is served: customers that come one after the other, and have more to ask than there is time for."""
    return chat_paper(customers, needs=16, arrives_ms=5_000, apart_ms=8_000)


@dataclass(slots=True)
class ChatStatistics(Statistics):
    """With the customers' messages."""

    due_errors_ms: list[float] = field(default_factory=list)
    arrivals_ms: list[float] = field(default_factory=list)
    """Of these the ones that a whole hall gets at one moment."""
    sent: int = 0
    _seen: dict[str, int] = field(default_factory=dict)

    def begin(self) -> None:
        """Start anew."""
        Statistics.begin(self)
        self.due_errors_ms.clear()
        self.arrivals_ms.clear()
        self.sent = 0

    def lived(self, page: Page, live: dict[str, Any]) -> None:
        """Stamp what is new; a page that comes back is told of old messages, which are not."""
        if page.attempt["phase"] != "running":
            return
        stage_ms = page.attempt["stage_ms"] + page.server_ms() - page.attempt["server_ms"]
        seen = self._seen.get(page.attempt_id, 0)
        arrived = {(own["id"], own["arrived_ms"]) for own in live["conversations"]}
        for message in live["recent"]:
            if message["n"] > seen and message["by"] == "customer":
                self.due_errors_ms.append(stage_ms - message["at_ms"])
                if (message["conversation"], message["at_ms"]) in arrived:
                    self.arrivals_ms.append(stage_ms - message["at_ms"])
        self._seen[page.attempt_id] = max(seen, live["messages"])

    def report(self) -> dict[str, Any]:
        """As JSON data."""
        errors = self.due_errors_ms
        shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
        told = {name: percentile(errors, share) for name, share in shares.items()}
        told["arrivals_p99"] = percentile(self.arrivals_ms, 0.99)
        return Statistics.report(self) | {"due_error_ms": told, "customers_said": len(errors), "agents_said": self.sent}


class Desk(Robot):
    """A contestant at a chat desk; knows the paper by heart."""

    content: ChatContent
    statistics: ChatStatistics

    async def _type(self, page: Page, acts: Sequence[RobotAct]) -> None:
        """Serve until the end of the stage."""
        answers = {ask: need.reference for own in self.content.personas for need in own.needs for ask in need.asks}
        hands = Hands(self, page, answers, {own.name: own for own in self.content.personas})
        await hands.serve()

    def post(self, page: Page, command: dict[str, Any]) -> None:
        """Into the outbox."""
        self._post(page, command)

    def chance(self, between: tuple[float, float]) -> float:
        """A length of time, or anything else between two bounds."""
        return self._chance.uniform(*between)


class Hands:
    """One person at one desk: one thing after the other."""

    def __init__(self, desk: Desk, page: Page, answers: dict[str, str], personas: dict[str, Persona]) -> None:
        self._desk, self._page, self._answers, self._personas = desk, page, answers, personas
        self._revs: dict[str, int] = {}
        self._greeted: set[str] = set()
        self._ordered: set[str] = set()
        self._last: dict[str, str] = {}
        """What each customer said last."""
        self._asked: dict[str, str] = {}

    async def serve(self) -> None:
        """Until there is nothing to do any more."""
        self._desk.post(self._page, {"type": "chat_sim.set_nickname", "nickname": "小满"})
        while not self._over():
            live = self._page.live or {"conversations": [], "recent": []}
            for message in live["recent"]:
                if message["by"] == "customer":
                    self._last[message["conversation"]] = message["text"]
                    if message["text"] in self._answers:
                        self._asked[message["conversation"]] = message["text"]
            for own in live["conversations"]:
                if own["phase"] == "waiting":
                    self._desk.post(self._page, {"type": "chat_sim.accept", "conversation": own["id"]})
            waiting = [own for own in live["conversations"] if own["phase"] == "open" and _waits(own)]
            if waiting:
                await self._answer(min(waiting, key=_waits))
            await asyncio.sleep(self._desk.chance(LOOK_S))

    async def _answer(self, own: dict[str, Any]) -> None:
        conversation, said = own["id"], self._last.get(own["id"], "")
        persona = self._personas[own["name"]]
        self._desk.post(self._page, {"type": "chat_sim.show", "conversations": [conversation]})
        if self._desk.chance((0, 1)) < SEARCHES:
            self._desk.post(self._page, {"type": "chat_sim.search", "query": said[:12]})
        if persona.purchase is not None and said == persona.purchase.ready and conversation not in self._ordered:
            self._ordered.add(conversation)
            order = {"lines": [{"sku": SKU, "quantity": 1}], "rev": 1}
            self._desk.post(self._page, {"type": "chat_sim.set_order", "conversation": conversation, **order})
            self._desk.post(self._page, {"type": "chat_sim.send_order", "conversation": conversation})
            return
        if said == persona.closing:
            await self._say(conversation, "感谢您的光临，再见。")
            close = {"type": "chat_sim.close", "conversation": conversation, "reason": "solved", "remark": ""}
            self._desk.post(self._page, close)
            return
        greeting = "" if conversation in self._greeted else "您好，欢迎光临。"
        self._greeted.add(conversation)
        await self._say(conversation, greeting + self._answers[self._asked[conversation]])

    async def _say(self, conversation: str, text: str) -> None:
        """Type at a person's pace, saved as often as a page saves, and send."""
        character_s = self._desk.chance(CHARACTER_S)
        a_save = max(1, round(SAVE_S / character_s))
        for length in range(a_save, len(text), a_save):
            await asyncio.sleep(SAVE_S)
            if self._over():
                return
            save = {"item": conversation, "field": "reply", "text": text[:length], "rev": self._rev(conversation)}
            self._desk.post(self._page, {"type": "chat_sim.save_field", **save})
        await asyncio.sleep(character_s * (len(text) % a_save))
        sent = {"conversation": conversation, "text": text, "rev": self._rev(conversation)}
        self._desk.post(self._page, {"type": "chat_sim.send", **sent})
        self._desk.statistics.sent += 1

    def _rev(self, conversation: str) -> int:
        self._revs[conversation] = self._revs.get(conversation, 0) + 1
        return self._revs[conversation]

    def _over(self) -> bool:
        return self._page.over or self._page.attempt["phase"] in ("closed", "sealed")


def _waits(own: dict[str, Any]) -> float:
    """Since when; 0 if nobody waits there. One of moment 0 waits as one of moment 1."""
    since_ms = own["waiting_since_ms"]
    return 0.0 if since_ms is None else max(1.0, since_ms)


async def _attend(arguments: argparse.Namespace) -> None:
    statistics = ChatStatistics()
    plans = Plans(DataFolder(arguments.data))
    trust = ssl.create_default_context(cafile=arguments.certificate)
    content = paper(arguments.customers)
    tasks = [asyncio.create_task(statistics.watch_loop())]
    words = words_on_stdin()
    try:
        for number, place in enumerate(await plans.sittings(arguments.contest)):
            desk = Desk(Machine(arguments.url, trust), place, _no_plan, measuring(1.0, False), statistics, number)
            desk.content, desk.statistics = content, statistics
            tasks.append(asyncio.create_task(_after(number / SEATED_A_SECOND, desk)))
        while (word := await words.get()) is not None:
            if word == "begin":
                statistics.begin()
            elif word == "report":
                sys.stdout.write(f"{json.dumps(statistics.report())}\n")
                sys.stdout.flush()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await plans.close()


async def _no_plan(attempt_id: str, seed: int, skill: float) -> Sequence[RobotAct]:
    return ()


async def _after(wait_s: float, desk: Desk) -> None:
    await asyncio.sleep(wait_s)
    await desk.run()


def main() -> int:
    """A hall, until stdin ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--url", required=True)
    parser.add_argument("--certificate", type=Path, required=True)
    parser.add_argument("--contest", required=True)
    parser.add_argument("--customers", type=int, required=True)
    factory = None
    if sys.platform != "win32":
        import uvloop

        factory = uvloop.Loop
    with asyncio.Runner(loop_factory=factory) as runner, contextlib.suppress(KeyboardInterrupt):
        runner.run(_attend(parser.parse_args()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
