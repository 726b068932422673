"""The table of attempts: who takes what, and the projection of how it stands."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table, UniqueConstraint

from server.db.base import metadata

attempts = Table(
    "attempts",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("contest_id", String(26), ForeignKey("contests.id"), nullable=False, index=True),
    Column("stage_id", String(26), ForeignKey("stages.id"), nullable=False, index=True),
    Column("contestant_id", String(26), ForeignKey("accounts.id"), nullable=False, index=True),
    Column("module", String(40), nullable=False),
    Column("content_sha256", String(64), ForeignKey("paper_contents.sha256"), nullable=False),
    Column("work_code", String(12), nullable=False, unique=True),
    Column("opened_ms", BigInteger, nullable=False),
    # Projection of the stream, written in the same transaction as its events:
    Column("seq", BigInteger, nullable=False),
    Column("phase", String(20), nullable=False, index=True),
    Column("started_ms", BigInteger),
    Column("closed_ms", BigInteger),
    Column("net_ms", BigInteger),
    Column("help_since_ms", BigInteger),
    Column("delayed_behind", String(26), index=True),
    Column("last_event_ms", BigInteger, nullable=False),
    Column("progress_done", Integer, nullable=False),
    Column("progress_total", Integer, nullable=False),
    UniqueConstraint("stage_id", "contestant_id"),
)
