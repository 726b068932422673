"""题库: tasks that are written here, kept in folders, and made into versions that papers can use."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from anyio import to_thread
from pydantic import ValidationError

from server.accounts.acts import Acts
from server.accounts.service import AccountsService
from server.core.access import Permission, Principal
from server.core.authoring import AnyAuthor, Draft
from server.core.blobs import Blobs
from server.core.clock import Clock
from server.core.contract import AnyModule, Content
from server.core.errors import BlobDamaged, Conflict, Fault, Invalid, NotFound, Overtaken
from server.core.ids import new_id
from server.core.journal import RowInsert, RowUpdate
from server.core.media_types import media_type_of
from server.core.modules import Modules
from server.core.text import Text
from server.papers.bank_drafts import author_of, dumped, is_stale, parsed, with_known_audio
from server.papers.bank_repository import BankRepository, Newest
from server.papers.bank_schemas import (
    MAX_FOLDER,
    ChangeTask,
    Invent,
    NewTask,
    NewVersion,
    PartView,
    RenameFolder,
    Seen,
    Tags,
    TaskBrief,
    TaskView,
    VersionView,
)
from server.papers.service import PapersService


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that the asker may see, with its draft parsed."""

    row: Any
    module: AnyModule
    author: AnyAuthor
    draft: Draft


class Summary(NamedTuple):
    """What the list says of a draft."""

    title: Text
    parts: int
    severe: int


