"""Papers made of versions of tasks."""

from dataclasses import dataclass
from typing import Any

from anyio import to_thread

from server.core.access import Permission, Principal
from server.core.authoring import AnyAuthor
from server.core.contract import Content
from server.core.errors import Conflict, Invalid, NotPermitted
from server.core.text import Text
from server.papers.bank import BankService
from server.papers.bank_drafts import author_of
from server.papers.bank_schemas import NewPaper
from server.papers.schemas import PaperView

READ_PLANS = (Permission.MANAGE_PAPERS, Permission.CORRECT_KEY)
"""Who may see what customers of a paper say: whoever makes papers, and the chief referee, who answers for fairness."""


@dataclass(frozen=True, slots=True)
class BankPapers:
    """A paper remembers which versions it was made of; later versions don't change it."""

    bank: BankService

    async def make(self, who: Principal, body: NewPaper) -> PaperView:
        """Make a paper; raises NotFound, NotPermitted, Conflict for a task without a version, Invalid."""
        if body.kind == "contest" and not who.may(Permission.MANAGE_PAPERS):
            raise NotPermitted(
                Text(
                    zh="竞赛试卷只能由命题或赛务管理员组卷；教师可以组课堂练习和热身",
                    en="Only a task author or organiser makes contest papers; a trainer makes lessons and warm-ups",
                )
            )
        sources, contents = [], []
        module_names: set[str] = set()
        for source in body.tasks:
            task = await self.bank.open(who, source.task_id)
            version = await self.bank.repository.version(source.task_id, source.number)
            if version is None:
                title = task.draft.title.zh
                raise Conflict(
                    Text(
                        zh=f"题目“{title}”还没有版本，请打开它，改正错误后“存为版本”",
                        en=f"Task {title!r} has no version yet: open it, mend its faults and save a version",
                    )
                )
            module_names.add(task.module.name)
            contents.append(await self.bank.papers.content(version.content_sha256))
            sources.append({"task_id": source.task_id, "number": version.number})
        if len(module_names) > 1:
            raise Invalid(Text(zh="一份试卷的题目必须属于同一竞赛模块", en="The tasks of a paper belong to one module"))
        module = self.bank.modules[module_names.pop()]
        content = author_of(module).combine(contents, Text(zh=body.title), body.duration_ms)
        papers = self.bank.papers
        paper_id = await papers.add_paper(module, content, body.kind, body.visible_from_ms, sources, who)
        return (await papers.paper(paper_id))[0]

    async def plan_of_task(self, who: Principal, task_id: str) -> dict[str, Any]:
        """The fairness plan of a draft; raises NotFound, NotPermitted, Invalid for one that lacks something."""
        task = await self.bank.open(who, task_id)
        return await _planned(task.author, await to_thread.run_sync(task.author.trial, task.draft, None))

    async def plan_of_paper(self, who: Principal, paper_id: str) -> dict[str, Any]:
        """The fairness plan of a paper; raises NotFound, NotPermitted, Invalid for a module that has none."""
        who.require(*READ_PLANS)
        paper, sha256 = await self.bank.papers.paper(paper_id)
        return await _planned(author_of(self.bank.modules[paper.module]), await self.bank.papers.content(sha256))


async def _planned(author: AnyAuthor, content: Content) -> dict[str, Any]:
    made = await to_thread.run_sync(author.plan, content)
    if made is None:
        raise Invalid(
            Text(
                zh="这个模块的题目没有到达计划：选手自己决定什么时候听、什么时候答",
                en="Nothing comes by itself in this module: there is no plan",
            )
        )
    return dict(made.model_dump(mode="json", by_alias=True))
