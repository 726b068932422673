"""题库: writing tasks, their recordings, versions, papers made of them, import and export."""

import secrets
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from server.core.access import Permission
from server.papers.bank_audio import MAX_AUDIO_BYTES
from server.papers.bank_packages import MAX_PACKAGE_BYTES
from server.papers.bank_pictures import MAX_PICTURE_BYTES
from server.papers.bank_schemas import (
    ChangeTask,
    Confirm,
    Folder,
    ImportReport,
    Invent,
    NewPaper,
    NewTask,
    NewVersion,
    PictureView,
    RenameFolder,
    Seen,
    Speak,
    TaskBrief,
    TaskView,
    Trial,
    TrialView,
    VoicesView,
)
from server.papers.schemas import PaperView
from server.web.context import Served, Who
from server.web.files import TaskFile
from server.web.sheets import XLSX, download
from server.web.uploads import read_body

router = APIRouter(prefix="/bank", tags=["bank"])

ZIP: dict[int | str, dict[str, Any]] = {200: {"content": {"application/zip": {}}, "description": "A package"}}
SOUND: dict[int | str, dict[str, Any]] = {200: {"content": {"audio/ogg": {}}, "description": "A recording"}}
IMAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/webp": {}, "image/png": {}}, "description": "A picture"}
}
Tasks = Annotated[list[str], Query(alias="task", min_length=1, max_length=500)]
_BINARY = {"requestBody": {"required": True, "content": {"application/octet-stream": {}}}}


@router.get("/tasks")
async def tasks(who: Who, services: Served, deleted: bool = False) -> list[TaskBrief]:
    """Tasks that the asker may see, or those in the bin."""
    return await services.bank.tasks(who, deleted=deleted)


@router.post("/tasks", status_code=201)
async def add(body: NewTask, who: Who, services: Served) -> TaskView:
    """A new task, empty or a copy."""
    return await services.bank.add(who, body)


@router.get("/tasks/{task_id}")
async def task(task_id: str, who: Who, services: Served) -> TaskView:
    """A task with its draft, all that is wrong with it, and its versions."""
    return await services.bank.view(who, task_id)


@router.patch("/tasks/{task_id}")
async def change(task_id: str, body: ChangeTask, who: Who, services: Served) -> TaskView:
    """Save the draft, move, tag or share."""
    return await services.bank.change(who, task_id, body)


@router.delete("/tasks/{task_id}", status_code=204)
async def delete(task_id: str, seen: int, who: Who, services: Served) -> None:
    """Put it into the bin."""
    await services.bank.delete(who, task_id, seen)


@router.post("/tasks/{task_id}/undelete", status_code=204)
async def undelete(task_id: str, body: Seen, who: Who, services: Served) -> None:
    """Take it out of the bin."""
    await services.bank.delete(who, task_id, body.seen, back=True)


@router.post("/tasks/{task_id}/invent")
async def invent(task_id: str, body: Invent, who: Who, services: Served) -> TaskView:
    """Fictitious data for one part."""
    return await services.bank.invent(who, task_id, body, secrets.randbits(32))


@router.post("/tasks/{task_id}/versions", status_code=201)
async def make_version(task_id: str, body: NewVersion, who: Who, services: Served) -> TaskView:
    """Make the draft a version that papers can use."""
    return await services.bank.make_version(who, task_id, body)


@router.get("/tasks/{task_id}/versions/{number}")
async def version(task_id: str, number: int, who: Who, services: Served) -> dict[str, Any]:
    """What a version was made of, in the shape of a draft."""
    return await services.bank.version(who, task_id, number)


@router.post("/tasks/{task_id}/versions/{number}/take")
async def take_version(task_id: str, number: int, body: Seen, who: Who, services: Served) -> TaskView:
    """Make an older version the draft again."""
    return await services.bank.take_version(who, task_id, number, body)


@router.get("/tasks/{task_id}/preview")
async def preview(task_id: str, who: Who, services: Served) -> dict[str, Any]:
    """The draft as a contestant sees it, in the module's own shape."""
    seen = await services.bank.preview(who, task_id)
    return dict(seen.model_dump(mode="json", by_alias=True))


@router.post("/tasks/{task_id}/trial")
async def trial(task_id: str, body: Trial, who: Who, services: Served) -> TrialView:
    """The task as a seat would have it after these acts, in virtual time; nothing is kept."""
    return await services.trials.run(who, task_id, body)


@router.get("/tasks/{task_id}/plan")
async def plan(task_id: str, who: Who, services: Served) -> dict[str, Any]:
    """What every seat will meet, by the draft as it stands; in the module's own shape."""
    return await services.bank_papers.plan_of_task(who, task_id)


@router.get("/papers/{paper_id}/plan")
async def paper_plan(paper_id: str, who: Who, services: Served) -> dict[str, Any]:
    """What every seat will meet, or has met, with this paper."""
    return await services.bank_papers.plan_of_paper(who, paper_id)


