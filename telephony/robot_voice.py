"""How a robot contestant sounds: recordings beside the demo papers, by seed and skill."""

from dataclasses import dataclass
from typing import Literal

VoiceKind = Literal["good", "middling", "poor", "silent", "clipped", "names_itself"]
_ROUND = 24
_SILENT, _CLIPPED, _NAMES_ITSELF = 5, 9, 14
_FOLDER = "audio"


@dataclass(frozen=True, slots=True)
class RobotVoice:
    """A way to speak: the files it may say, how loud (dB), and how much of a reply it manages (0 to 1)."""

    kind: VoiceKind
    files: tuple[str, ...]
    gain_db: float = 0.0
    fluency: float = 1.0


_GOOD = tuple(f"{_FOLDER}/robot_good{n}.opus" for n in (1, 2, 3))
_VOICES: dict[VoiceKind, RobotVoice] = {
    "good": RobotVoice("good", _GOOD),
    "middling": RobotVoice("middling", (f"{_FOLDER}/robot_middling.opus",), fluency=0.8),
    "poor": RobotVoice("poor", (f"{_FOLDER}/robot_poor.opus",), gain_db=-14.0, fluency=0.5),
    "silent": RobotVoice("silent", (), fluency=0.0),
    "clipped": RobotVoice("clipped", _GOOD[:1], gain_db=18.0),
    "names_itself": RobotVoice("names_itself", _GOOD),
}
NAMES_ITSELF = f"{_FOLDER}/robot_names_itself.opus"
"""Said once by a robot of that kind, at the opening of its first call."""


def voice(seed: int, skill: float) -> RobotVoice:
    """Of every 24 seeds one is silent, one clips, one says who it is; the others speak by their skill."""
    special: dict[int, VoiceKind] = {_SILENT: "silent", _CLIPPED: "clipped", _NAMES_ITSELF: "names_itself"}
    by_skill: VoiceKind = "good" if skill >= 0.75 else "middling" if skill >= 0.4 else "poor"
    return _VOICES[special.get(seed % _ROUND, by_skill)]
