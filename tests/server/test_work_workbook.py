"""One work as a workbook: by code in a blind contest, for staff who see results."""

import io

import pytest
from openpyxl import load_workbook

from server.core.access import Role
from server.core.errors import NotFound, NotPermitted
from server.settings import DataFolder
from tests.support.clock import ManualClock
from tests.support.house import house
from tests.support.stage import OTHER_NAME, PLANTED, anybody, seated

pytestmark = [pytest.mark.flow, pytest.mark.anyio]


async def test_a_work_by_its_code(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        sitting = await seated(services, people=2)
        await sitting.begin()
        await sitting.hand_in(0, OTHER_NAME)
        code = await sitting.work_code(0)
        name, body = await services.works.work_workbook(sitting.chief, sitting.stage_id, code, "zh-CN")
        assert name.endswith(f"-{code}.xlsx")
        book = load_workbook(io.BytesIO(body))
        assert book.sheetnames == ["得分明细", "指标", "说明"]
        (mark,) = list(book["得分明细"].iter_rows(min_row=2, values_only=True))
        assert mark[1:3] == (9.83, 10)
        said = "".join(
            str(cell) for page in book.worksheets for row in page.iter_rows(values_only=True) for cell in row
        )
        assert not [word for word in PLANTED.values() if word in said]
        with pytest.raises(NotPermitted):
            await services.works.work_workbook(anybody(Role.CONTESTANT), sitting.stage_id, code, "zh-CN")
        open_code = await sitting.work_code(1)
        for unknown in (open_code, "NOSUCH22"):
            with pytest.raises(NotFound):
                await services.works.work_workbook(sitting.chief, sitting.stage_id, unknown, "zh-CN")


async def test_files_of_a_work_are_those_of_its_task(folder: DataFolder, clock: ManualClock) -> None:
    async with house(folder, clock) as services:
        sitting = await seated(services, people=1)
        await sitting.begin()
        code = await sitting.work_code(0)
        row = await services.works.repository.work(sitting.stage_id, code)
        content = await services.papers.content(row.content_sha256)
        (file,) = services.modules[row.module].files(content)
        await services.works.require_file(sitting.chief, sitting.stage_id, code, file)
        with pytest.raises(NotFound):
            await services.works.require_file(sitting.chief, sitting.stage_id, code, "0" * 64)
