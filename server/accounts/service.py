"""Accounts and log-ins: argon2 passwords, random tokens of which only the SHA-256 is kept."""

import asyncio
import secrets
from collections import OrderedDict, deque
from collections.abc import Sequence
from typing import Any

from anyio import to_thread
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from server.accounts.repository import AccountsRepository
from server.core.access import Principal, Role
from server.core.bus import Bus
from server.core.clock import Clock
from server.core.errors import Conflict, LoginFailed, LoginRequired, TooMany
from server.core.frozen import sha256_hex
from server.core.ids import new_id
from server.core.text import Text

LOGIN_MS = 16 * 3600 * 1000
"""A log-in lasts a contest day."""
FAILURES_A_MINUTE = 10
"""Wrong passwords for one log-in name from one address in 60 s; another address is not affected."""
_CACHED = 4096


def log_in_topic(token: str) -> str:
    """Bus topic on which the end of a log-in is told."""
    return f"login.{sha256_hex(token)}"


class AccountsService:
    """Who is who."""

    def __init__(self, repository: AccountsRepository, clock: Clock, bus: Bus) -> None:
        self._repository = repository
        self._bus = bus
        self._clock = clock
        self._hasher = PasswordHasher()
        self._decoy: str | None = None
        self._failures: OrderedDict[tuple[str, str], deque[int]] = OrderedDict()
        self._hashing = asyncio.Semaphore(2)

    async def create(self, login_name: str, display_name: str, role: Role, password: str | None) -> Principal:
        """A new account; without a password nobody can log in to it but by the demo's buttons."""
        if await self._repository.by_login_name(login_name):
            raise Conflict(Text(zh=f"账号“{login_name}”已存在", en=f"Account {login_name!r} exists"))
        now = self._clock.now_ms()
        account_id = new_id(now)
        await self._repository.add(
            {
                "id": account_id,
                "login_name": login_name,
                "display_name": display_name,
                "role": role.value,
                "password_hash": None if password is None else self._hasher.hash(password),
                "created_ms": now,
            }
        )
        return Principal(account_id=account_id, role=role, display_name=display_name)

    async def count(self) -> int:
        """How many accounts there are."""
        return await self._repository.count()

    async def names(self, account_ids: Sequence[str]) -> dict[str, str]:
        """Display names by id, for pages of people who may see them."""
        return await self._repository.names(account_ids)

    async def first_of_role(self, role: Role) -> Principal | None:
        """The oldest account of a role."""
        row = await self._repository.first_of_role(role.value)
        return None if row is None else _principal(row)

    async def log_in(self, login_name: str, password: str, address: str) -> tuple[Principal, str]:
        """Check a password; return who it is and a new token. Raises LoginFailed, TooMany."""
        failures = self._failures_of(login_name, address)
        row = await self._repository.by_login_name(login_name)
        async with self._hashing:
            right = await to_thread.run_sync(self._verify, row.password_hash if row else None, password)
        if not right:
            failures.append(self._clock.now_ms())
            raise LoginFailed
        failures.clear()
        principal = _principal(row)
        return principal, await self.open_login(principal)

    async def open_login(self, principal: Principal) -> str:
        """A new token for somebody whose identity has been established."""
        token = secrets.token_urlsafe(32)
        now = self._clock.now_ms()
        await self._repository.add_login(
            {
                "token_sha256": sha256_hex(token),
                "account_id": principal.account_id,
                "created_ms": now,
                "expires_ms": now + LOGIN_MS,
            }
        )
        return token

    async def who(self, token: str | None) -> Principal:
        """Whose token this is; raises LoginRequired."""
        row = await self._repository.login(sha256_hex(token), self._clock.now_ms()) if token else None
        if row is None:
            raise LoginRequired
        return _principal(row)

    async def log_out(self, token: str) -> None:
        """End a log-in, and every page that is open under it."""
        await self._repository.end_login(sha256_hex(token), self._clock.now_ms())
        self._bus.publish(log_in_topic(token), "ended")

    def _verify(self, password_hash: str | None, password: str) -> bool:
        """Constant work whether or not the account exists, so that names can't be probed by time."""
        if password_hash is None:
            self._decoy = self._decoy or self._hasher.hash(secrets.token_urlsafe(16))
        try:
            self._hasher.verify(password_hash or self._decoy or "", password)
        except (Argon2Error, InvalidHashError):
            return False
        return password_hash is not None

    def _failures_of(self, login_name: str, address: str) -> deque[int]:
        """When this name failed from this address lately; raises TooMany."""
        failures = self._failures.setdefault((login_name, address), deque(maxlen=FAILURES_A_MINUTE))
        self._failures.move_to_end((login_name, address))
        if len(self._failures) > _CACHED:
            self._failures.popitem(last=False)
        if len(failures) == FAILURES_A_MINUTE and failures[0] > self._clock.now_ms() - 60_000:
            raise TooMany
        return failures


def _principal(row: Any) -> Principal:
    return Principal(account_id=row.id, role=Role(row.role), display_name=row.display_name)
