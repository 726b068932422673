"""How long the automatic marks of a whole contest take: 3,000 dictated cards with human slips."""

import gc
import time
from typing import Any

from server.core.contract import Journalled
from server.core.modules import installed_modules
from tests.bench.figures import Figure
from tests.support.papers import paper
from typing_test.content import DictationContent
from typing_test.events import DictationEvent

CONTESTANTS = 300
ITEMS = 10


def measure() -> Figure:
    """CPU seconds of one process with cold caches; robots of all skills typed the cards, every save is kept."""
    module = installed_modules()["typing_test"]
    content = paper(items=ITEMS)
    skills = [0.5 + 0.5 * number / CONTESTANTS for number in range(CONTESTANTS)]
    histories = [robot_history(module, content, seed, skill) for seed, skill in enumerate(skills)]
    gc.collect()
    gc.freeze()  # a server reads one attempt after the other and holds none of the others' events
    began = time.process_time()
    marks = [float(module.score(content, history, {}).marks[0].marks) for history in histories]
    cpu_s = time.process_time() - began
    gc.unfreeze()
    return Figure(
        name="typing_test.score_3000_items_s",
        value=round(cpu_s, 3),
        unit="s CPU",
        anchor="<= 1",
        conditions={
            "items": CONTESTANTS * ITEMS,
            "contestants": CONTESTANTS,
            "characters_expected": CONTESTANTS * ITEMS * 59,
            "events": sum(len(history) for history in histories),
            "mean_marks": round(sum(marks) / len(marks), 2),
            "processes": 1,
        },
    )


def robot_history(module: Any, content: DictationContent, seed: int, skill: float) -> list[Journalled[DictationEvent]]:
    """The saves of a robot as the journal has them."""
    history: list[Journalled[DictationEvent]] = []
    for act in module.robot(content, seed, skill):
        if act.command["type"] == "typing_test.save_field":
            event = module.parse_event(act.command | {"type": "typing_test.field_saved", "v": 1, "composing": False})
            history.append(Journalled(len(history) + 1, act.stage_ms, act.stage_ms, event))
    return history
