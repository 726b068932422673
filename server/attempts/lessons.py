"""Lessons: a class takes chosen parts of a paper together, run by its trainer."""

from dataclasses import dataclass

from server.accounts.acts import Acts
from server.attempts import orders
from server.attempts.control import RowsToo, RunControl, Stage
from server.attempts.schemas import LessonOffer, NewLesson
from server.contests.schemas import ContestView
from server.contests.service import ContestsService, plan_round, stage_phase
from server.core.access import Permission, Principal
from server.core.clock import Clock
from server.core.errors import Invalid, Overtaken
from server.core.phases import Phase
from server.core.text import Text
from server.papers.service import PapersService


@dataclass(frozen=True, slots=True)
class LessonsService:
    """What a trainer does with a class, alone."""

    contests: ContestsService
    papers: PapersService
    control: RunControl
    acts: Acts
    clock: Clock

    async def offers(self, who: Principal) -> list[LessonOffer]:
        """Papers with their parts; raises NotPermitted."""
        who.require(Permission.TEACH)
        offers = []
        for paper in await self.papers.offered():
            _, sha256 = await self.papers.paper(paper.paper_id)
            content = await self.papers.content(sha256)
            offers.append(
                LessonOffer(
                    paper_id=paper.paper_id,
                    module=paper.module,
                    module_title=paper.module_title,
                    title=paper.title,
                    duration_ms=paper.duration_ms,
                    parts=tuple(self.papers.modules[paper.module].parts(content)),
                )
            )
        return offers

    async def prepare(self, who: Principal, class_id: str, body: NewLesson) -> ContestView:
        """A lesson with an armed attempt for every pupil; raises NotFound, NotPermitted, Invalid."""
        who.require(Permission.TEACH)
        pupils = await self.contests.repository.pupils(class_id)
        if not pupils:
            raise Invalid(
                Text(
                    zh="班级里还没有学员，请先导入名单或开放班级码",
                    en="The class has no pupils yet: import a list or open its code",
                )
            )
        paper, sha256 = await self.papers.offered_paper(body.paper_id)
        module = self.papers.modules[paper.module]
        content = await self.papers.content(sha256)
        parts = body.parts or tuple(part.id for part in module.parts(content))
        try:
            chosen = module.select(content, parts, body.duration_ms or content.duration_ms)
        except ValueError as error:
            raise Invalid(Text(zh=f"所选题目不在试卷中：{error}", en=f"Not in the paper: {error}")) from error
        title = paper.title if body.title is None else Text(zh=body.title)
        planned = plan_round(
            module.name,
            title,
            paper.paper_id,
            await self.papers.add_content(module, chosen),
            chosen.duration_ms,
            self.clock.now_ms(),
            class_id=class_id,
        )
        ids = planned.round
        await self.acts.record(who, "lesson.prepare", class_id, contest_id=ids.contest_id, inserts=planned.inserts)
        stage = Stage(await self.contests.stage(ids.contest_id, ids.stage_id), "lesson")
        await self.control.arm(who, stage, [pupil.account_id for pupil in pupils], RowsToo(), seen=1)
        return await self.contests.view(who, ids.contest_id)

    async def mine(self, who: Principal) -> str | None:
        """The asker's attempt in a lesson that goes on; a pupil who joined late gets one now, None without a lesson.

        A latecomer's time begins when the trainer lets the others work, or at once.
        """
        for contest_id in await self.contests.repository.lesson_ids(who.account_id):
            (row,) = await self.contests.repository.stages([contest_id])
            phase = stage_phase(row)
            if phase not in ("armed", "running"):
                continue
            attempt_id = await self._attempt(contest_id, who.account_id)
            if attempt_id is None:
                attempt_id = await self._join(who, contest_id)
            if attempt_id is None:
                continue
            standing = await self.control.runner.attempt(attempt_id)
            if standing.core.phase is not Phase.CLOSED:
                return attempt_id
        return None

    async def _join(self, who: Principal, contest_id: str) -> str | None:
        """The attempt of a latecomer; None if the lesson has ended meanwhile."""
        while True:  # others join at the same moment, and one of them always gets on
            seen = await self.contests.revision(contest_id)
            # Read after the revision: whatever changes them makes it an old one.
            (row,) = await self.contests.repository.stages([contest_id])
            attempt_id = await self._attempt(contest_id, who.account_id)
            if attempt_id is not None or stage_phase(row) not in ("armed", "running"):
                return attempt_id
            try:
                await self.control.arm(who, Stage(row, "lesson"), [who.account_id], RowsToo(), seen=seen)
            except Overtaken:
                continue
            attempt_id = await self._attempt(contest_id, who.account_id)
            if attempt_id is not None and stage_phase(row) == "running":
                paused = await self.control.stands_still(row.id)
                await self.control.runner.order({attempt_id: orders.act_of("start")})
                if paused:
                    await self.control.runner.order({attempt_id: orders.act_of("pause")})
            return attempt_id

    async def _attempt(self, contest_id: str, account_id: str) -> str | None:
        records = await self.control.repository.of_contestant(contest_id, account_id)
        return records[-1].attempt_id if records else None
