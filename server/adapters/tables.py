"""Tables of the journal."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from server.db.base import metadata

heads = Table(
    "journal_heads",
    metadata,
    Column("contest_id", String(26), primary_key=True),
    Column("position", BigInteger, nullable=False),
)

streams = Table(
    "journal_streams",
    metadata,
    Column("stream", String(26), primary_key=True),
    Column("contest_id", String(26), ForeignKey("journal_heads.contest_id"), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
)

events = Table(
    "journal_events",
    metadata,
    Column("contest_id", String(26), ForeignKey("journal_heads.contest_id"), primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("stream", String(26), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("type", String(80), nullable=False),
    Column("version", Integer, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("stage_ms", BigInteger, nullable=False),
    Column("command_id", String(64)),
    Column("payload", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("stream", "seq"),
)
Index("ix_journal_events_command", events.c.stream, events.c.command_id)

snapshots = Table(
    "journal_snapshots",
    metadata,
    Column("stream", String(26), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("code", String(80), nullable=False),
    Column("state", Text, nullable=False),
)

cursors = Table(
    "journal_cursors",
    metadata,
    Column("consumer", String(80), primary_key=True),
    Column("contest_id", String(26), ForeignKey("journal_heads.contest_id"), primary_key=True),
    Column("position", BigInteger, nullable=False),
)

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("process", String(40), primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
)
