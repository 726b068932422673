"""Tables of papers: what is offered, and immutable contents by SHA-256."""

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Integer, String, Table, Text

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
)
