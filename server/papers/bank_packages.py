"""Tasks as files: a package with recordings, a table of texts, a table with recordings beside it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from anyio import to_thread

from server.contests.sheets import EXAMPLE, read_book, read_sheet
from server.contests.xlsx import Column, Page, table, tables, template, templates
from server.core.access import Permission, Principal
from server.core.authoring import SHEET, AnyAuthor, Draft
from server.core.contract import AnyModule
from server.core.errors import Invalid, Problem, TooLarge
from server.core.journal import RowInsert
from server.core.text import Text
from server.papers import bank_archive as archive
from server.papers.bank import BankService, OpenTask
from server.papers.bank_archive import Packed
from server.papers.bank_audio import BankAudio, StageRuns
from server.papers.bank_drafts import author_of, recordings_of
from server.papers.bank_pictures import fit
from server.papers.bank_schemas import MAX_FOLDER, ImportFault, ImportReport, Tags

MAX_PACKAGE_BYTES = 50_000_000
_FOLDER, _STANDARD, _KNOWLEDGE = "文件夹", "标准", "知识点"
_OURS = (
    Column(_FOLDER, False, "题目放在题库的哪个文件夹，如：听打/地址；留空则放在导入时选的文件夹"),
    Column(_STANDARD, False, "所依据的标准，如：全国职业院校技能大赛"),
    Column(_KNOWLEDGE, False, "知识点，几个之间用顿号分开，如：多音字、门牌号"),
)
_GENERAL = (
    "第一行是列标题，列的顺序可以改变；带 * 的列必须填写。",
    f"第一列以“{EXAMPLE}”开头的行不会导入。",
)
_OF_SHEETS = (
    *_GENERAL,
    "同一题的各行写同一标题；只有一道题时，标题写在“店铺”表里，其他表可以空着。",
    "没有内容的表可以删去；图片不在表格里，请导入后在题库中上传，或用题目包。",
    "礼貌用语、服务指标和评分规则也不在表格里，请导入后在题库中设置。",
)
_NOTES = (
    _GENERAL[0],
    "听打题每一行成为一个题目；呼入题每一行是一轮，标题相同的各行合成一个题目。",
    _GENERAL[1],
    "有录音时：把表格和录音文件放进同一个 zip 压缩包再导入，“录音文件”列写文件名。",
)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A task that is about to be added: where it comes from, and the recordings that came with it, by line."""

    row: int
    module: AnyModule
    draft: Draft
    folder: str
    tags: Tags
    recordings: Mapping[str, tuple[int, bytes]] = field(default_factory=dict)
    """With the row of the table that names each."""


