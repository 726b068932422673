"""The linter of 在线服务: what is missing or can't be right (severe), what is doubtful, by the draft's paths."""

from collections.abc import Iterator, Sequence
from typing import Any

from chat_sim import converting
from chat_sim.content import ChatContent
from chat_sim.draft import ChatDraft
from chat_sim.lint_answers import needs
from chat_sim.lint_customers import customer, names
from chat_sim.lint_faults import doubt, under, wrong
from chat_sim.lint_prices import prices, purchase
from chat_sim.lint_runs import key_of, proofs, remembered, whole
from chat_sim.lint_shape import shape
from chat_sim.lint_shop import shop
from chat_sim.lint_task import arrival, task
from chat_sim.persona import Persona
from server.core.errors import Fault, Invalid

_STUB: dict[str, Any] = {
    "id": "stub", "name": "-", "profile": "-", "arrives_ms": 0, "nudges": ("-",), "leaves": "-", "offended": "-",
    "no_thanks": "-", "closing": "-", "needs": ({"id": "n", "kind": "small_talk", "title": "-", "reference": "-"},),
}  # fmt: skip


def faults(draft: ChatDraft) -> list[Fault]:
    """Everything; what is missing of one customer keeps nobody from looking at the others."""
    data = converting.data_of(draft)
    found = list(_titles(draft))
    personas: list[tuple[int, Persona]] = []
    for number, raw in enumerate(data["personas"]):
        persona, missing = shape(Persona, raw, f"personas.{number}")
        found += missing
        if isinstance(persona, Persona):
            personas.append((number, persona))
    content, missing = shape(ChatContent, {**data, "personas": (_STUB,)})
    found += missing
    if isinstance(content, ChatContent):
        found += _looked_through(content, personas)
    return found


def check(content: ChatContent) -> list[Fault]:
    """What is wrong or doubtful in a content; a path in it is the same as in a draft.

    Of a content beyond the limits of a task only that is told, as doubts: it can be used, but not looked through.
    """
    try:
        return faults(converting.draft(content))
    except Invalid as beyond:
        return [
            doubt(
                fault["path"],
                f"超出题库题目的限制，没有检查：{fault['text']['zh-CN']}",
                f"Beyond the limits of a task: {fault['text']['en']}",
            )
            for fault in beyond.extra["faults"]
        ]


def _titles(draft: ChatDraft) -> Iterator[Fault]:
    for path, text, zh, en in (
        ("title", draft.title.zh, "标题", "The title"),
        ("instructions", draft.instructions.zh, "作答说明", "The instructions"),
    ):
        if not text.strip():
            yield wrong(path, f"没有填写{zh}", f"{en} is missing")


def _looked_through(content: ChatContent, personas: list[tuple[int, Persona]]) -> Iterator[Fault]:
    """What can be said only of texts that are there."""
    of_shop = remembered(key_of("shop", content.shop.model_dump(mode="json")), lambda: shop(content.shop))
    yield from (under("shop", fault) for fault in of_shop)
    yield from task(content)
    for number, fault in names(personas):
        yield under(f"personas.{number}", fault)
    terms = content.model_dump(mode="json", by_alias=True, include={"shop", "policy", "courtesy", "forbidden"})
    sound = True
    for number, persona in personas:
        own = persona.model_dump(mode="json", exclude={"arrives_ms"})
        found = remembered(key_of("persona", terms, own), lambda persona=persona: _persona(content, persona))  # type: ignore[misc]
        sound = sound and not any(fault.severe for fault in found)
        for fault in (*arrival(content, persona.arrives_ms), *found):
            yield under(f"personas.{number}", fault)
    if sound and personas and not any(fault.severe for fault in of_shop):
        served = content.model_copy(update={"personas": tuple(persona for _, persona in personas)})
        numbers: Sequence[int] = [number for number, _ in personas]
        everything = served.model_dump(mode="json", by_alias=True, exclude={"title", "instructions"})
        yield from remembered(key_of("crowd", everything, numbers), lambda: whole(served, numbers))


def _persona(content: ChatContent, persona: Persona) -> Iterator[Fault]:
    """One customer, whenever it comes; runs are left until nothing else speaks against it."""
    found = [
        *customer(content, persona),
        *purchase(content, persona),
        *prices(content, persona),
        *needs(content, persona),
    ]
    yield from found
    if not any(fault.severe for fault in found):
        yield from proofs(content, persona)
