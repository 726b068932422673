"""What people say to accounts and see of them."""

from typing import Any

from pydantic import Field

from server.core.access import Role
from server.core.frozen import Frozen


class NewAccount(Frozen):
    """Somebody of the staff; the answer holds a password made by chance, shown once."""

    login_name: str = Field(min_length=2, max_length=40, pattern=r"^[^\s/:]+$")
    """Without a colon: those are the names of entrants and pupils."""
    display_name: str = Field(min_length=1, max_length=80)
    roles: tuple[Role, ...] = Field(min_length=1, max_length=13)


class ChangeAccount(Frozen):
    """What may be changed of an account; what is None stays."""

    display_name: str | None = Field(default=None, min_length=1, max_length=80)
    roles: tuple[Role, ...] | None = Field(default=None, min_length=1, max_length=13)
    closed: bool | None = None
    new_password: bool = False
    """Make a new password by chance; the answer holds it."""


class AccountView(Frozen):
    """An account of the staff, for organisers. `password` only in the answer that made it."""

    account_id: str
    login_name: str
    display_name: str
    roles: tuple[Role, ...]
    closed: bool
    created_ms: int
    password: str | None = None


class ChangePassword(Frozen):
    """One's own password."""

    old: str = Field(min_length=1, max_length=200)
    new: str = Field(min_length=8, max_length=200)


class ActView(Frozen):
    """One act of the staff, for the audit."""

    seq: int
    at_ms: int
    by: str
    """Display name."""
    act: str
    subject: str
    details: dict[str, Any]
