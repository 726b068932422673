"""Tables of accounts and their log-ins."""

from sqlalchemy import BigInteger, Column, ForeignKey, String, Table

from server.db.base import metadata

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("login_name", String(80), nullable=False, unique=True),
    Column("display_name", String(80), nullable=False),
    Column("role", String(40), nullable=False),
    Column("password_hash", String(200)),
    Column("created_ms", BigInteger, nullable=False),
)

logins = Table(
    "logins",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("account_id", String(26), ForeignKey("accounts.id"), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
)
