"""Tables of contests (a practice round is one) and their stages."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, String, Table

from server.db.base import metadata

contests = Table(
    "contests",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("title", JSON, nullable=False),
    Column("blind", Boolean, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
)

stages = Table(
    "stages",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("contest_id", String(26), ForeignKey("contests.id"), nullable=False, index=True),
    Column("module", String(40), nullable=False),
    Column("title", JSON, nullable=False),
    Column("paper_id", String(26)),
    Column("duration_ms", BigInteger, nullable=False),
)
