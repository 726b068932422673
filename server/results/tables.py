"""The table of automatic outcomes: a projection of the journal that can always be made anew."""

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Integer, String, Table

from server.db.base import metadata

outcomes = Table(
    "outcomes",
    metadata,
    Column("attempt_id", String(26), ForeignKey("attempts.id"), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("scorer_version", String(80), nullable=False),
    Column("content_sha256", String(64), nullable=False),
    Column("marks", String(20), nullable=False),
    Column("max_marks", String(20), nullable=False),
    Column("body", JSON, nullable=False),
    Column("scored_ms", BigInteger, nullable=False),
)
