"""One robot contestant: goes to its place, logs in, takes every stage that comes, hands in."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2

from server.core.contract import RobotAct
from server.robots import devices
from server.robots.client import Page, Refused
from server.robots.clock import monotonic_ms
from server.robots.machine import ANSWER_S, Machine
from server.robots.plans import Sitting
from server.robots.statistics import Statistics

Planner = Callable[[str, int, float], Awaitable[Sequence[RobotAct]]]
"""Attempt, seed and skill to the acts."""

_OPEN = ("armed", "running", "paused")


@dataclass(frozen=True, slots=True)
class Manner:
    """How robots behave; times in seconds, as (shortest, longest) where chance decides."""

    poll_s: tuple[float, float] = (3.0, 6.0)
    """Between two looks for the next attempt."""
    read_s: tuple[float, float] = (2.0, 20.0)
    """For the rules and for announcements."""
    check_s: tuple[float, float] = (2.0, 30.0)
    """Between the last act and the hand-in."""
    cut_every_s: float | None = 1_800.0
    """Mean time between two losses of the line; None for never."""
    pace_s: float | None = None
    """One act every so many seconds, instead of the plan's own times: for measuring."""
    recordings: bool = True
    """Whether the recordings that a robot listens to are loaded."""


def measuring(pace_s: float, recordings: bool) -> Manner:
    """Robots whose load is even: no cuts by chance, and little time before and after the task."""
    return Manner(read_s=(0.0, 3.0), check_s=(0.0, 3.0), cut_every_s=None, pace_s=pace_s, recordings=recordings)


