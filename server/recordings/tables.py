"""Tables of recordings: what seats record and upload, what was sealed, remarks."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from server.db.base import metadata

recorders = Table(
    "recorders",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("attempt_id", String(26), ForeignKey("attempts.id"), nullable=False, index=True),
    Column("call_id", String(40), nullable=False),
    Column("token_sha256", String(64), nullable=False),
    Column("media_type", String(40), nullable=False),
    Column("began_ms", BigInteger, nullable=False),
    Column("ended_ms", BigInteger),
    # How many chunks there are, once the page has said so.
    Column("chunks", Integer),
)

chunks = Table(
    "recorder_chunks",
    metadata,
    Column("recorder_id", String(26), ForeignKey("recorders.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("arrived_ms", BigInteger, nullable=False),
    # What came late is looked for often, and a call has thousands of chunks.
    Index("ix_recorder_chunks_arrived", "recorder_id", "arrived_ms"),
)

recordings = Table(
    "recordings",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("attempt_id", String(26), ForeignKey("attempts.id"), nullable=False, index=True),
    Column("contest_id", String(26), ForeignKey("contests.id"), nullable=False, index=True),
    Column("call_id", String(40), nullable=False),
    Column("state", String(20), nullable=False, index=True),
    # Counts what was sealed: with every sealing that gave another recording.
    Column("revision", Integer, nullable=False),
    # Of the sources it was made of: the same sources give the same recording and need not be worked on again.
    Column("sources_sha256", String(64), nullable=False),
    # When these were listed: a chunk that arrived since may be missing.
    Column("listed_ms", BigInteger, nullable=False),
    Column("began_ms", BigInteger, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("sha256", String(64)),
    Column("peaks_sha256", String(64)),
    Column("stretches", JSON, nullable=False),
    # What measuring found (server.speech.voice_facts); the module's scoring reads it.
    Column("facts", JSON, nullable=False),
    Column("sealed_ms", BigInteger),
    Column("tries", Integer, nullable=False),
    Column("error", String(500)),
    # Whether the seat had handed in all that it recorded.
    Column("complete", Boolean, nullable=False),
    UniqueConstraint("attempt_id", "call_id"),
)

comments = Table(
    "recording_comments",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("recording_id", String(26), ForeignKey("recordings.id"), nullable=False),
    Column("author_id", String(26), ForeignKey("accounts.id"), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger),
    Column("body", Text, nullable=False),
    Column("made_ms", BigInteger, nullable=False),
    Index("ix_recording_comments_recording_id", "recording_id"),
)
