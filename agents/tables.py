"""Tables of places and of who sits where."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, String, Table, UniqueConstraint

from server.db.base import metadata

seats = Table(
    "seats",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("label", String(20), nullable=False, unique=True),
    Column("room", String(40), nullable=False, index=True),
    Column("spare", Boolean, nullable=False),
    # The machine that stands there: SHA-256 of its cookie, and where it was when it was bound.
    Column("token_sha256", String(64), unique=True),
    Column("address", String(80)),
    Column("bound_ms", BigInteger),
)

placements = Table(
    "placements",
    metadata,
    Column("account_id", String(26), ForeignKey("accounts.id"), primary_key=True),
    Column("contest_id", String(26), ForeignKey("contests.id"), nullable=False),
    Column("seat_id", String(26), ForeignKey("seats.id"), nullable=False),
    UniqueConstraint("contest_id", "seat_id"),
)
