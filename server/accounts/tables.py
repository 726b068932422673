"""Tables of accounts and their log-ins."""

from sqlalchemy import BigInteger, Column, ForeignKey, String, Table

from server.db.base import metadata

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("login_name", String(80), nullable=False, unique=True),
    Column("display_name", String(80), nullable=False),
    # Roles in the order of the word list, with commas: "organiser,trainer".
    Column("roles", String(200), nullable=False),
    Column("password_hash", String(200)),
    # An entrant of a contest: takes part in it, and in nothing else.
    Column("contest_id", String(26), index=True),
    Column("closed_ms", BigInteger),
    Column("created_ms", BigInteger, nullable=False),
)

logins = Table(
    "logins",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("account_id", String(26), ForeignKey("accounts.id"), nullable=False, index=True),
    # A log-in made at a place holds there only: the place, and the machine's address.
    Column("seat_id", String(26)),
    Column("address", String(80)),
    Column("created_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
)
