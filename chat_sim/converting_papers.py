"""Several contents of one shop to one paper: their customers one after the other come, none twice."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from chat_sim.content import ChatContent
from server.core.errors import Invalid
from server.core.text import Text

_MOST_CUSTOMERS = 40


def combine(contents: Sequence[ChatContent], title: Text, duration_ms: int) -> ChatContent:
    """One paper of all customers, in order; all must be served in the same shop, under the same rules. Raises Invalid.

    Customers of each content come when they came in it, after the last arrival of the one before.
    """
    if not contents:
        raise Invalid(Text(zh="请至少选择一道题", en="Choose at least one task"))
    first = contents[0]
    for other in contents[1:]:
        for what, zh in (
            ("shop", "店铺"),
            ("policy", "工作台规则"),
            ("rubric", "评分规则"),
            ("indicators", "服务指标"),
            ("courtesy", "礼貌用语"),
            ("max_marks", "满分"),
        ):
            if getattr(other, what) != getattr(first, what):
                raise Invalid(
                    Text(
                        zh=f"“{other.title.zh}”与“{first.title.zh}”的{zh}不同，不能组成一份试卷：请改成一致，或只选一道",
                        en=f"“{other.title.inside('en')}” and “{first.title.inside('en')}” differ in {what}: "
                        "make them alike, or choose one",
                    )
                )
    total = sum(len(content.personas) for content in contents)
    if total > _MOST_CUSTOMERS:
        raise Invalid(
            Text(
                zh=f"一份试卷最多 {_MOST_CUSTOMERS} 位客户，这里有 {total} 位：请少选几道题",
                en=f"A paper has {_MOST_CUSTOMERS} customers at most, here are {total}: choose fewer tasks",
            )
        )
    personas: list[dict[str, Any]] = []
    taken: set[str] = set()
    after = 0
    for content in contents:
        begins = after
        for persona in content.personas:
            id_ = _fresh(persona.id, taken)
            taken.add(id_)
            arrives = begins + persona.arrives_ms
            personas.append({**persona.model_dump(), "id": id_, "arrives_ms": arrives})
            after = max(after, arrives)
    data = {**first.model_dump(), "title": title, "duration_ms": duration_ms, "personas": personas}
    data["instructions"] = _instructions(contents)
    data["canned"] = _joined(contents, "canned", "text")
    data["forbidden"] = _joined(contents, "forbidden", "word")
    try:
        return ChatContent.model_validate(data)
    except ValidationError as error:
        raise Invalid(
            Text(zh=f"这些题目不能组成一份试卷：{error.errors()[0]['msg']}", en=f"No paper can be made: {error}")
        ) from error


def _instructions(contents: Sequence[ChatContent]) -> Text:
    """Every instruction once, in order."""
    zh = dict.fromkeys(content.instructions.zh for content in contents)
    en = dict.fromkeys(content.instructions.en for content in contents if content.instructions.en)
    return Text(zh="\n".join(zh), en="\n".join(en))


def _joined(contents: Sequence[ChatContent], what: str, key: str) -> list[dict[str, Any]]:
    """Every phrase once, in order, with an id of its own."""
    rows: dict[str, dict[str, Any]] = {}
    taken: set[str] = set()
    for content in contents:
        for row in getattr(content, what):
            data = row.model_dump()
            if data[key] in rows:
                continue
            if "id" in data:
                data["id"] = _fresh(data["id"], taken)
                taken.add(data["id"])
            rows[data[key]] = data
    return list(rows.values())


def _fresh(wanted: str, taken: set[str]) -> str:
    """The wanted id, or one like it that is free."""
    if wanted not in taken:
        return wanted
    number = 2
    while (id_ := f"{wanted[:27]}_{number}") in taken:
        number += 1
    return id_