@dataclass(frozen=True, slots=True)
class BankService:
    """Who writes sees the own tasks and the shared ones; whoever manages papers sees all."""

    repository: BankRepository
    papers: PapersService
    accounts: AccountsService
    modules: Modules
    blobs: Blobs
    acts: Acts
    clock: Clock
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while a version is made: its number follows from those that are there."""
    summaries: dict[str, tuple[int, Summary]] = field(default_factory=dict)
    """By task, with the revision they were worked out for."""

    async def tasks(self, who: Principal, *, deleted: bool = False) -> list[TaskBrief]:
        """What the asker may see, by folder; raises NotPermitted."""
        who.require(Permission.AUTHOR_TASKS)
        rows = await self.repository.tasks(None if who.may(Permission.MANAGE_PAPERS) else who.account_id)
        rows = [row for row in rows if (row.deleted_ms is not None) is deleted and row.module in self.modules]
        newest = await self.repository.newest()
        names = await self.accounts.names([*{row.changed_by for row in rows}])
        found = await to_thread.run_sync(lambda: [self._summary(row) for row in rows])
        return [
            self._brief(who, row, summary, names, newest.get(row.id)) for row, summary in zip(rows, found, strict=True)
        ]

    async def open(self, who: Principal, task_id: str) -> OpenTask:
        """A task that the asker may see; raises NotFound, NotPermitted."""
        who.require(Permission.AUTHOR_TASKS)
        row = await self.repository.task(task_id)
        if row is None or not _may_see(who, row):
            raise NotFound(_GONE)
        return self._opened(row)

    async def view(self, who: Principal, task_id: str) -> TaskView:
        """A task with draft, faults and versions; raises NotFound, NotPermitted."""
        task = await self.open(who, task_id)
        row, author, draft = task.row, task.author, task.draft
        history = await self.repository.versions([task_id])
        names = await self.accounts.names([row.changed_by, *(one.created_by for one in history)])
        found = await to_thread.run_sync(author.faults, draft)
        lines = author.lines(draft)
        newest = history[0] if history else None
        standing = None if newest is None else Newest(newest.number, newest.draft == row.draft)
        brief = self._brief(who, row, _summary(task, found), names, standing)
        return TaskView(
            **brief.model_dump(),
            revision=row.revision,
            draft=draft.model_dump(mode="json", by_alias=True),
            found=tuple(found),
            draft_parts=tuple(
                PartView(id=line.id, title=line.title, stale=is_stale(author, draft, line.id)) for line in lines
            ),
            history=tuple(
                VersionView(
                    number=one.number,
                    note=one.note,
                    created_by=names.get(one.created_by, ""),
                    created_ms=one.created_ms,
                    content_sha256=one.content_sha256,
                )
                for one in history
            ),
        )

    async def add(self, who: Principal, body: NewTask) -> TaskView:
        """A new task, empty or a copy; raises NotFound, NotPermitted, Invalid."""
        who.require(Permission.AUTHOR_TASKS)
        module = self.modules[body.module]
        title = Text(zh=body.title)
        tags = Tags()
        if body.copy_of is None:
            draft = author_of(module).blank(title)
        else:
            source = await self.open(who, body.copy_of)
            module, tags = source.module, Tags.model_validate(source.row.tags)
            draft = source.draft.model_copy(update={"title": title})
        row = self.row(who, module, draft, folder=body.folder, tags=tags)
        await self.acts.record(who, "bank.add", row["id"], inserts=[RowInsert("bank_tasks", row)])
        return await self.view(who, row["id"])

    def row(self, who: Principal, module: AnyModule, draft: Draft, *, folder: str, tags: Tags) -> dict[str, Any]:
        """The row of a new task."""
        now = self.clock.now_ms()
        return {
            "id": new_id(now),
            "module": module.name,
            "folder": folder,
            "tags": tags.model_dump(mode="json"),
            "shared": False,
            "draft": dumped(draft),
            "revision": 1,
            "created_by": who.account_id,
            "created_ms": now,
            "changed_by": who.account_id,
            "changed_ms": now,
        }

    async def change(self, who: Principal, task_id: str, body: ChangeTask) -> TaskView:
        """Save the draft, move, tag or share; raises NotFound, NotPermitted, Invalid, Overtaken."""
        task = await self.open(who, task_id)
        values: dict[str, Any] = {}
        if body.draft is not None:
            draft = parsed(task.author, body.draft)
            values["draft"] = dumped(with_known_audio(task.author, draft, task.draft))
        if body.folder is not None:
            values["folder"] = body.folder
        if body.tags is not None:
            values["tags"] = body.tags.model_dump(mode="json")
        if body.shared is not None and body.shared != task.row.shared:
            return await self._share(who, task, body.seen, {**values, "shared": body.shared})
        await self.save(who, task, body.seen, values)
        return await self.view(who, task_id)

    def expect(self, who: Principal, task: OpenTask, seen: int, *, deleted: bool = False) -> None:
        """Raise Conflict for a task that is another's, or in the bin (unless `deleted`); Overtaken for a new one."""
        if not _may_change(who, task.row):
            raise Conflict(_NOT_YOURS)
        if task.row.deleted_ms is not None and not deleted:
            raise Conflict(_DELETED)
        if task.row.revision != seen:
            raise Overtaken(_OVERTAKEN)

    async def save(self, who: Principal, task: OpenTask, seen: int, values: dict[str, Any]) -> None:
        """Write a change of a task's row; raises Overtaken, Conflict for one that is another's or deleted."""
        self.expect(who, task, seen)
        stamp = {"changed_by": who.account_id, "changed_ms": self.clock.now_ms()}
        if not await self.repository.change(task.row.id, seen, {**values, **stamp}):
            raise Overtaken(_OVERTAKEN)

    async def expected(self, who: Principal, task_id: str, seen: int) -> None:
        """Raise what an act on the task as it was seen would raise: before its body is read."""
        self.expect(who, await self.open(who, task_id), seen)

    async def _share(self, who: Principal, task: OpenTask, seen: int, values: dict[str, Any]) -> TaskView:
        """Open a task to every trainer, or take that back: an act, and none for a contest that is still secret."""
        self.expect(who, task, seen)
        task_id = task.row.id
        if values["shared"] and task_id in await self.papers.secret_sources():
            raise Conflict(
                Text(
                    zh="这个题目在尚未公开的竞赛试卷中，不能公开给教师；请等试卷公开以后",
                    en="The task stands in a contest paper that is not public yet: it can't be opened to trainers",
                )
            )
        now = {"changed_by": who.account_id, "changed_ms": self.clock.now_ms(), "revision": seen + 1}
        update = RowUpdate("bank_tasks", {"id": task_id, "revision": seen}, {**values, **now})
        details = {"shared": values["shared"]}
        await self.acts.record(who, "bank.share", task_id, details=details, updates=[update])
        return await self.view(who, task_id)

    async def save_draft(self, who: Principal, task: OpenTask, seen: int, draft: Draft) -> TaskView:
        """Write another draft; raises Overtaken, Conflict."""
        await self.save(who, task, seen, {"draft": dumped(draft)})
        return await self.view(who, task.row.id)

    async def invent(self, who: Principal, task_id: str, body: Invent, seed: int) -> TaskView:
        """Fictitious data for a part; raises NotFound, NotPermitted, Invalid, Overtaken."""
        task = await self.open(who, task_id)
        return await self.save_draft(who, task, body.seen, task.author.invent(task.draft, body.part, seed))

    async def delete(self, who: Principal, task_id: str, seen: int, *, back: bool = False) -> None:
        """Put a task into the bin, or take it out again; papers made of it stay. Raises as `save` does."""
        task = await self.open(who, task_id)
        self.expect(who, task, seen, deleted=True)
        values = {"deleted_ms": None if back else self.clock.now_ms(), "revision": seen + 1}
        act = "bank.take_back" if back else "bank.delete"
        await self.acts.record(
            who, act, task_id, updates=[RowUpdate("bank_tasks", {"id": task_id, "revision": seen}, values)]
        )

    async def make_version(self, who: Principal, task_id: str, body: NewVersion) -> TaskView:
        """Make the draft a version; raises Invalid with every severe fault, Overtaken, Conflict if nothing changed."""
        async with self.lock:
            task = await self.open(who, task_id)
            self.expect(who, task, body.seen)
            content = await to_thread.run_sync(task.author.content, task.draft)
            await self._require_files(task.module, content, task.author.pictures(task.draft))
            newest = await self.repository.version(task_id, None)
            if newest is not None and newest.draft == task.row.draft:
                raise Conflict(
                    Text(
                        zh=f"内容与版本 {newest.number} 相同，不需要新的版本",
                        en=f"Nothing has changed since version {newest.number}",
                    )
                )
            number = 1 if newest is None else newest.number + 1
            row = {
                "task_id": task_id,
                "number": number,
                "content_sha256": await self.papers.add_content(task.module, content),
                "draft": task.row.draft,
                "note": body.note,
                "created_by": who.account_id,
                "created_ms": self.clock.now_ms(),
            }
            # The draft must still be the one that was judged when the version is written.
            update = RowUpdate("bank_tasks", {"id": task_id, "revision": body.seen}, {"revision": body.seen + 1})
            insert = RowInsert("bank_versions", row)
            details = {"number": number}
            await self.acts.record(who, "bank.version", task_id, details=details, inserts=[insert], updates=[update])
        return await self.view(who, task_id)

    async def _require_files(self, module: AnyModule, content: Content, pictures: Mapping[str, str]) -> None:
        """Raise Invalid if a file of a content is not whole, or no picture where a seat would show one."""
        for sha256 in sorted(module.files(content)):
            try:
                path = await self.blobs.path(sha256)
                if sha256 in pictures and media_type_of(path) != pictures[sha256]:
                    raise NotFound
            except (NotFound, BlobDamaged) as error:
                raise Invalid(
                    Text(
                        zh="有的录音或图片已缺失或损坏，请重新合成、录制或上传",
                        en=f"A recording or picture ({sha256[:12]}…) is missing or damaged: make it anew",
                    )
                ) from error

    async def version(self, who: Principal, task_id: str, number: int) -> dict[str, Any]:
        """The draft that a version was made of; raises NotFound, NotPermitted."""
        task = await self.open(who, task_id)
        version = await self.repository.version(task_id, number)
        if version is None:
            raise NotFound
        return dict(parsed(task.author, json.loads(version.draft)).model_dump(mode="json", by_alias=True))

    async def take_version(self, who: Principal, task_id: str, number: int, body: Seen) -> TaskView:
        """Make a version the draft again; raises NotFound, Overtaken."""
        task = await self.open(who, task_id)
        version = await self.repository.version(task_id, number)
        if version is None:
            raise NotFound
        return await self.save_draft(who, task, body.seen, parsed(task.author, json.loads(version.draft)))

    async def preview(self, who: Principal, task_id: str) -> Any:
        """The draft as a contestant sees it; raises Invalid with every severe fault."""
        task = await self.open(who, task_id)
        return task.module.seat_content(await to_thread.run_sync(task.author.content, task.draft))

    async def rename_folder(self, who: Principal, body: RenameFolder) -> int:
        """Move the tasks that the asker may change from a folder, and from below it; returns how many.

        Raises NotFound if there are none, NotPermitted.
        """
        who.require(Permission.AUTHOR_TASKS)
        rows = [row for row in await self.repository.tasks(None) if _may_change(who, row)]
        moved = [row for row in rows if f"{row.folder}/".startswith(f"{body.old}/")]
        if not moved:
            raise NotFound(Text(zh=f"没有您的文件夹“{body.old}”", en=f"No folder {body.old!r} of yours"))
        updates = [
            RowUpdate(
                "bank_tasks",
                {"id": row.id, "revision": row.revision},
                {"folder": f"{body.new}{row.folder[len(body.old) :]}".strip("/"), "revision": row.revision + 1},
            )
            for row in moved
        ]
        if any(len(update.values["folder"]) > MAX_FOLDER for update in updates):
            raise Invalid(
                Text(
                    zh=f"文件夹的全名不能超过 {MAX_FOLDER} 字", en=f"Folder names have {MAX_FOLDER} characters at most"
                )
            )
        await self.acts.record(who, "bank.move_folder", moved[0].id, details={"tasks": len(moved)}, updates=updates)
        return len(moved)

    def _opened(self, row: Any) -> OpenTask:
        module = self.modules[row.module]
        author = author_of(module)
        return OpenTask(row, module, author, author.draft_type.model_validate_json(row.draft))

    def _summary(self, row: Any) -> Summary:
        """What the list says of a draft, worked out once a revision; one that can't be read is told as a fault."""
        known = self.summaries.get(row.id)
        if known is not None and known[0] == row.revision:
            return known[1]
        try:
            task = self._opened(row)
            summary = _summary(task, task.author.faults(task.draft))
        except ValidationError:
            summary = Summary(Text(zh="（草稿无法读取）", en="(unreadable draft)"), 0, 1)
        self.summaries[row.id] = (row.revision, summary)
        return summary

    def _brief(
        self, who: Principal, row: Any, summary: Summary, names: dict[str, str], newest: Newest | None
    ) -> TaskBrief:
        return TaskBrief(
            task_id=row.id,
            module=row.module,
            module_title=self.modules[row.module].title,
            folder=row.folder,
            title=summary.title,
            tags=Tags.model_validate(row.tags),
            shared=row.shared,
            own=_may_change(who, row),
            parts=summary.parts,
            faults=summary.severe,
            versions=0 if newest is None else newest.number,
            changed=newest is None or not newest.same,
            changed_by=names.get(row.changed_by, ""),
            changed_ms=row.changed_ms,
            deleted_ms=row.deleted_ms,
        )


def _summary(task: OpenTask, found: Sequence[Fault]) -> Summary:
    return Summary(task.draft.title, len(task.author.parts(task.draft)), sum(one.severe for one in found))


def _may_see(who: Principal, row: Any) -> bool:
    return bool(row.shared) or _may_change(who, row)


def _may_change(who: Principal, row: Any) -> bool:
    return row.created_by == who.account_id or who.may(Permission.MANAGE_PAPERS)


_GONE = Text(zh="没有这个题目，或者它不是您的题目，也没有公开给教师", en="No such task, or it is not yours to see")
_DELETED = Text(zh="题目在回收站中，请先恢复", en="The task is in the bin: take it out first")
_NOT_YOURS = Text(
    zh="这是别人公开的题目，不能修改；请先“复制为新题目”", en="Somebody else's shared task: make a copy of it first"
)
_OVERTAKEN = Text(
    zh="题目刚刚在别处修改过，您的修改没有保存；请复制要保留的文字，再刷新",
    en="The task was changed elsewhere and yours was not saved: copy what you want to keep, then reload",
)