class Robot:
    """A contestant whose fingers are a module's plan."""

    def __init__(
        self, machine: Machine, sitting: Sitting, plan: Planner, manner: Manner, statistics: Statistics, seed: int
    ) -> None:
        self._machine, self._sitting, self._plan = machine, sitting, plan
        self._manner, self._statistics = manner, statistics
        self._chance = random.Random(seed)
        self._seed = seed
        self._skill = self._chance.uniform(0.5, 1.0)
        self._taken: set[str] = set()

    async def run(self) -> None:
        """Take every stage of the contest; ends only by being cancelled."""
        try:
            await self._kept_trying(self._sit_down)
            self._statistics.seated += 1
            while True:
                attempt_id = await self._next_attempt()
                await self._take(attempt_id)
        finally:
            await self._machine.close()

    # --- at the place --------------------------------------------------------------------------------

    async def _sit_down(self) -> None:
        await self._machine.json("POST", f"/places/{self._sitting.seat_id}/bind")
        await self._machine.json("POST", "/place/sessions", {"ticket_number": self._sitting.ticket_number})

    async def _next_attempt(self) -> str:
        while True:
            place = await self._kept_trying(lambda: self._machine.json("GET", "/place"))
            if not place["mine"]:
                await self._kept_trying(self._sit_down)
            elif place["attempt_phase"] in _OPEN and place["attempt_id"] not in self._taken:
                attempt_id: str = place["attempt_id"]
                return attempt_id
            await self._pause(self._manner.poll_s)

    async def _kept_trying(self, work: Callable[[], Awaitable[Any]]) -> Any:
        while True:
            try:
                return await work()
            except httpx2.HTTPError as error:
                self._statistics.troubled(error)
                await self._pause(self._manner.poll_s)

    # --- at the desk ---------------------------------------------------------------------------------

    async def _take(self, attempt_id: str) -> None:
        acts = await self._plan(attempt_id, self._seed, self._skill)
        statistics = self._statistics
        page = Page(self._machine, attempt_id, acked=statistics.acked, lived=statistics.lived)
        self._statistics.pages.add(page)
        try:
            async with page:
                await self._sit_through(page, acts)
        except (TimeoutError, Refused) as error:
            self._statistics.troubled(error)
            await self._pause(self._manner.poll_s)
        finally:
            self._statistics.pages.discard(page)

    async def _sit_through(self, page: Page, acts: Sequence[RobotAct]) -> None:
        readers = [asyncio.create_task(self._read_announcements(page)), asyncio.create_task(self._lose_line(page))]
        try:
            if not page.attempt["rules_acknowledged"]:
                await self._pause(self._manner.read_s)
                await page.do({"type": "device_check", "report": devices.report(self._chance)})
                await page.do({"type": "acknowledge_rules"})
            await page.until(lambda: page.over or page.attempt["phase"] != "armed", None)
            await page.until(lambda: page.over or page.content is not None or _closed(page))
            if page.content is not None:
                self._statistics.opened.append(page.opened_ms)
            await self._type(page, acts)
            if not page.over and not _closed(page):
                await self._pause(self._manner.check_s)
                self._post(page, {"type": "hand_in", "cause": "handed_in"})
                await page.until(lambda: page.over or _closed(page), None)
            if _closed(page):
                self._taken.add(page.attempt_id)
                self._statistics.handed_in += 1
        finally:
            for reader in readers:
                reader.cancel()
            await asyncio.gather(*readers, return_exceptions=True)

    async def _type(self, page: Page, acts: Sequence[RobotAct]) -> None:
        """The acts by net time: while the stage is paused nothing happens. What was missed is not made up for."""
        listened: set[str] = set()
        loads: set[asyncio.Task[None]] = set()
        first_ms = _net_ms(page)
        began_ms = monotonic_ms() + self._chance.uniform(0, 1000) * (self._manner.pace_s or 0)
        left = [act for act in acts if act.stage_ms >= first_ms] if self._manner.pace_s is None else list(acts)
        for number, act in enumerate(left):
            if self._manner.pace_s is None:
                await self._until_net(page, act.stage_ms)
            else:
                await _until(began_ms + number * self._manner.pace_s * 1000)
            if page.over or _closed(page):
                break
            for sha256 in _files_named(page.content, act.command) - listened if self._manner.recordings else ():
                listened.add(sha256)
                load = asyncio.create_task(self._listen(page.attempt_id, sha256))
                loads.add(load)
                load.add_done_callback(loads.discard)
            self._post(page, act.command)
        for load in list(loads):
            load.cancel()

    async def _until_net(self, page: Page, stage_ms: int) -> None:
        while not page.over and not _closed(page):
            await page.until(lambda: page.over or page.attempt["phase"] != "paused", None)
            wait_ms = stage_ms - _net_ms(page)
            if wait_ms <= 0:
                return
            await asyncio.sleep(min(wait_ms, 1_000) / 1000 if wait_ms > 20_000 else wait_ms / 1000)

    def _post(self, page: Page, command: dict[str, Any]) -> None:
        """Into the outbox; a contestant doesn't wait for the acknowledgement."""
        page.post(command).add_done_callback(self._statistics.settled)

    async def _listen(self, attempt_id: str, sha256: str) -> None:
        """As a browser's player: a range from the beginning, as much as there is."""
        path = f"/api/v1/attempts/{attempt_id}/files/{sha256}"
        try:
            async with self._machine.http.stream("GET", path, headers={"Range": "bytes=0-"}) as answer:
                async for part in answer.aiter_raw():
                    self._statistics.loaded_bytes += len(part)
        except httpx2.HTTPError as error:
            self._statistics.troubled(error)

    async def _read_announcements(self, page: Page) -> None:
        while True:
            await page.until(lambda: bool(page.attempt["announcements"]), None)
            await self._pause(self._manner.read_s)
            for announcement in page.attempt["announcements"]:
                read = {"type": "read_announcement", "announcement_id": announcement["announcement_id"]}
                self._post(page, read)
            await asyncio.sleep(ANSWER_S)

    async def _lose_line(self, page: Page) -> None:
        while self._manner.cut_every_s is not None:
            await asyncio.sleep(self._chance.expovariate(1 / self._manner.cut_every_s))
            self._statistics.cuts += 1
            await page.cut()

    async def _pause(self, between_s: tuple[float, float]) -> None:
        await asyncio.sleep(self._chance.uniform(*between_s))


def _closed(page: Page) -> bool:
    return page.attempt["phase"] in ("closed", "sealed")


def _net_ms(page: Page) -> float:
    """The attempt's net time now."""
    attempt = page.attempt
    running = attempt["phase"] == "running"
    return float(attempt["stage_ms"] + (page.server_ms() - attempt["server_ms"] if running else 0))


async def _until(at_ms: float) -> None:
    """A moment of the monotonic clock: sleeping by the distance would add up to a drift."""
    await asyncio.sleep(max(0.0, (at_ms - monotonic_ms()) / 1000))


def _files_named(content: Any, command: dict[str, Any]) -> set[str]:
    """Files below that part of the content whose id a command names."""
    named = {value for value in command.values() if isinstance(value, str)}
    return {sha256 for part in _parts(content) if part.get("id") in named for sha256 in _sha256s(part)}


def _parts(node: Any) -> Iterable[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for below in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _parts(below)


def _sha256s(node: Any) -> Iterable[str]:
    return (value for part in _parts(node) for key, value in part.items() if key.endswith("sha256"))
