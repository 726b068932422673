"""Tables of contests (a practice round and a lesson are ones), their stages, rosters and classes, and of orders."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Integer, String, Table, UniqueConstraint

from server.db.base import metadata

contests = Table(
    "contests",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("kind", String(20), nullable=False, index=True),
    Column("title", JSON, nullable=False),
    Column("blind", Boolean, nullable=False),
    # A lesson's class; the rules by which a roster is checked.
    Column("class_id", String(26), ForeignKey("classes.id")),
    Column("rules", JSON),
    Column("closed_ms", BigInteger),
    Column("created_ms", BigInteger, nullable=False),
)

stages = Table(
    "stages",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("contest_id", String(26), ForeignKey("contests.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("module", String(40), nullable=False),
    Column("title", JSON, nullable=False),
    Column("paper_id", String(26)),
    Column("content_sha256", String(64)),
    # After a correction of the key: what the works are scored by.
    Column("scoring_sha256", String(64)),
    Column("duration_ms", BigInteger, nullable=False),
    Column("planned_ms", BigInteger),
    # Run control, written together with the acts: when it starts by itself, and what has been done.
    Column("starts_ms", BigInteger),
    Column("armed_ms", BigInteger),
    Column("started_ms", BigInteger),
    Column("closed_ms", BigInteger),
)

entrants = Table(
    "entrants",
    metadata,
    Column("account_id", String(26), ForeignKey("accounts.id"), primary_key=True),
    Column("contest_id", String(26), ForeignKey("contests.id"), nullable=False),
    Column("ticket_number", String(40), nullable=False),
    Column("contestant_code", String(12), nullable=False, unique=True),
    Column("delegation", String(80), nullable=False),
    Column("group_title", String(40), nullable=False),
    Column("coach", String(80), nullable=False),
    UniqueConstraint("contest_id", "ticket_number"),
)

classes = Table(
    "classes",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("title", String(80), nullable=False),
    # By the code pupils log in, and register themselves as long as that is open.
    Column("code", String(12), unique=True),
    Column("registration", Boolean, nullable=False),
    Column("created_by", String(26), ForeignKey("accounts.id"), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
)

pupils = Table(
    "pupils",
    metadata,
    Column("account_id", String(26), ForeignKey("accounts.id"), primary_key=True),
    Column("class_id", String(26), ForeignKey("classes.id"), nullable=False),
    Column("number", String(40), nullable=False),
    UniqueConstraint("class_id", "number"),
)

orders = Table(
    "orders",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("contest_id", String(26), ForeignKey("contests.id"), nullable=False, index=True),
    Column("stage_id", String(26), ForeignKey("stages.id"), nullable=False),
    Column("body", JSON, nullable=False),
    Column("status", String(20), nullable=False),
    Column("affected", Integer, nullable=False),
    Column("proposed_by", String(26), ForeignKey("accounts.id"), nullable=False),
    Column("proposed_ms", BigInteger, nullable=False),
    Column("confirmed_by", String(26), ForeignKey("accounts.id")),
    Column("settled_ms", BigInteger),
)

announcements = Table(
    "announcements",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("contest_id", String(26), ForeignKey("contests.id"), nullable=False, index=True),
    Column("body", String(1000), nullable=False),
    # None for the whole hall.
    Column("room", String(40)),
    Column("announced_by", String(26), ForeignKey("accounts.id"), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)
