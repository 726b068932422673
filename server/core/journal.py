"""The journal port: the append-only record that everything else is derived from (architecture section 3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from server.core.frozen import canonical_json, sha256_hex

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to be appended: `at_ms` is UTC epoch ms, `stage_ms` the attempt's net time."""

    contest_id: str
    stream: str
    type: str
    version: int
    at_ms: int
    stage_ms: int
    command_id: str | None
    payload: str
    """Canonical JSON."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as it stands in the journal; `position` counts per contest from 1, `seq` per stream from 1."""

    contest_id: str
    position: int
    stream: str
    seq: int
    type: str
    version: int
    at_ms: int
    stage_ms: int
    command_id: str | None
    payload: str
    hash: str

    def expected_hash(self, previous: str) -> str:
        """The link of the stream's chain: SHA-256 over the previous hash and everything that is said here."""
        return link(
            previous,
            self.stream,
            self.seq,
            self.type,
            self.version,
            self.at_ms,
            self.stage_ms,
            self.command_id,
            self.payload,
        )


def link(previous: str, *said: str | int | None) -> str:
    """SHA-256 (hex) of the previous hash followed by the canonical JSON of what is said."""
    return sha256_hex(previous + canonical_json(said))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A fold up to and with `seq`; `state` is JSON text and `code` names the version of the code that made it."""

    stream: str
    seq: int
    code: str
    state: str


@dataclass(frozen=True, slots=True)
class RowInsert:
    """A row that must come into being together with the events."""

    table: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RowUpdate:
    """A projection that must change together with the events: row by key, columns by name."""

    table: str
    key: Mapping[str, Any]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RowDelete:
    """Rows that must go together with the events: all that have these values; deletes come before inserts."""

    table: str
    key: Mapping[str, Any]


class Journal(Protocol):
    """Append-only streams in contests. One append is one transaction, with its projections."""

    async def append(
        self,
        events: Sequence[NewEvent],
        *,
        deletes: Sequence[RowDelete] = (),
        inserts: Sequence[RowInsert] = (),
        updates: Sequence[RowUpdate] = (),
        snapshots: Sequence[Snapshot] = (),
        expected: Mapping[str, int] | None = None,
    ) -> list[Recorded]:
        """Write all or nothing, durably, before returning; raises DiskFull or StorageFailed.

        Raises Overtaken, and writes nothing, if a stream of `expected` does not end at its sequence number.
        """
        ...

    async def read_stream(self, stream: str, after_seq: int = 0) -> list[Recorded]:
        """Events of one stream in order."""
        ...

    async def read_streams(self, after: Mapping[str, int]) -> dict[str, list[Recorded]]:
        """Events of many streams, each after its own sequence number."""
        ...

    async def read_newest(self, stream: str, limit: int) -> list[Recorded]:
        """The last events of one stream, newest first."""
        ...

    async def stream_seqs(self, streams: Sequence[str]) -> dict[str, int]:
        """The sequence number at which each of these streams ends; streams without an event are left out."""
        ...

    async def read_contest(self, contest_id: str, after_position: int, limit: int) -> list[Recorded]:
        """Events of one contest in order of position."""
        ...

    async def command_seqs(self, commands: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """Which of these (stream, command id) are journalled already, each with its last sequence number."""
        ...

    async def snapshots(self, streams: Sequence[str]) -> dict[str, Snapshot]:
        """The newest snapshot of each stream that has one."""
        ...

    async def last_ms(self) -> int:
        """The latest moment the journal knows, heartbeats included; 0 if it is empty."""
        ...

    async def heartbeat(self, at_ms: int) -> None:
        """Note that the server lived at `at_ms`."""
        ...

    async def last_heartbeat_ms(self) -> int | None:
        """When the server last lived; None on the first start."""
        ...

    async def cursor(self, consumer: str, contest_id: str) -> int:
        """The position a consumer has dealt with; 0 at first."""
        ...

    async def save_cursors(self, consumer: str, positions: Mapping[str, int]) -> None:
        """Remember positions by contest durably, all at once."""
        ...

    async def lagging(self, consumer: str) -> list[str]:
        """Contests that hold events beyond the consumer's cursor."""
        ...