@dataclass(frozen=True, slots=True)
class BankPackages:
    """All of a file is taken in, or nothing."""

    bank: BankService
    audio: BankAudio
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One import at a time: each may hold a whole package in memory."""

    async def export(self, who: Principal, task_ids: Sequence[str]) -> bytes:
        """Tasks with their recordings as a package; raises NotFound, NotPermitted."""
        packed: list[Packed] = []
        sha256s: set[str] = set()
        for task in [await self.bank.open(who, task_id) for task_id in dict.fromkeys(task_ids)]:
            packed.append(
                Packed(
                    module=task.module.name,
                    folder=task.row.folder,
                    tags=Tags.model_validate(task.row.tags),
                    draft=task.draft.model_dump(mode="json", by_alias=True),
                )
            )
            sha256s |= files_of(task.author, task.draft)
        paths = {sha256: await self.bank.blobs.path(sha256) for sha256 in sorted(sha256s)}
        if sum(path.stat().st_size for path in paths.values()) > MAX_PACKAGE_BYTES * 9 // 10:
            raise TooLarge(
                Text(
                    zh=f"录音和图片超过 {MAX_PACKAGE_BYTES // 1_000_000} MB，一个题目包放不下；"
                    "请少选一些题目，分几次导出",
                    en=f"More than {MAX_PACKAGE_BYTES // 1_000_000} MB of recordings: choose fewer tasks at a time",
                )
            )
        return await to_thread.run_sync(
            lambda: archive.pack(packed, {sha256: path.read_bytes() for sha256, path in paths.items()})
        )

    async def export_table(self, who: Principal, task_ids: Sequence[str]) -> bytes:
        """The texts of tasks of one module as a workbook; raises Invalid for several modules."""
        tasks = [await self.bank.open(who, task_id) for task_id in dict.fromkeys(task_ids)]
        if len({task.module.name for task in tasks}) > 1:
            raise Invalid(
                Text(
                    zh="一个表格只能导出同一竞赛模块的题目，请先按模块筛选", en="A table holds tasks of one module only"
                )
            )
        author = tasks[0].author
        rows: list[dict[str, str]] = [
            {**row, **_labels(task)}
            for task in tasks
            for part in author.parts(task.draft)
            for row in author.rows(task.draft, part.id)
        ]
        if author.sheets:
            return await to_thread.run_sync(tables, _pages(author, rows))
        return await to_thread.run_sync(table, columns_of(author), rows, "题库")

    async def template(self, who: Principal, module_name: str) -> bytes:
        """The table to fill in; raises NotFound, NotPermitted."""
        who.require(Permission.AUTHOR_TASKS)
        author = author_of(self.bank.modules[module_name])
        if author.sheets:
            return await to_thread.run_sync(templates, _pages(author), _OF_SHEETS)
        return await to_thread.run_sync(template, columns_of(author), author.example, _NOTES)

    async def import_(
        self,
        who: Principal,
        name: str,
        data: bytes,
        *,
        module_name: str,
        folder: str,
        check: bool,
        readings: int,
    ) -> ImportReport:
        """Take in a package or a table, or only look at it; raises Invalid for a file that is neither, StageRuns."""
        who.require(Permission.AUTHOR_TASKS)
        async with self.lock:
            return await self._imported(
                who, name, data, module_name=module_name, folder=folder, check=check, readings=readings
            )

    async def _imported(
        self, who: Principal, name: str, data: bytes, *, module_name: str, folder: str, check: bool, readings: int
    ) -> ImportReport:
        faults: list[ImportFault] = []
        if name.lower().endswith(".zip"):
            members = await to_thread.run_sync(archive.members_of, data)
            if archive.MANIFEST in members:
                incoming = await self._unpacked(members, faults)
            else:
                table_name = archive.table_in(members)
                incoming = await self._tabled(module_name, table_name, members[table_name], members, faults)
        else:
            incoming = await self._tabled(module_name, name, data, {}, faults)
        incoming = [replace(one, folder=one.folder or folder) for one in incoming]
        recordings = sum(len(one.recordings) for one in incoming)
        if not incoming and not any(fault.severe for fault in faults):
            faults.append(_fault(0, "", Text(zh="文件里没有题目", en="The file holds no task")))
        rows: list[dict[str, Any]] = []
        if not any(fault.severe for fault in faults):
            rows = await self._rows(who, incoming, readings, faults)
        good = not check and not any(fault.severe for fault in faults)
        if good:
            inserts = [RowInsert("bank_tasks", row) for row in rows]
            await self.bank.acts.record(
                who, "bank.import", rows[0]["id"], details={"tasks": len(rows)}, inserts=inserts
            )
        return ImportReport(
            imported=good,
            tasks=len(incoming),
            recordings=recordings,
            faults=tuple(faults),
            added=tuple(row["id"] for row in rows) if good else (),
        )

    async def _rows(
        self, who: Principal, incoming: Sequence[Incoming], readings: int, faults: list[ImportFault]
    ) -> list[dict[str, Any]]:
        """Rows of new tasks, their recordings made fit for seats; what can't be is added to `faults`.

        Raises StageRuns where there are recordings to be worked on.
        """
        if any(one.recordings for one in incoming) and await self.audio.contest_runs():
            raise StageRuns
        rows = []
        for one in incoming:
            author, draft = author_of(one.module), one.draft
            row = self.bank.row(who, one.module, draft, folder=one.folder, tags=one.tags)
            for line, (number, recording) in one.recordings.items():
                task = OpenTask(row, one.module, author, draft)
                try:
                    made = await self.audio.taken_in(task, line, recording, source="uploaded", readings=readings)
                except Invalid as problem:
                    faults.append(_fault(number, "录音文件", problem.detail))
                    continue
                draft = author.with_audio(draft, line, made)
            if one.recordings:
                row = self.bank.row(who, one.module, draft, folder=one.folder, tags=one.tags)
            rows.append(row)
        return rows

    async def _unpacked(self, members: Mapping[str, bytes], faults: list[ImportFault]) -> list[Incoming]:
        """The tasks of a package of ours; its recordings are kept."""
        found, files = await to_thread.run_sync(archive.unpack, members)
        incoming = []
        for number, packed in enumerate(found, 1):
            try:
                module = self.bank.modules[packed.module]
                author = author_of(module)
                draft = archive.draft_of(author, packed)
            except Problem as problem:
                faults.append(_fault(number, "", problem.detail))
                continue
            pictures = author.pictures(draft)
            for sha256 in sorted(files_of(author, draft) - files.keys()):
                zh, en = ("图片", "Picture") if sha256 in pictures else ("录音", "Recording")
                text = Text(
                    zh=f"缺少{zh} {sha256[:12]}…，或文件已被改动",
                    en=f"{en} {sha256[:12]}… is missing or was changed",
                )
                faults.append(_fault(number, "", text))
            for sha256, media_type in sorted(pictures.items()):
                if sha256 in files and (unfit := _unfit(files[sha256], media_type)) is not None:
                    faults.append(_fault(number, "", unfit))
            for audio in recordings_of(author, draft):
                if audio.sha256 in files and not archive.is_recording(files[audio.sha256], audio.duration_ms):
                    text = Text(
                        zh="录音文件不是这里导出的格式（Ogg Opus），或长度与题目所写不同",
                        en="A recording is no Ogg Opus of the length that the task says",
                    )
                    faults.append(_fault(number, "", text))
            incoming.append(Incoming(number, module, draft, packed.folder, packed.tags))
        if not any(fault.severe for fault in faults):
            for data in files.values():
                await self.bank.blobs.put(data)
        return incoming

    async def _tabled(
        self, module_name: str, name: str, data: bytes, beside: Mapping[str, bytes], faults: list[ImportFault]
    ) -> list[Incoming]:
        """The tasks of a table, of one part each."""
        module = self.bank.modules[module_name]
        author = author_of(module)
        rows = await to_thread.run_sync(_rows_of, author, name, data, faults)
        numbers = [row.number for row in rows]
        incoming = []
        for made in author.from_table([row.values for row in rows]):
            faults += [
                _fault(
                    numbers[one.row],
                    one.fault.path,
                    one.fault.text,
                    severe=one.fault.severe,
                    sheet=rows[one.row].sheet,
                )
                for one in made.faults
            ]
            recordings = {}
            for line, (row, file) in made.audio_files.items():
                if (recording := beside.get(file)) is not None:
                    recordings[line] = numbers[row], recording
                    continue
                text = Text(
                    zh=f"压缩包里没有录音文件“{file}”，请检查文件名，并和表格放进同一个 zip",
                    en=f"No recording {file!r} came with the table: put both into one zip",
                )
                faults.append(_fault(numbers[row], "录音文件", text, severe=bool(beside)))
            number, values = numbers[made.row], rows[made.row].values
            folder, tags = _placed(values)
            if len(folder) > MAX_FOLDER:
                text = Text(
                    zh=f"文件夹的全名不能超过 {MAX_FOLDER} 字", en=f"A folder has {MAX_FOLDER} characters at most"
                )
                faults.append(_fault(number, _FOLDER, text))
                continue
            incoming.append(Incoming(number, module, made.draft, folder, tags, recordings))
        return incoming


class Given(NamedTuple):
    """A row of a table that was handed in; `sheet` where there are several."""

    sheet: str
    number: int
    values: Mapping[str, str]


def _rows_of(author: AnyAuthor, name: str, data: bytes, faults: list[ImportFault]) -> list[Given]:
    """The rows of a table, those of a workbook sheet by sheet; raises as `read_sheet` does."""
    if author.sheets and name.lower().endswith(".xlsx"):
        pages = {page.title: page.columns for page in _pages(author)}
        book = read_book(data, pages)
        faults += [
            ImportFault(sheet=title, row=one.row, column=one.column, text=one.text, severe=one.severe)
            for title, sheet in book.sheets.items()
            for one in sheet.faults
        ]
        if not book.sheets:
            titles = "、".join(pages)
            text = Text(
                zh=f"工作簿里没有认识的工作表，应有：{titles}。请对照导入模板，不要改工作表的名称",
                en=f"No sheet of the workbook is known; there should be {titles}",
            )
            faults.append(_fault(0, "", text))
        return [
            Given(title, number, {**values, SHEET: title})
            for title in pages
            if title in book.sheets
            for number, values in book.sheets[title].rows
        ]
    sheet = read_sheet(name, data, columns_of(author))
    faults += [ImportFault(row=one.row, column=one.column, text=one.text, severe=one.severe) for one in sheet.faults]
    return [Given("", number, values) for number, values in sheet.rows]


def _pages(author: AnyAuthor, rows: Sequence[Mapping[str, str]] = ()) -> list[Page]:
    """The sheets of a workbook with their rows; what is ours stands on the first of them."""
    notes = {column.title: column for column in columns_of(author)}
    return [
        Page(
            title=sheet.title,
            columns=[notes[title] for title in sheet.columns] + ([] if number else list(_OURS)),
            rows=[row for row in rows if row[SHEET] == sheet.title],
            example=sheet.example,
        )
        for number, sheet in enumerate(author.sheets)
    ]


def columns_of(author: AnyAuthor) -> list[Column]:
    """The table's columns: the module's own, then ours."""
    own = [Column(column.title, column.required, column.note) for column in author.columns]
    return [*own, *_OURS]


def files_of(author: AnyAuthor, draft: Draft) -> set[str]:
    """SHA-256 of every recording that a draft names, as made and as handed in, and of every picture."""
    named = {sha256 for one in recordings_of(author, draft) for sha256 in (one.sha256, one.original_sha256)}
    return {sha256 for sha256 in named if sha256} | set(author.pictures(draft))


def _labels(task: OpenTask) -> dict[str, str]:
    tags = Tags.model_validate(task.row.tags)
    return {_FOLDER: task.row.folder, _STANDARD: tags.standard, _KNOWLEDGE: "、".join(tags.knowledge)}


def _placed(values: Mapping[str, str]) -> tuple[str, Tags]:
    knowledge = [part.strip() for part in values.get(_KNOWLEDGE, "").replace("，", "、").split("、")]
    folder = "/".join(part.strip() for part in values.get(_FOLDER, "").split("/") if part.strip())
    standard = values.get(_STANDARD, "")[:80]
    return folder, Tags(standard=standard, knowledge=tuple(part[:40] for part in knowledge if part)[:20])


def _unfit(data: bytes, media_type: str) -> Text | None:
    """Why a file can't be the picture that a task names."""
    try:
        found, _, _ = fit(data)
    except Problem as problem:
        return problem.detail
    if found != media_type:
        return Text(zh="图片文件的格式与题目所写不同", en="A picture is of another format than the task says")
    return None


def _fault(row: int, column: str, text: Text, *, severe: bool = True, sheet: str = "") -> ImportFault:
    return ImportFault(sheet=sheet, row=row, column=column, text=text, severe=severe)