@router.put("/tasks/{task_id}/pictures", openapi_extra=_BINARY)
async def hand_in_picture(task_id: str, request: Request, who: Who, services: Served) -> PictureView:
    """A picture for the task's draft (PNG, WebP)."""
    who.require(Permission.AUTHOR_TASKS)
    data = await read_body(request, MAX_PICTURE_BYTES)
    return await services.bank_pictures.hand_in(who, task_id, data)


@router.get("/tasks/{task_id}/pictures/{sha256}", response_class=Response, responses=IMAGE)
async def picture(task_id: str, sha256: str, who: Who, services: Served) -> TaskFile:
    """A picture of the task's draft."""
    return TaskFile(*await services.bank_pictures.file(who, task_id, sha256))


@router.get("/voices")
async def voices(who: Who, services: Served) -> VoicesView:
    """What can read aloud on this server."""
    return await services.bank_audio.voices(who)


@router.get("/tasks/{task_id}/parts/{part}/recording", response_class=Response, responses=SOUND)
async def recording(task_id: str, part: str, who: Who, services: Served) -> TaskFile:
    """The recording of a part; add its SHA-256 to the address, so that another one has another address."""
    return TaskFile(await services.bank_audio.file(who, task_id, part), "audio/ogg")


@router.put("/tasks/{task_id}/parts/{part}/recording", openapi_extra=_BINARY)
async def hand_in(
    task_id: str,
    part: str,
    seen: int,
    source: Literal["recorded", "uploaded"],
    request: Request,
    who: Who,
    services: Served,
    readings: Annotated[int, Query(ge=1, le=2)] = 2,
) -> TaskView:
    """A recording of a person, as it is (wav, mp3, m4a, amr, webm…)."""
    await services.bank.expected(who, task_id, seen)
    data = await read_body(request, MAX_AUDIO_BYTES)
    return await services.bank_audio.hand_in(who, task_id, part, seen, data, source=source, readings=readings)


@router.delete("/tasks/{task_id}/parts/{part}/recording")
async def remove(task_id: str, part: str, seen: int, who: Who, services: Served) -> TaskView:
    """Take the recording out."""
    return await services.bank_audio.remove(who, task_id, part, seen)


@router.post("/tasks/{task_id}/parts/{part}/speech")
async def speak(task_id: str, part: str, body: Speak, who: Who, services: Served) -> TaskView:
    """Let a voice read the part; takes about half as long as the recording lasts."""
    return await services.bank_audio.speak(who, task_id, part, body)


@router.post("/tasks/{task_id}/parts/{part}/confirm")
async def confirm(task_id: str, part: str, body: Confirm, who: Who, services: Served) -> TaskView:
    """试听并确认, or take that back."""
    return await services.bank_audio.confirm(who, task_id, part, body)


@router.post("/folders/rename")
async def rename_folder(body: RenameFolder, who: Who, services: Served) -> int:
    """Move what lies in a folder to another; how many tasks were moved."""
    return await services.bank.rename_folder(who, body)


@router.post("/papers", status_code=201)
async def make_paper(body: NewPaper, who: Who, services: Served) -> PaperView:
    """A paper of versions of tasks."""
    return await services.bank_papers.make(who, body)


@router.get("/export.zip", response_class=Response, responses=ZIP)
async def export(task: Tasks, who: Who, services: Served) -> Response:
    """Tasks with their recordings, to be imported elsewhere."""
    body = await services.bank_packages.export(who, task)
    headers = {"content-disposition": 'attachment; filename="ccss-tasks.zip"'}
    return Response(body, media_type="application/zip", headers=headers)


@router.get("/export.xlsx", response_class=Response, responses=XLSX)
async def export_table(task: Tasks, who: Who, services: Served) -> Response:
    """The texts of tasks of one module as a table."""
    return download("题库.xlsx", await services.bank_packages.export_table(who, task))


@router.get("/template.xlsx", response_class=Response, responses=XLSX)
async def template(module: str, who: Who, services: Served) -> Response:
    """The table to fill in."""
    return download("题目导入模板.xlsx", await services.bank_packages.template(who, module))


@router.post("/import", openapi_extra=_BINARY)
async def import_(
    name: str,
    module: str,
    request: Request,
    who: Who,
    services: Served,
    folder: Folder = "",
    check: bool = False,
    readings: Annotated[int, Query(ge=1, le=2)] = 2,
) -> ImportReport:
    """A package (.zip of ours, or of a table with recordings) or a table (.xlsx, .csv); all or nothing."""
    who.require(Permission.AUTHOR_TASKS)
    data = await read_body(request, MAX_PACKAGE_BYTES)
    return await services.bank_packages.import_(
        who, name, data, module_name=module, folder=folder, check=check, readings=readings
    )
