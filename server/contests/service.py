"""Contests and stages. The practice round: a contest of one stage and one trainee, not blind."""

from dataclasses import dataclass

from server.core.frozen import Frozen
from server.core.ids import new_id
from server.core.journal import RowInsert
from server.core.text import Text


class PracticeRound(Frozen):
    """The ids of a new practice round."""

    contest_id: str
    stage_id: str


@dataclass(frozen=True, slots=True)
class PlannedRound:
    """A practice round and the rows that make it; they are written together with its first event."""

    round: PracticeRound
    inserts: tuple[RowInsert, ...]


def plan_practice(module: str, title: Text, paper_id: str | None, duration_ms: int, at_ms: int) -> PlannedRound:
    """A new practice round at `at_ms` (UTC epoch ms)."""
    contest_id, stage_id = new_id(at_ms), new_id(at_ms)
    title_json = title.model_dump(mode="json", by_alias=True)
    contest = RowInsert(
        "contests",
        {"id": contest_id, "kind": "practice", "title": title_json, "blind": False, "created_ms": at_ms},
    )
    stage = RowInsert(
        "stages",
        {
            "id": stage_id,
            "contest_id": contest_id,
            "module": module,
            "title": title_json,
            "paper_id": paper_id,
            "duration_ms": duration_ms,
        },
    )
    return PlannedRound(PracticeRound(contest_id=contest_id, stage_id=stage_id), (contest, stage))
