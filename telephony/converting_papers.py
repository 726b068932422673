"""Several contents to one paper: parts in order, one knowledge base, one business system."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from server.core.errors import Invalid
from server.core.text import Text
from telephony.content import Desk, InboundPart, TelephonyContent
from telephony.converting import refusal

_MOST_PARTS = 10
_MOST_ROWS = 200
_PREFIXES = {"inbound": "in", "outbound": "out", "retell": "re", "summary": "su"}


def combine(contents: Sequence[TelephonyContent], title: Text, duration_ms: int) -> TelephonyContent:
    """One paper of all parts in order; raises Invalid for contents that don't go together."""
    if not contents:
        raise Invalid(Text(zh="请至少选择一道题", en="Choose at least one task"))
    first = contents[0]
    for other in contents[1:]:
        if other.agent_number != first.agent_number:
            raise Invalid(
                Text(
                    zh=f"“{other.title.zh}”的工号是 {other.agent_number}，“{first.title.zh}”的是 "
                    f"{first.agent_number}，不能组成一份试卷：请改成一致",
                    en=f"“{other.title.inside('en')}” has the agent number {other.agent_number}, "
                    f"“{first.title.inside('en')}” has {first.agent_number}: make them alike",
                )
            )
    _require_room(contents)
    parts: list[dict[str, Any]] = []
    articles: dict[str, dict[str, Any]] = {}
    records: dict[str, dict[str, Any]] = {}
    taken: dict[str, int] = {}
    for content in contents:
        named = _joined(content.desk, articles, records)
        for part in content.parts:
            prefix = _PREFIXES[part.kind]
            taken[prefix] = taken.get(prefix, 0) + 1
            data = part.model_dump()
            data["id"] = f"{prefix}{taken[prefix]}"
            if isinstance(part, InboundPart):
                for turn in data["turns"]:
                    for act in turn["required"]:
                        act["target"] = named.get(act["target"], act["target"])
            parts.append(data)
    transfers = tuple(dict.fromkeys(name for content in contents for name in content.desk.transfers))
    desk = {"articles": tuple(articles.values()), "records": tuple(records.values()), "transfers": transfers}
    data = {**first.model_dump(), "title": title, "duration_ms": duration_ms, "parts": parts, "desk": desk}
    data["instructions"] = _instructions(contents)
    try:
        return TelephonyContent.model_validate(data)
    except ValidationError as error:
        raise refusal(
            Text(zh=f"这些题目不能组成一份试卷：{error.errors()[0]['msg']}", en=f"No paper can be made: {error}"), []
        ) from error


def _require_room(contents: Sequence[TelephonyContent]) -> None:
    parts = sum(len(content.parts) for content in contents)
    rows = max(
        sum(len(content.desk.articles) for content in contents), sum(len(content.desk.records) for content in contents)
    )
    if parts > _MOST_PARTS:
        raise Invalid(
            Text(
                zh=f"一份试卷最多 {_MOST_PARTS} 个部分，这里有 {parts} 个：请少选几道题",
                en=f"A paper has {_MOST_PARTS} parts at most, here are {parts}: choose fewer tasks",
            )
        )
    if rows > _MOST_ROWS:
        raise Invalid(
            Text(
                zh=f"一份试卷最多 {_MOST_ROWS} 篇文章、{_MOST_ROWS} 条业务记录，这里有 {rows} 条：请少选几道题",
                en=f"A paper has {_MOST_ROWS} articles and {_MOST_ROWS} records at most, here are {rows}",
            )
        )


def _instructions(contents: Sequence[TelephonyContent]) -> Text:
    """Every instruction once, in order."""
    zh = dict.fromkeys(content.instructions.zh for content in contents)
    en = dict.fromkeys(content.instructions.en for content in contents if content.instructions.en)
    return Text(zh="\n".join(zh), en="\n".join(en))


def _joined(desk: Desk, articles: dict[str, dict[str, Any]], records: dict[str, dict[str, Any]]) -> Mapping[str, str]:
    """Puts a desk to those before it; equal articles and records stand there once. New ids by the old ones."""
    named: dict[str, str] = {}
    for rows, into in ((desk.articles, articles), (desk.records, records)):
        for row in rows:
            data = row.model_dump()
            same = next((key for key, other in into.items() if {**other, "id": row.id} == data), None)
            if same is None:
                same = _fresh(row.id, {*articles, *records})
                into[same] = {**data, "id": same}
            named[row.id] = same
    return named


def _fresh(wanted: str, taken: set[str]) -> str:
    """The wanted id, or one like it that is free."""
    if wanted not in taken:
        return wanted
    number = 2
    while (id_ := f"{wanted[:27]}_{number}") in taken:
        number += 1
    return id_
