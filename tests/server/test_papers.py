"""The shelf: who sees which paper when, and who says so."""

from collections.abc import AsyncIterator

import pytest

from server.adapters.blobs_local import LocalBlobs
from server.core.access import Role
from server.core.errors import NotFound, NotPermitted
from server.core.modules import installed_modules
from server.papers.repository import PapersRepository
from server.papers.schemas import ChangePaper
from server.papers.service import PapersService
from server.settings import DataFolder
from tests.support.clock import ManualClock
from tests.support.papers import paper
from tests.support.staff import Office, office

pytestmark = [pytest.mark.flow, pytest.mark.anyio]


@pytest.fixture
async def desk(folder: DataFolder, clock: ManualClock) -> AsyncIterator[Office]:
    async with office(folder, clock) as desk:
        yield desk


@pytest.fixture
def papers(desk: Office, folder: DataFolder) -> PapersService:
    repository = PapersRepository(desk.database)
    return PapersService(repository, installed_modules(), LocalBlobs(folder.blobs), desk.acts, desk.clock)


async def test_a_paper_shows_from_its_moment_on(desk: Office, papers: PapersService, clock: ManualClock) -> None:
    module = papers.modules["typing_test"]
    author = await desk.account("author", Role.TASK_AUTHOR)
    open_ = await papers.add_paper(module, paper(), "lesson")
    never = await papers.add_paper(module, paper(), "contest", None)
    later = await papers.add_paper(module, paper(), "warmup", clock.now_ms() + 1_000)
    assert [one.paper_id for one in await papers.offered()] == [open_]
    assert [one.paper_id for one in await papers.shelf(author)] == [later, open_, never]
    for hidden in (never, later, "nothing"):
        with pytest.raises(NotFound):
            await papers.offered_paper(hidden)
    await papers.paper(never)
    await clock.advance(1_000)
    assert [one.paper_id for one in await papers.offered()] == [later, open_]
    assert (await papers.offered_paper(later))[0].visible_from_ms == clock.now_ms()


async def test_a_paper_is_published_and_hidden_by_an_act(desk: Office, papers: PapersService) -> None:
    paper_id = await papers.add_paper(papers.modules["typing_test"], paper(), "contest", None)
    author = await desk.account("author", Role.TASK_AUTHOR)
    shown = await papers.publish(author, paper_id, ChangePaper(visible_from_ms=1))
    assert shown.visible_from_ms == 1
    assert [one.paper_id for one in await papers.offered()] == [paper_id]
    await papers.publish(author, paper_id, ChangePaper(visible_from_ms=None))
    assert await papers.offered() == []
    assert ['"act":"paper.publish"' in payload for payload in await desk.journalled()] == [True, True]
    with pytest.raises(NotFound):
        await papers.publish(author, "nothing", ChangePaper(visible_from_ms=1))


async def test_who_sees_the_shelf_and_who_changes_it(desk: Office, papers: PapersService) -> None:
    paper_id = await papers.add_paper(papers.modules["typing_test"], paper(), "contest", None)
    for role in Role:
        who = await desk.account(role, role)
        sees = role in (Role.ORGANISER, Role.TASK_AUTHOR, Role.TRAINER)
        publishes = role in (Role.ORGANISER, Role.TASK_AUTHOR)
        if sees:
            assert len(await papers.shelf(who)) == 1
        else:
            with pytest.raises(NotPermitted):
                await papers.shelf(who)
        if not publishes:
            with pytest.raises(NotPermitted):
                await papers.publish(who, paper_id, ChangePaper(visible_from_ms=1))
