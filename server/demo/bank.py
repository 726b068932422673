"""The demo's task bank: every part of the shipped papers as a task of its own, with a version; chats as wholes."""

from collections.abc import Iterator

from server.app import Services
from server.core.access import Principal
from server.core.contract import AnyModule, Content
from server.core.journal import RowInsert
from server.core.text import Text
from server.papers.bank_schemas import NewVersion, Tags

_FOLDERS = {"warmup": "示例/热身", "lesson": "示例/课堂练习", "contest": "示例/竞赛"}
_WHOLE = frozenset({"chat_sim"})
"""Modules whose parts share so much that a paper is one task: the customers of a shop."""


async def fill_bank(services: Services, author: Principal) -> None:
    """Tasks from the papers of every module that has an authoring side; those for lessons are open to trainers."""
    bank = services.bank
    for paper in await services.papers.shelf(author):
        module = services.modules[paper.module]
        if module.author is None:
            continue
        content = await services.papers.content((await services.papers.paper(paper.paper_id))[1])
        for title, one in _tasks(module, content):
            draft = module.author.draft(one)
            row = bank.row(
                author,
                module,
                draft.model_copy(update={"title": title}),
                folder=_FOLDERS[paper.kind],
                tags=Tags(standard="演示"),
            )
            row["shared"] = paper.kind != "contest"
            await services.acts.record(author, "bank.add", row["id"], inserts=[RowInsert("bank_tasks", row)])
            await bank.make_version(author, row["id"], NewVersion(seen=row["revision"], note="随软件附带"))


def _tasks(module: AnyModule, content: Content) -> Iterator[tuple[Text, Content]]:
    """The tasks that a paper is made of, each with its title."""
    if module.name in _WHOLE:
        yield content.title, content
        return
    for part in module.parts(content):
        title = Text(zh=f"{content.title.zh} {part.title.zh}", en=f"{content.title.en} {part.title.en}".strip())
        yield title, module.select(content, [part.id], content.duration_ms)
