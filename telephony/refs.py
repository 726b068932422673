"""What markers and reference wordings name a turn by: its id, with its part where another part has the same."""

from telephony.content import InboundPart, OutboundPart, RetellPart, SummaryPart, TelephonyContent
from telephony.state import RETELL


def turn_ref(content: TelephonyContent, part_id: str, turn_id: str) -> str:
    """The turn's id; `<part>.<turn>` if an earlier part has a turn of this id, too."""
    first = next((part.id for part in content.parts if turn_id in _turns(part)), part_id)
    return turn_id if first == part_id else f"{part_id}.{turn_id}"


def _turns(part: InboundPart | OutboundPart | RetellPart | SummaryPart) -> list[str]:
    if isinstance(part, InboundPart):
        return [turn.id for turn in part.turns]
    return [RETELL] if isinstance(part, RetellPart) else []
