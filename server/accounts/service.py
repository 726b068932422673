"""Accounts and log-ins: argon2 passwords, random tokens of which only the SHA-256 is kept."""

import asyncio
import secrets
from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from typing import Any

import structlog
from anyio import to_thread
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from server.accounts.repository import AccountsRepository
from server.core.access import ROLE_TITLES, Principal, Role, clashes, ordered
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
KNOWN_MS = 5_000
"""How long a log-in that was read is taken for granted; what ends one says so at once."""
_CACHED = 4096

log = structlog.get_logger()


class Incompatible(Conflict):
    """Roles that one person may not hold together."""

    code = "incompatible-roles"
    title = Text(zh="角色不能由同一人兼任", en="Incompatible roles")


class LoginElsewhere(LoginRequired):
    """A log-in made at a place came from another machine: it was copied, or the machine's address changed."""

    code = "login-elsewhere"
    title = Text(
        zh="此登录只在原赛位有效，请在本机重新输入参赛证号",
        en="This log-in holds at the place where it was made; enter the ticket number again here",
    )


def log_in_topic(token: str) -> str:
    """Bus topic on which the end of a log-in is told."""
    return _topic(sha256_hex(token))


def _topic(token_sha256: str) -> str:
    return f"login.{token_sha256}"


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
        self._known: OrderedDict[str, tuple[int, Any]] = OrderedDict()
        self._ended = 0

    async def create(
        self, login_name: str, display_name: str, roles: Role | Iterable[Role], password: str | None
    ) -> Principal:
        """A new account; without a password nobody can log in to it but by the demo's buttons.

        Raises Conflict for a name that is taken, Incompatible for roles that one person may not hold together.
        """
        held = compatible([roles] if isinstance(roles, Role) else roles)
        if await self._repository.by_login_name(login_name):
            raise Conflict(Text(zh=f"账号“{login_name}”已存在", en=f"Account {login_name!r} exists"))
        now = self._clock.now_ms()
        account_id = new_id(now)
        await self._repository.add(
            {
                "id": account_id,
                "login_name": login_name,
                "display_name": display_name,
                "roles": ",".join(held),
                "password_hash": None if password is None else await self.hashed(password),
                "created_ms": now,
            }
        )
        return Principal(account_id=account_id, roles=held, display_name=display_name)

    def hash(self, password: str) -> str:
        """The argon2 hash of a password."""
        return self._hasher.hash(password)

    async def hashed(self, password: str) -> str:
        """The same in a thread, few at a time: each costs 64 MB for a moment, and a whole class registers at once."""
        async with self._hashing:
            return await to_thread.run_sync(self.hash, password)

    async def proven(self, row: Any, password: str, name: str, address: str) -> bool:
        """Whether this is the account's password; wrong ones are counted by name and address. Raises TooMany."""
        failures = self._failures_of(name, address)
        # Counted before it is checked: many tries at once must not all pass as the first.
        failures.append(self._clock.now_ms())
        async with self._hashing:
            right = await to_thread.run_sync(self._verify, row.password_hash if row else None, password)
        if right:
            failures.clear()
        return right

    async def count(self) -> int:
        """How many accounts there are."""
        return await self._repository.count()

    async def names(self, account_ids: Sequence[str]) -> dict[str, str]:
        """Display names by id, for pages of people who may see them."""
        return await self._repository.names(account_ids)

    async def principals(self, account_ids: Sequence[str]) -> list[Principal]:
        """Who these accounts are, in the order asked; unknown and closed ones are left out."""
        rows = {row.id: row for row in await self._repository.rows(account_ids) if row.closed_ms is None}
        return [principal_of(rows[account_id]) for account_id in account_ids if account_id in rows]

    async def first_of_role(self, role: Role) -> Principal | None:
        """The oldest account of a role."""
        row = await self._repository.first_of_role(role.value)
        return None if row is None else principal_of(row)

    async def log_in(self, login_name: str, password: str, address: str) -> tuple[Principal, str]:
        """Check a password; return who it is and a new token. Raises LoginFailed, TooMany."""
        row = await self._repository.by_login_name(login_name)
        if not await self.proven(row, password, login_name, address) or row.closed_ms is not None:
            raise LoginFailed
        principal = principal_of(row)
        return principal, await self.open_login(principal)

    async def open_login(self, principal: Principal, seat_id: str | None = None, address: str | None = None) -> str:
        """A new token for somebody whose identity has been established; one made at a place holds there only."""
        token = secrets.token_urlsafe(32)
        now = self._clock.now_ms()
        await self._repository.add_login(
            {
                "token_sha256": sha256_hex(token),
                "account_id": principal.account_id,
                "seat_id": seat_id,
                "address": address,
                "created_ms": now,
                "expires_ms": now + LOGIN_MS,
            }
        )
        return token

    async def who(self, token: str | None, address: str | None = None) -> Principal:
        """Whose token this is; raises LoginRequired, or LoginElsewhere if it holds at another place only."""
        row = await self._log_in_row(sha256_hex(token)) if token else None
        if row is None:
            raise LoginRequired
        if row.seat_id is not None and row.address != address:
            log.warning("accounts.login_elsewhere", account_id=row.id, seat_id=row.seat_id, address=address)
            raise LoginElsewhere
        return principal_of(row).model_copy(update={"seat_id": row.seat_id})

    async def _log_in_row(self, token_sha256: str) -> Any:
        """The log-in's row; one read lately serves every request of a page, and ends with the log-in."""
        now_ms = self._clock.now_ms()
        kept = self._known.get(token_sha256)
        if kept is not None and now_ms - kept[0] < KNOWN_MS:
            return kept[1]
        ended = self._ended
        row = await self._repository.login(token_sha256, now_ms)
        if row is not None and ended == self._ended:  # else this one may have ended while it was read
            self._known[token_sha256] = (now_ms, row)
            if len(self._known) > _CACHED:
                self._known.popitem(last=False)
        return row

    def _forget(self, token_sha256: str) -> None:
        self._ended += 1
        self._known.pop(token_sha256, None)
        self._bus.publish(_topic(token_sha256), "ended")

    async def end_logins(self, account_id: str) -> None:
        """End every log-in of somebody, with the pages open under them."""
        for token_sha256 in await self._repository.end_logins_of(account_id):
            self._forget(token_sha256)

    async def log_out(self, token: str) -> None:
        """End a log-in, and every page that is open under it."""
        await self._repository.end_login(sha256_hex(token), self._clock.now_ms())
        self._forget(sha256_hex(token))

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


def principal_of(row: Any) -> Principal:
    """Who an account's row is."""
    return Principal(
        account_id=row.id,
        roles=tuple(Role(role) for role in row.roles.split(",")),
        display_name=row.display_name,
        contest_id=row.contest_id,
    )


def compatible(roles: Iterable[Role]) -> tuple[Role, ...]:
    """Roles in the order of the word list, each once; raises Incompatible with every pair that clashes."""
    held = ordered(roles)
    if pairs := clashes(held):
        titles = [(ROLE_TITLES[one], ROLE_TITLES[other]) for one, other in pairs]
        raise Incompatible(
            Text(
                zh="以下角色不能由同一人兼任，请去掉其中之一：" + "；".join(f"{a.zh}与{b.zh}" for a, b in titles),
                en="One person may not hold these together, take one away: "
                + "; ".join(f"{a.en} and {b.en}" for a, b in titles),
            )
        )
    return held
