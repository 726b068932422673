"""Parts of a voice paper that a lesson may consist of."""

from collections.abc import Sequence

from server.core.contract import Part
from telephony.content import TelephonyContent


def parts(content: TelephonyContent) -> list[Part]:
    """The parts, in order."""
    return [Part(id=part.id, title=part.title) for part in content.parts]


def select(content: TelephonyContent, chosen: Sequence[str], duration_ms: int) -> TelephonyContent:
    """A paper of the chosen parts in their order, to be done in `duration_ms`; raises ValueError.

    The desk stays whole: its distracting articles and near-duplicate records are part of the exercise.
    """
    unknown = [part_id for part_id in chosen if content.part(part_id) is None]
    if unknown:
        raise ValueError(f"{'、'.join(unknown)}: 试卷中没有这些部分，请重新选择 (no such parts, choose again)")
    if not chosen:
        raise ValueError("parts: 至少选择一个部分 (choose at least one part)")
    kept = tuple(part for part in content.parts if part.id in chosen)
    changed = content.model_copy(update={"parts": kept, "duration_ms": duration_ms})
    return TelephonyContent.model_validate(changed.model_dump())
