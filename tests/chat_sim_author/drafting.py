"""Chat drafts for tests: a fictitious task without a fault, and changes to it."""

from typing import Any

from chat_sim.author import author
from chat_sim.draft import ChatDraft, DraftChatPersona, DraftFact, DraftNeed
from server.core.text import Text

TITLE = Text(zh="客服题", en="A chat task")
SEED = 4


def invented(customers: int = 1, seed: int = SEED) -> ChatDraft:
    """A task with so many fictitious customers; who gets the gap of the rubric is decided."""
    draft = author.blank(TITLE)
    blank = draft.personas[0]
    personas = tuple(blank.model_copy(update={"id": f"C{n}"}) for n in range(1, customers + 1))
    rubric = draft.rubric.model_copy(update={"gap": "normalise"})
    draft = draft.model_copy(update={"personas": personas, "rubric": rubric})
    for persona in personas:
        draft = author.invent(draft, persona.id, seed)
    return draft


def changed(draft: ChatDraft, path: str, value: Any) -> ChatDraft:
    """The draft with another value at a path, as a page would send it."""
    data = draft.model_dump(mode="json", by_alias=True)
    at: Any = data
    *names, last = path.split(".")
    for name in names:
        at = at[int(name)] if isinstance(at, list) else at[name]
    if isinstance(at, list):
        at[int(last)] = value
    else:
        at[last] = value
    return ChatDraft.model_validate(data)


def stock_need() -> DraftNeed:
    """A need with a fact and something wrong, which the article A2 of the fictitious shop answers."""
    return DraftNeed(
        id="N1",
        kind="shipping",
        title="发货时间",
        asks=("什么时候发货？",),
        facts=(DraftFact(id="f1", title="发货时间", kind="duration", accept=("48小时",)),),
        reminders=("我问的是什么时候发货。",),
        reference="付款后48小时内发货。",
        articles=("A2",),
    )


def with_needs(draft: ChatDraft, *needs: DraftNeed) -> ChatDraft:
    """The draft whose only customer asks this, and buys nothing."""
    persona: DraftChatPersona = draft.personas[0].model_copy(
        update={"needs": needs, "purchase": None, "suggestions": ()}
    )
    return draft.model_copy(update={"personas": (persona,)})


def found(draft: ChatDraft) -> list[tuple[str, bool]]:
    """Paths of faults, with whether they are severe."""
    return [(fault.path, fault.severe) for fault in author.faults(draft)]


def said(draft: ChatDraft, path: str) -> str:
    """What is said of a path, in Chinese."""
    return "\n".join(fault.text.zh for fault in author.faults(draft) if fault.path == path)
