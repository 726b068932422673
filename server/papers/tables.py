"""Tables of papers: what is offered, immutable contents by SHA-256, and the task bank."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Integer, String, Table, Text

from server.db.base import metadata

contents = Table(
    "paper_contents",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("module", String(40), nullable=False),
    Column("body", Text, nullable=False),
)

papers = Table(
    "papers",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("module", String(40), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("title", JSON, nullable=False),
    Column("parts", Integer, nullable=False),
    Column("duration_ms", BigInteger, nullable=False),
    Column("content_sha256", String(64), ForeignKey("paper_contents.sha256"), nullable=False),
    # From when on people may practise it; None for never.
    Column("visible_from_ms", BigInteger),
    Column("created_ms", BigInteger, nullable=False),
    # Which versions of which tasks of the bank it was made of: [{"task_id", "number"}]; null for an imported one.
    Column("sources", JSON(none_as_null=True)),
)

tasks = Table(
    "bank_tasks",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("module", String(40), nullable=False),
    # Names of folders joined by "/"; "" for the top. A folder is there as long as something lies in it.
    Column("folder", String(200), nullable=False, index=True),
    Column("tags", JSON, nullable=False),
    # Whether every trainer may see and use it; authors of contest tasks see all, a trainer sees the own ones.
    Column("shared", Boolean, nullable=False),
    Column("draft", Text, nullable=False),
    # Goes up with every change of the row: whoever saves names the one that was seen.
    Column("revision", Integer, nullable=False),
    Column("created_by", String(26), ForeignKey("accounts.id"), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("changed_by", String(26), ForeignKey("accounts.id"), nullable=False),
    Column("changed_ms", BigInteger, nullable=False),
    Column("deleted_ms", BigInteger),
)

versions = Table(
    "bank_versions",
    metadata,
    Column("task_id", String(26), ForeignKey("bank_tasks.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("content_sha256", String(64), ForeignKey("paper_contents.sha256"), nullable=False),
    # The draft as it stood, since a content doesn't tell how its recordings came to be.
    Column("draft", Text, nullable=False),
    Column("note", String(200), nullable=False),
    Column("created_by", String(26), ForeignKey("accounts.id"), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
)
