"""Papers: import with every fault listed, contents immutable by SHA-256."""

import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from anyio import to_thread
from pydantic import ValidationError

from server.accounts.acts import Acts
from server.core.access import Permission, Principal
from server.core.blobs import Blobs
from server.core.clock import Clock
from server.core.contract import AnyModule, Content
from server.core.errors import Fault, Invalid, NotFound, faults_of
from server.core.frozen import canonical_json, sha256_hex
from server.core.ids import new_id
from server.core.journal import RowInsert, RowUpdate
from server.core.modules import Modules
from server.core.text import Text
from server.papers.repository import PapersRepository
from server.papers.schemas import ChangePaper, PaperKind, PaperView

_KINDS = get_args(PaperKind)
_CACHED = 512


class PapersService:
    """The papers that are offered, and the contents of all that ever were."""

    def __init__(self, repository: PapersRepository, modules: Modules, blobs: Blobs, acts: Acts, clock: Clock) -> None:
        self._repository = repository
        self.modules = modules
        self._blobs = blobs
        self._acts = acts
        self._clock = clock
        self._contents: OrderedDict[str, Content] = OrderedDict()

    async def add_content(self, module: AnyModule, content: Content) -> str:
        """Keep a content for ever; returns the SHA-256 of its canonical JSON."""
        body = canonical_json(content.model_dump(mode="json", by_alias=True))
        sha256 = sha256_hex(body)
        await self._repository.add_content(sha256, module.name, body)
        return sha256

    async def content(self, sha256: str) -> Content:
        """A content by SHA-256; raises NotFound."""
        if sha256 in self._contents:
            self._contents.move_to_end(sha256)
            return self._contents[sha256]
        row = await self._repository.content(sha256)
        if row is None:
            raise NotFound
        content: Content = self.modules[row.module].content_type.model_validate_json(row.body)
        self._contents[sha256] = content
        if len(self._contents) > _CACHED:
            self._contents.popitem(last=False)
        return content

    async def lasting(self, sha256: str, duration_ms: int) -> str:
        """The SHA-256 of this content with another duration (ms); its own if it lasts so long already."""
        content = await self.content(sha256)
        if content.duration_ms == duration_ms:
            return sha256
        module = self.modules[await self.module_of(sha256)]
        parts = [part.id for part in module.parts(content)]
        return await self.add_content(module, module.select(content, parts, duration_ms))

    async def module_of(self, sha256: str) -> str:
        """Which module a content belongs to; raises NotFound."""
        row = await self._repository.content(sha256)
        if row is None:
            raise NotFound
        return str(row.module)

    async def import_folder(
        self, module_name: str, kind: PaperKind, paper: Path, visible_from_ms: int | None = 0
    ) -> str:
        """Add a paper from a JSON file and the files it names beside it; returns its id.

        Raises Invalid with every fault: broken JSON, schema, missing or changed files, the linter's findings.
        """
        module = self.modules[module_name]
        content = read_content(module, paper)
        await self._import_files(module, content, paper.parent)
        if faults := [fault for fault in module.check(content) if fault.severe]:
            raise Invalid(Text(zh="试卷有错误", en="The paper has faults"), faults=_dump(faults))
        return await self.add_paper(module, content, kind, visible_from_ms)

    async def add_paper(
        self,
        module: AnyModule,
        content: Content,
        kind: PaperKind,
        visible_from_ms: int | None = 0,
        sources: Sequence[Mapping[str, Any]] | None = None,
        who: Principal | None = None,
    ) -> str:
        """Keep a content as a paper, to be practised from a moment on (UTC epoch ms; None: never); returns its id.

        `sources` are the versions of tasks that it was made of; with `who` it is journalled as an act.
        """
        now = self._clock.now_ms()
        paper_id = new_id(now)
        row = {
            "id": paper_id,
            "module": module.name,
            "kind": kind,
            "title": content.title.model_dump(mode="json", by_alias=True),
            "parts": module.progress(content, module.initial(content, 0)).total,
            "duration_ms": content.duration_ms,
            "content_sha256": await self.add_content(module, content),
            "visible_from_ms": visible_from_ms,
            "created_ms": now,
            "sources": None if sources is None else list(sources),
        }
        if who is None:
            await self._repository.add_paper(row)
        else:
            details = {"sources": row["sources"], "visible_from_ms": visible_from_ms}
            await self._acts.record(who, "paper.make", paper_id, details=details, inserts=[RowInsert("papers", row)])
        return paper_id

    async def paper(self, paper_id: str) -> tuple[PaperView, str]:
        """A paper and its content's SHA-256; raises NotFound."""
        row = await self._repository.paper(paper_id)
        if row is None:
            raise NotFound
        return self._view(row), row.content_sha256

    async def offered_paper(self, paper_id: str) -> tuple[PaperView, str]:
        """A paper that may be practised now, and its content's SHA-256; raises NotFound."""
        paper, sha256 = await self.paper(paper_id)
        if not self._visible(paper):
            raise NotFound
        return paper, sha256

    async def offered(self) -> list[PaperView]:
        """Papers that may be practised now: to warm up first, then lessons, then contest papers; oldest first."""
        return [paper for paper in await self._all() if self._visible(paper)]

    async def shelf(self, who: Principal) -> list[PaperView]:
        """Every paper, in the same order; raises NotPermitted."""
        who.require(Permission.MANAGE_PAPERS, Permission.MANAGE_CONTEST, Permission.TEACH)
        return await self._all()

    async def publish(self, who: Principal, paper_id: str, body: ChangePaper) -> PaperView:
        """Say from when on a paper may be practised; raises NotFound, NotPermitted."""
        who.require(Permission.MANAGE_PAPERS)
        await self.paper(paper_id)
        values = {"visible_from_ms": body.visible_from_ms}
        await self._acts.record(
            who, "paper.publish", paper_id, details=values, updates=[RowUpdate("papers", {"id": paper_id}, values)]
        )
        return (await self.paper(paper_id))[0]

    async def secret_sources(self) -> set[str]:
        """Tasks of the bank that stand in a contest paper which nobody may practise yet."""
        now = self._clock.now_ms()
        rows = [row for row in await self._repository.papers() if row.kind == "contest" and row.sources]
        secret = [row for row in rows if row.visible_from_ms is None or row.visible_from_ms > now]
        return {source["task_id"] for row in secret for source in row.sources}

    async def _all(self) -> list[PaperView]:
        rows = await self._repository.papers()
        return [self._view(row) for row in sorted(rows, key=lambda row: _KINDS.index(row.kind))]

    def _visible(self, paper: PaperView) -> bool:
        return paper.visible_from_ms is not None and paper.visible_from_ms <= self._clock.now_ms()

    async def _import_files(self, module: AnyModule, content: Content, folder: Path) -> None:
        faults = []
        wanted = set(module.files(content))
        for data in await to_thread.run_sync(_files_with, folder, frozenset(wanted)):
            wanted.discard(await self._blobs.put(data))
        for sha256 in sorted(wanted):
            text = Text(
                zh=f"缺少文件（SHA-256 {sha256[:12]}…），或文件已被改动",
                en=f"A file (SHA-256 {sha256[:12]}…) is missing or was changed",
            )
            faults.append(Fault(path="files", text=text))
        if faults:
            raise Invalid(Text(zh="试卷文件不完整", en="Files of the paper are missing"), faults=_dump(faults))

    def _view(self, row: Any) -> PaperView:
        return PaperView(
            paper_id=row.id,
            module=row.module,
            module_title=self.modules[row.module].title,
            title=Text.model_validate(row.title),
            kind=row.kind,
            parts=row.parts,
            duration_ms=row.duration_ms,
            visible_from_ms=row.visible_from_ms,
        )


def _files_with(folder: Path, sha256s: frozenset[str]) -> list[bytes]:
    """The files below a folder that have one of these SHA-256."""
    found = (path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".json")
    return [data for data in found if sha256_hex(data) in sha256s]


def read_content(module: AnyModule, path: Path) -> Content:
    """A content from a JSON file; raises Invalid with every fault and its path."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise Invalid(Text(zh=f"读不出 {path.name}：{error}", en=f"Can't read {path.name}: {error}")) from error
    return validated(module, raw)


def validated(module: AnyModule, raw: Mapping[str, Any]) -> Content:
    """A content from JSON data; raises Invalid with every fault and its path."""
    try:
        content: Content = module.content_type.model_validate(raw)
    except ValidationError as error:
        raise Invalid(
            Text(zh="题目内容不符合格式", en="The content breaks its schema"),
            faults=_dump(faults_of(error.errors(include_url=False, include_context=False, include_input=False))),
        ) from error
    return content


def _dump(faults: list[Fault]) -> list[dict[str, Any]]:
    return [fault.model_dump(mode="json", by_alias=True) for fault in faults]
