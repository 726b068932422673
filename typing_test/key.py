"""Parts of a dictation that a lesson may consist of, and its key: what was expected, and what else counts after all."""

from collections.abc import Mapping, Sequence

from server.core.contract import KeyLine, Part
from server.core.text import Text
from typing_test.content import Answer, DictationContent, Item
from typing_test.counting import counted
from typing_test.policy import CountingPolicy, FieldSpec

MOST_ACCEPTED = 10
"""Wordings of one answer, the answer itself among them."""


def parts(content: DictationContent) -> list[Part]:
    """The items."""
    return [Part(id=item.id, title=item.title) for item in content.items]


def select(content: DictationContent, chosen: Sequence[str], duration_ms: int) -> DictationContent:
    """A paper of the chosen items in their order, to be done in `duration_ms`; raises ValueError."""
    unknown = [item_id for item_id in chosen if content.item(item_id) is None]
    if unknown:
        raise ValueError(f"{'、'.join(unknown)}: 试卷中没有这些条目，请重新选择 (no such items, choose again)")
    if not chosen:
        raise ValueError("parts: 至少选择一个条目 (choose at least one item)")
    items = tuple(item for item in content.items if item.id in chosen)
    changed = content.model_copy(update={"items": items, "duration_ms": duration_ms})
    return DictationContent.model_validate(changed.model_dump())


def key(content: DictationContent) -> list[KeyLine]:
    """Every answer, item by item in the order of the form."""
    return [
        KeyLine(path=_path(item, spec), title=_title(item, spec), accepted=_accepted(item.answers[spec.key]))
        for item in content.items
        for spec in content.fields
    ]


def with_key(content: DictationContent, accepted: Mapping[str, Sequence[str]]) -> DictationContent:
    """The paper with these wordings by path; raises ValueError that names every path at fault."""
    given = {path: tuple(dict.fromkeys(wordings)) for path, wordings in accepted.items()}
    held = {line.path: line.accepted for line in key(content)}
    changed = {path: wordings for path, wordings in given.items() if wordings != held.get(path)}
    wrong = [f"{path}: 没有这一答案 (no such answer)" for path in changed if path not in held]
    items = []
    for item in content.items:
        answers = dict(item.answers)
        for spec in content.fields:
            wordings = changed.get(_path(item, spec))
            if wordings is None:
                continue
            if fault := _fault(wordings, spec, content.counting):
                wrong.append(f"{_path(item, spec)}: {fault}")
            else:
                update = {"text": wordings[0], "alternatives": wordings[1:]}
                answers[spec.key] = answers[spec.key].model_copy(update=update)
        items.append(item.model_copy(update={"answers": answers}))
    if wrong:
        raise ValueError("；".join(wrong))
    return content.model_copy(update={"items": tuple(items)})


def _fault(wordings: tuple[str, ...], spec: FieldSpec, policy: CountingPolicy) -> str:
    """What keeps these wordings from being an answer; "" if nothing does."""
    if not 1 <= len(wordings) <= MOST_ACCEPTED:
        return f"应有 1 至 {MOST_ACCEPTED} 种写法 (give 1 to {MOST_ACCEPTED} wordings)"
    for wording in wordings:
        if len(wording) > spec.max_length:
            return f"“{wording[:20]}…”超过 {spec.max_length} 字 (longer than {spec.max_length} characters)"
        if not counted(wording, spec, policy):
            return f"“{wording}”按计字规则没有一个有效字 (nothing in it counts by the counting policy)"
    return ""


def _accepted(answer: Answer) -> tuple[str, ...]:
    return (answer.text, *answer.alternatives)


def _path(item: Item, spec: FieldSpec) -> str:
    return f"items.{item.id}.{spec.key}"


def _title(item: Item, spec: FieldSpec) -> Text:
    """ "第 1 条 · 客户地址"; in English only where both have it."""
    both = item.title.en and spec.label.en
    return Text(
        zh=f"{item.title.zh} · {spec.label.zh}",
        en=f"{item.title.en} · {spec.label.en}" if both else "",
    )
