"""What was delivered to the grading service, and the codes under which it knows contests, stages and referees."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, String, Table

from server.db.base import metadata

deliveries = Table(
    "deliveries",
    metadata,
    Column("attempt_id", String(26), ForeignKey("attempts.id"), primary_key=True),
    # The dossier's revision; taken before anything is sent, so that no number ever stands for two bodies.
    Column("revision", Integer, nullable=False),
    Column("content_sha256", String(64), nullable=False),
    Column("outcome_revision", Integer, nullable=False),
    # due, sending, delivered, failed, nothing (there is nothing to send)
    Column("status", String(20), nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    # By what the database that it was delivered to is known.
    Column("instance", String(40)),
    Column("error", String(500)),
    Column("retry_ms", BigInteger),
    Column("at_ms", BigInteger, nullable=False),
)

grading_codes = Table(
    "grading_codes",
    metadata,
    # Id of a contest, a stage or an account.
    Column("subject", String(26), primary_key=True),
    Column("code", String(12), nullable=False, unique=True),
)
