"""How a robot contestant takes a voice paper: what it does, and what goes with it on the line."""

from functools import lru_cache

from server.core.contract import RobotAct
from server.core.media import RobotSound
from telephony.content import TelephonyContent
from telephony.robot_round import Round

_PACES = (1.0, 0.5, 0.2, 0.05)
"""Shares of the writing time that a robot takes, so that it is done within the paper's duration."""
_LATEST = 0.97


def plan(content: TelephonyContent, seed: int, skill: float) -> list[RobotAct]:
    """Commands in order of net time (ms), ending within the content's duration; equal for equal arguments."""
    last_ms = int(content.duration_ms * _LATEST)
    return sorted((act for act in _round(content, seed, skill).acts if act.stage_ms <= last_ms), key=_act_ms)


def sounds(content: TelephonyContent, seed: int, skill: float) -> list[RobotSound]:
    """Reports and speech that go with `plan` of equal arguments, by net time."""
    last_ms = int(content.duration_ms * _LATEST)
    return sorted((own for own in _round(content, seed, skill).sounds if own.stage_ms <= last_ms), key=_sound_ms)


def _act_ms(act: RobotAct) -> int:
    return act.stage_ms


def _sound_ms(sound: RobotSound) -> int:
    return sound.stage_ms


@lru_cache(maxsize=8)
def _at_pace(text: str, seed: int, skill: float) -> Round:
    content = TelephonyContent.model_validate_json(text)
    made = Round(content, seed, skill)
    for pace in _PACES:
        made = Round(content, seed, skill, pace)
        made.take()
        if made.now_ms <= content.duration_ms * _LATEST:
            break
    return made


def _round(content: TelephonyContent, seed: int, skill: float) -> Round:
    """One round; `plan` and `sounds` of the same robot share it."""
    return _at_pace(content.model_dump_json(by_alias=True), seed, skill)
