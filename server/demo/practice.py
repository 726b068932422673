"""The demo's class, rounds that robots practised yesterday, and the trainer's remarks on what they said."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from server.app import Services
from server.contests.schemas import NewClass
from server.core.access import Principal
from server.core.frozen import Frozen
from server.demo.clock import ScriptClock
from server.demo.robots import Robot, work
from server.recordings.schemas import NewComment

Papers = Mapping[tuple[str, str], str]
"""Paper ids by module and kind."""


class _Remark(Frozen):
    kind: str
    """Of the marker that it stands at."""
    nth: int
    body: str
    whole: bool = False
    """Over the marker's stretch, not at its beginning alone."""


class _Pupil(Frozen):
    number: str
    display_name: str
    rounds: tuple[tuple[str, str, float], ...]
    """Papers taken, by module and kind, each with the skill of the robot that took it."""


_PUPILS = (
    _Pupil(
        number="01",
        display_name="练习选手",
        rounds=(
            ("typing_test", "warmup", 0.55),
            ("typing_test", "lesson", 0.7),
            ("typing_test", "lesson", 0.9),
            ("telephony", "warmup", 0.6),
            ("telephony", "contest", 0.5),
            ("telephony", "contest", 0.85),
            ("chat_sim", "warmup", 0.8),
            ("chat_sim", "lesson", 0.55),
            ("chat_sim", "contest", 0.9),
        ),
    ),
    _Pupil(
        number="02",
        display_name="学员甲",
        rounds=(
            ("typing_test", "lesson", 0.85),
            ("typing_test", "contest", 0.95),
            ("telephony", "warmup", 0.9),
            ("chat_sim", "lesson", 0.95),
        ),
    ),
    _Pupil(number="03", display_name="学员乙", rounds=(("typing_test", "contest", 0.6),)),
)


_REMARKS = (
    (
        _Remark(kind="take", nth=0, body="接通以后先报公司名称和工号，再问客户需要什么，不要用“嗯”开头。", whole=True),
        _Remark(kind="take", nth=6, body="客户在生气，这里要先安抚，再往下办。"),
        _Remark(kind="line", nth=7, body="客户问的是规定：先查知识库里的“保价快件的签收”，再回答。", whole=True),
        _Remark(kind="take", nth=13, body="转接以前要说明转给谁，请客户不要挂机。"),
    ),
    (
        _Remark(kind="take", nth=0, body="开头语完整，语速合适，比上一次有进步。", whole=True),
        _Remark(kind="take", nth=9, body="做不到的事情要直说，再讲清能做到哪一步。"),
    ),
)
"""What the trainer said to the first pupil's first rounds of the contest paper, on the inbound call."""


async def school_class(services: Services, trainer: Principal) -> list[Principal]:
    """A class with three pupils; who they are, in the order of their numbers."""
    made = await services.classes.create(trainer, NewClass(title="演示班"))
    table = "学号,姓名\n" + "".join(f"{pupil.number},{pupil.display_name}\n" for pupil in _PUPILS)
    await services.classes.import_(trainer, made.class_id, "班级名单.csv", table.encode(), dry_run=False)
    pupils = await services.contests.repository.pupils(made.class_id)
    return await services.accounts.principals([pupil.account_id for pupil in pupils])


async def rounds(
    services: Services, clock: ScriptClock, pupils: Sequence[Principal], papers: Papers, journals: Path
) -> list[str]:
    """What the pupils practised, through the same runner as everybody's rounds; the attempts with long calls."""
    with_calls = []
    for pupil, who in zip(_PUPILS, pupils, strict=True):
        for number, (module, kind, skill) in enumerate(pupil.rounds):
            if (module, kind) in papers:
                # Odd numbers are those of robots whose microphone is broken.
                robot = await _practise(services, clock, who, papers[module, kind], skill, 2 * number, journals)
                with_calls += [robot.attempt_id] if robot.sounds and kind == "contest" else []
    return with_calls


async def remarks(services: Services, clock: ScriptClock, trainer: Principal, attempt_ids: Sequence[str]) -> None:
    """Seal the pupils' recordings and let the trainer say something to each of these rounds."""
    await services.sealing.catch_up()
    for attempt_id, said in zip(attempt_ids, _REMARKS, strict=False):
        replay = await services.recordings.replay(trainer, attempt_id)
        recording = replay.recordings[0]
        for remark in said:
            markers = [one for one in recording.markers if one.kind == remark.kind and not one.superseded]
            if remark.nth < len(markers) and recording.sha256 is not None:
                clock.at_ms += 40_000
                marker = markers[remark.nth]
                until_ms = marker.until_ms if remark.whole else None
                comment = NewComment(at_ms=marker.at_ms, until_ms=until_ms, body=remark.body)
                await services.recordings.add_comment(trainer, recording.recording_id, comment)


async def _practise(
    services: Services, clock: ScriptClock, who: Principal, paper_id: str, skill: float, seed: int, journals: Path
) -> Robot:
    live = await services.attempts.open_practice(who, paper_id)
    robot = await Robot.sit_down(services, live.record.attempt_id, "demo-robot", seed, skill)
    await robot.send({"type": "acknowledge_rules"}, clock.at_ms)
    clock.at_ms += 20_000
    await robot.send({"type": "start"}, clock.at_ms)
    await work(clock, [robot], clock.at_ms, journals)
    clock.at_ms += 600_000
    return robot
