"""Look-ups among business records: by number, phone or customer, near-duplicates included."""

import unicodedata
from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from telephony.content import Record

MOST_FOUND = 20
_LEAST_PIECE = 4
"""Characters of a number from which a piece of it finds the record."""
_LEAST_NEAR = 8
_MOST_SLIPS = 2
"""Wrong characters in a number that is otherwise found: what was misheard is found beside what was meant."""


def normal(text: str) -> str:
    """NFKC, upper case, without spaces, hyphens and the like."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).upper() if char.isalnum())


def look_up(query: str, records: Sequence[Record]) -> tuple[str, ...]:
    """Ids of what fits: equal ones first, then those that hold the query, then those that nearly fit; then by id."""
    wanted = normal(query)
    if not wanted:
        return ()
    ranked = [(rank, record.id) for record in records if (rank := _rank(wanted, record)) is not None]
    return tuple(id_ for _, id_ in sorted(ranked)[:MOST_FOUND])


def _rank(wanted: str, record: Record) -> int | None:
    number, phone, customer = normal(record.number), normal(record.phone), normal(record.customer)
    if wanted in (number, phone, customer):
        return 0
    if len(wanted) >= _LEAST_PIECE and (wanted in number or wanted in phone):
        return 1
    if customer and (wanted in customer or (len(customer) >= 2 and customer in wanted)):
        return 1
    if len(wanted) >= _LEAST_NEAR and any(
        own and Levenshtein.distance(wanted, own, score_cutoff=_MOST_SLIPS) <= _MOST_SLIPS for own in (number, phone)
    ):
        return 2
    return None
