"""How well replies are understood, and what that costs."""

import statistics
import time

from chat_sim.content import ChatContent
from chat_sim.understanding.judge import understand
from tests.bench.figures import Figure, note
from tests.chat_sim.labelled import scorer

COPIES = 3
"""Times that each labelled text is judged for the cost, each time a little different, so that nothing is cached."""


def measure() -> list[Figure]:
    """F1 against the labelled and the held-out set, kinds on stderr; CPU ms of one message with three open needs."""
    return [
        _f1("chat.understanding_f1", scorer.FIRST, ">= 0.90"),
        _f1("chat.understanding_f1_held_out", scorer.HELD_OUT, ""),
        _cost(),
    ]


def _f1(figure: str, replies: str, anchor: str) -> Figure:
    told = scorer.scores(replies)
    note(f"{figure} ({replies})")
    for line in told.table():
        note(line)
    return Figure(
        name=figure,
        value=round(told.overall.f1, 3),
        unit="F1",
        anchor=anchor,
        conditions={
            "replies": told.overall.judged,
            "precision": round(told.overall.precision, 3),
            "recall": round(told.overall.recall, 3),
            "kinds": {kind: round(tally.f1, 3) for kind, tally in sorted(told.kinds.items())},
        },
    )


def _cost() -> Figure:
    content = ChatContent.model_validate_json(scorer.needs_json())
    spent: list[float] = []
    for copy in range(COPIES + 1):
        for persona in content.personas:
            for first in range(len(persona.needs)):
                needs = persona.needs[first : first + 3]
                for need in needs:
                    began = time.thread_time()
                    understand(content, persona, needs, f"{need.reference}{'哦' * copy}")
                    spent.append((time.thread_time() - began) * 1_000)
        if copy == 0:
            spent.clear()  # the wordings of a paper are taken apart once
    return Figure(
        name="chat.understanding_p99_ms",
        value=round(statistics.quantiles(spent, n=100)[98], 2),
        unit="ms CPU",
        anchor="<= 2",
        conditions={"messages": len(spent), "p50_ms": round(statistics.median(spent), 2), "open_needs": 3},
    )
