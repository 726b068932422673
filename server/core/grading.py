"""The port to the grading service, and what it refuses."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from server.core.dossier import ContestBrief, Dossier, WorkBrief
from server.core.errors import NotFound, Problem
from server.core.overruling import Overruling
from server.core.text import Text


class GradingAway(Problem):
    """The grading service can't be reached just now, or can't store."""

    status = 503
    code = "grading-away"
    title = Text(
        zh="评分服务暂时不可用，成绩和作品不会丢失，恢复后自动送达。请稍候重试；持续一分钟以上请告知技术人员",
        en="The grading service is away; no mark and no work is lost, all arrives by itself when it is back. "
        "Try again shortly, and tell a technician if it lasts longer than a minute",
    )
    retry = True


class GradingUnable(GradingAway):
    """It answers, but takes nothing whatever is sent: a wrong token, a full disk."""

    code = "grading-unable"
    title = Text(
        zh="评分服务拒绝连接或无法存储，成绩和作品不会丢失，排除后自动送达。请告知技术人员：核对令牌文件与磁盘空间",
        en="The grading service lets nobody in or can't store; no mark and no work is lost, all arrives by itself "
        "once this is mended. Tell a technician: check its token file and its disk",
    )


class GradingRefused(Problem):
    """The grading service does not take what was sent; sending it again unchanged is of no use."""

    status = 502
    code = "grading-refused"
    title = Text(zh="评分服务拒收", en="Refused by the grading service")


class RevisionTaken(Problem):
    """This revision of the work is there already with another body; `newest` is the last that is there."""

    status = 409
    code = "revision-taken"
    title = Text(zh="该修订号已有另一份内容", en="This revision exists with another body")

    @property
    def newest(self) -> int:
        """The last revision that is there."""
        return int(self.extra["newest"])


class BlobsMissing(Problem):
    """Files that the dossier names have not arrived; `missing` lists them by SHA-256."""

    status = 424
    code = "blobs-missing"
    title = Text(zh="评分依据文件尚未送达", en="Files of evidence have not arrived")

    @property
    def missing(self) -> tuple[str, ...]:
        """What has to be sent first."""
        return tuple(self.extra["missing"])


class WrongHash(Problem):
    """The bytes that came are not those that were announced."""

    status = 422
    code = "wrong-hash"
    title = Text(zh="文件内容与 SHA-256 不符，请重新发送", en="The bytes do not match the SHA-256; send them again")


@dataclass(frozen=True, slots=True)
class EvidenceAnswer:
    """A file of evidence on its way: HTTP status (200, 206, 416), headers to pass on, bytes."""

    status: int
    headers: Mapping[str, str]
    body: AsyncIterator[bytes]


def read_token(path: Path) -> str:
    """The bearer token in a file; raises NotFound."""
    text = path.read_text(encoding="ascii").strip() if path.is_file() else ""
    if not text:
        raise NotFound(
            Text(
                zh=f"{path} 中没有评分服务令牌，请从评分服务的 grading/token 复制",
                en=f"No token of the grading service in {path}: copy its grading/token",
            )
        )
    return text


class Grading(Protocol):
    """The grading service; every call raises GradingAway. `referee` is an opaque code, never an account."""

    async def alive(self) -> bool:
        """Whether it answers; raises nothing."""
        ...

    async def instance(self) -> str:
        """By what its database is known from another: works delivered to that one have not arrived in this one."""
        ...

    async def has(self, sha256: str) -> bool:
        """Whether a file has arrived."""
        ...

    async def put_blob(self, sha256: str, data: bytes | Path) -> None:
        """Send a file; sending it twice is harmless. Raises GradingRefused."""
        ...

    async def put_dossier(self, dossier: Dossier) -> None:
        """Send a dossier; sending it twice is harmless. Raises RevisionTaken, BlobsMissing, GradingRefused."""
        ...

    async def contests(self, referee: str) -> list[ContestBrief]:
        """Contests of which works have arrived."""
        ...

    async def works(self, referee: str, contest_code: str) -> list[WorkBrief]:
        """Works of a contest by code; raises NotFound."""
        ...

    async def work(self, referee: str, work_code: str) -> Dossier:
        """The newest revision of a work; raises NotFound."""
        ...

    async def overrulings(self, referee: str, work_code: str) -> list[Overruling]:
        """Judgements of a work that this referee overruled."""
        ...

    async def overrule(self, referee: str, work_code: str, said: Overruling) -> list[Overruling]:
        """Keep a referee's word on a judgement; answers all of theirs that hold. Raises NotFound."""
        ...

    def evidence(
        self, referee: str, work_code: str, sha256: str, byte_range: str | None
    ) -> AbstractAsyncContextManager[EvidenceAnswer]:
        """A file that the work names; raises NotFound."""
        ...
