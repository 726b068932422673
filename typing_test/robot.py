"""How a robot contestant takes a dictation: listens, types in bursts, slips by its skill, saves as a page does."""

import random

from server.core.contract import RobotAct
from typing_test.content import DictationContent, Item

_SAVE_EVERY_MS = 1_800
_LOOK_ALIKES = "的地得在再做作以已像象帐账"


def plan(content: DictationContent, seed: int, skill: float) -> list[RobotAct]:
    """Commands in order of net time (ms), ending well within the content's duration; equal for equal arguments."""
    chance = random.Random(seed)
    share_ms = content.duration_ms * chance.uniform(0.8, 0.95) / len(content.items)
    acts: list[RobotAct] = []
    for number, item in enumerate(content.items):
        acts += _take(content, item, chance, skill, start_ms=number * share_ms, share_ms=share_ms)
    return sorted(acts, key=lambda act: act.stage_ms)


def _take(
    content: DictationContent,
    item: Item,
    chance: random.Random,
    skill: float,
    start_ms: float,
    share_ms: float,
) -> list[RobotAct]:
    def act(at_ms: float, kind: str, **values: object) -> RobotAct:
        command = {"type": f"typing_test.{kind}", "item": item.id, **values}
        return RobotAct(stage_ms=int(at_ms), command=command)

    listen_ms = min(item.audio.duration_ms, share_ms * 0.9)
    acts = [
        act(start_ms, "open_item"),
        act(start_ms + 300, "player", act="play", position_ms=0),
        act(start_ms + 300 + listen_ms, "player", act="pause", position_ms=int(listen_ms)),
    ]
    texts = {spec.key: _slip(item.answers[spec.key].text, chance, skill) for spec in content.fields}
    total = sum(len(text) for text in texts.values()) or 1
    pace_ms = share_ms * 0.85 / total
    at_ms = start_ms + 1_000
    for spec in content.fields:
        text = texts[spec.key]
        step = max(1, int(_SAVE_EVERY_MS / pace_ms))
        for rev, end in enumerate([*range(step, len(text), step), len(text)], start=1):
            typed = text[:end]
            at_ms += pace_ms * min(step, len(text))
            acts.append(act(at_ms, "save_field", field=spec.key, text=typed, rev=rev, largest_insert=min(step, 4)))
    return acts


def _slip(text: str, chance: random.Random, skill: float) -> str:
    """The text with characters left out, exchanged or doubled, about every second at skill 0, none at skill 1."""
    typed = []
    for character in text:
        if chance.random() >= (1 - skill) * 0.5:
            typed.append(character)
            continue
        slip = chance.randrange(3)
        if slip == 0:
            typed.append(str(chance.randrange(10)) if character.isdigit() else chance.choice(_LOOK_ALIKES))
        elif slip == 1:
            typed.append(character * 2)
    return "".join(typed)
