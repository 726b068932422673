"""The table of automatic outcomes: a projection of the journal that can always be made anew."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Integer, String, Table

from server.db.base import metadata

outcomes = Table(
    "outcomes",
    metadata,
    Column("attempt_id", String(26), ForeignKey("attempts.id"), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("scorer_version", String(80), nullable=False),
    Column("content_sha256", String(64), nullable=False),
    # It could not be worked out: then there is no mark, no body and no version of a scorer.
    Column("failed", Boolean, nullable=False),
    Column("marks", String(20)),
    Column("max_marks", String(20)),
    Column("body", JSON(none_as_null=True)),
    Column("scored_ms", BigInteger, nullable=False),
)

corrections = Table(
    "corrections",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("contest_id", String(26), ForeignKey("contests.id"), nullable=False, index=True),
    Column("stage_id", String(26), ForeignKey("stages.id"), nullable=False, index=True),
    Column("corrected_by", String(26), ForeignKey("accounts.id"), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("old_sha256", String(64), nullable=False),
    Column("new_sha256", String(64), nullable=False),
    # {before, after}: the corrected lines; {scored, marks: [{work_code, old, new}], failed: [work_code]}.
    Column("key", JSON, nullable=False),
    Column("changes", JSON, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)
