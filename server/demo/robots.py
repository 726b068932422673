"""Robots of the demo at work: their commands, and what media would have reported, in virtual time."""

import asyncio
from bisect import bisect_right
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from anyio import to_thread

from server.app import Services
from server.calls.history import module_history
from server.core.contract import AnyModule, RobotAct
from server.core.ids import new_id
from server.core.media import RobotSound
from server.demo.clock import ScriptClock
from server.demo.robot_calls import WORKER, RobotCalls

_SLICE_MS = 60_000
"""What happens within a minute shares a commit: the stamps place it in time."""
_KEPT_SAVES = 4
_CHECKS_MS = 1_500
"""Between the last act and the hand-in."""


@dataclass(slots=True)
class Robot:
    """One attempt and what a robot does in it, from its start on (UTC epoch ms)."""

    services: Services
    attempt_id: str
    epoch: int
    module: AnyModule
    acts: Sequence[RobotAct]
    sounds: Sequence[RobotSound]
    hands_in: bool = True
    calls: RobotCalls | None = field(default=None)

    @classmethod
    async def sit_down(
        cls, services: Services, attempt_id: str, page: str, seed: int, skill: float, *, hands_in: bool = True
    ) -> "Robot":
        """Take the attempt's lease and plan it."""
        epoch = await services.runner.take_lease(attempt_id, page)
        standing = await services.runner.attempt(attempt_id)
        module, content = standing.module, standing.content
        sounds = () if module.media is None else module.media.robot_sounds(content, seed, skill)
        acts = thinned(module.robot(content, seed, skill))
        return cls(services, attempt_id, epoch, module, acts, sounds, hands_in)

    @property
    def is_answered(self) -> bool:
        """Whether something comes to it by itself: what a page is told then, its module has a shape for."""
        return self.module.seat_live_type is not None

    @property
    def last_ms(self) -> int:
        """Net time of the last thing that the robot does."""
        return max([self.acts[-1].stage_ms, *(sound.stage_ms + sound.duration_ms for sound in self.sounds)])

    async def send(self, command: dict[str, Any], stamp_ms: int) -> None:
        """One command."""
        await self.services.runner.command(self.attempt_id, new_id(stamp_ms), self.epoch, stamp_ms, command)

    def begin(self, started_ms: int) -> None:
        """The stage has begun."""
        if self.sounds:
            self.calls = RobotCalls(self.attempt_id, started_ms, self.sounds, _folder(self.module))

    def doings(self, started_ms: int) -> "list[_Doing]":
        """Commands and reports; those of one moment in the order in which one answers the other."""
        doings = [_Doing(started_ms + act.stage_ms, 0, self, command=act.command) for act in self.acts]
        doings += [
            _Doing(started_ms + sound.stage_ms, 1, self, sound=sound, number=number)
            for number, sound in enumerate(self.sounds)
            if sound.report is not None
        ]
        return doings

    async def hand_in(self, at_ms: int, journals: Path) -> None:
        """Hand in, unless this one is too slow for that."""
        if self.hands_in:
            await self.send({"type": "hand_in", "cause": "handed_in"}, at_ms)
            await self.keep_sound(journals)

    async def keep_sound(self, journals: Path) -> None:
        """Write the journals of the calls, once the attempt is closed."""
        media = self.module.media
        if self.calls is None or media is None:
            return
        standing = await self.services.runner.attempt(self.attempt_id)
        content, state = standing.content, self.module.initial(standing.content, standing.core.seed)
        history = module_history(self.module, await self.services.journal.read_stream(self.attempt_id))
        for happened in history:  # a line stands in its call's plan only while that is up
            state = self.module.apply(content, state, happened.event)
            self.calls.note(media.plans(content, state))
        records = media.calls(content, history, standing.core.closed_ms)
        lines = {sha256: await self.services.blobs.path(sha256) for sha256 in self.calls.line_files()}
        await to_thread.run_sync(self.calls.write, journals, records, lines)


@dataclass(frozen=True, slots=True)
class _Doing:
    at_ms: int
    order: int
    robot: Robot
    command: dict[str, Any] | None = None
    sound: RobotSound | None = None
    number: int = 0

    def done(self) -> Coroutine[Any, Any, None]:
        if self.command is not None:
            return self.robot.send(self.command, self.at_ms)
        assert self.sound is not None
        assert self.sound.report is not None
        return self.robot.services.runner.reported(
            self.robot.attempt_id, self.sound.call_id, self.sound.report, f"{WORKER}.{self.number}", self.at_ms
        )


async def work(clock: ScriptClock, robots: Sequence[Robot], started_ms: int, journals: Path) -> None:
    """Let the robots do everything, up to their hand-ins; then the clock stands there.

    Who doesn't hand in has its sound kept by whoever closes the stage: before the clock moves on, since sealing begins
    a little after the close.
    """
    alone = [robot for robot in robots if not robot.is_answered]
    for robot in sorted(alone, key=lambda one: one.last_ms):
        clock.at_ms = max(clock.at_ms, started_ms + robot.last_ms)
        # Sent together, as after a network cut: the stamps place them in time, and they share a few commits.
        await asyncio.gather(*(robot.send(act.command, started_ms + act.stage_ms) for act in robot.acts))
        clock.at_ms += _CHECKS_MS
        await robot.hand_in(clock.at_ms, journals)
    await _work_answered(clock, [robot for robot in robots if robot.is_answered], started_ms, journals)


async def _work_answered(clock: ScriptClock, robots: Sequence[Robot], started_ms: int, journals: Path) -> None:
    """Calls and chats live by their time: what is due in between must come in between."""
    for robot in robots:
        robot.begin(started_ms)
    left = [(started_ms + robot.last_ms + _CHECKS_MS, robot) for robot in robots]
    left.sort(key=lambda one: one[0], reverse=True)
    doings = sorted(
        (doing for robot in robots for doing in robot.doings(started_ms)), key=lambda one: (one.at_ms, one.order)
    )
    over_ms = left[0][0] if left else 0
    slices = {min(over_ms, (doing.at_ms // _SLICE_MS + 1) * _SLICE_MS) for doing in doings}
    done = 0
    for until_ms in sorted(slices | {at_ms for at_ms, _ in left}):
        clock.at_ms = max(clock.at_ms, until_ms)
        begun, done = done, bisect_right(doings, until_ms, key=lambda one: one.at_ms)
        await asyncio.gather(*(doing.done() for doing in doings[begun:done]))
        while left and left[-1][0] <= until_ms:
            await left.pop()[1].hand_in(clock.at_ms, journals)


def thinned(acts: Sequence[RobotAct]) -> list[RobotAct]:
    """The acts with fewer of the saves that a page makes while somebody types: they are half of all that is kept.

    Of those of one field that follow one another every fourth stays, and the last.
    """
    kept: list[RobotAct] = []
    for where, together in groupby(acts, key=_field):
        run = list(together)
        kept += run if where is None else [*run[_KEPT_SAVES - 1 : -1 : _KEPT_SAVES], run[-1]]
    return kept


def _field(act: RobotAct) -> tuple[Any, Any] | None:
    """Where a save puts its text; None for any other act."""
    if not str(act.command["type"]).endswith(".save_field"):
        return None
    return act.command["item"], act.command["field"]


def _folder(module: AnyModule) -> Path:
    """Where a module's demo papers lie, and beside them what its robots say."""
    return module.demo_papers()[0].path.parent
