"""Fictitious cases for a part of any form; numbers are right in form and given to nobody."""

import random

from telephony.draft import (
    DraftArticle,
    DraftDesk,
    DraftInbound,
    DraftOutbound,
    DraftRecord,
    DraftRetell,
    TelephonyDraft,
)
from telephony.invent_inbound import inbound
from telephony.invent_outbound import outbound
from telephony.invent_practice import retell, summary


def invent(draft: TelephonyDraft, part_id: str, seed: int) -> TelephonyDraft:
    """The draft with a fictitious case in a part; articles and records of that part are made anew. Raises Invalid."""
    part = draft.part(part_id)
    chance = random.Random(f"{part.kind} {part_id} {seed}")
    articles: tuple[DraftArticle, ...] = ()
    records: tuple[DraftRecord, ...] = ()
    if isinstance(part, DraftInbound):
        made, articles, records = inbound(part, chance)
        draft = draft.with_part(made)
    elif isinstance(part, DraftOutbound):
        outgoing, articles = outbound(part, chance)
        draft = draft.with_part(outgoing)
    elif isinstance(part, DraftRetell):
        draft = draft.with_part(retell(part, chance))
    else:
        draft = draft.with_part(summary(part, chance))
    own = f"{part_id}-"
    desk = DraftDesk(
        articles=tuple(one for one in draft.desk.articles if not one.id.startswith(own)) + articles,
        records=tuple(one for one in draft.desk.records if not one.id.startswith(own)) + records,
        transfers=draft.desk.transfers,
    )
    return draft.model_copy(update={"desk": desk})
