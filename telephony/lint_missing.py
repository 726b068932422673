"""What a voice task lacks: every empty field that must not be empty, by the draft's paths."""

import re
from collections.abc import Iterator, Sequence

from server.core.errors import Fault
from telephony.draft import (
    AnyDraftPart,
    DraftInbound,
    DraftKeyPoint,
    DraftOutbound,
    DraftRetell,
    DraftSummary,
    TelephonyDraft,
    lines_of,
)
from telephony.lint_faults import doubt, wrong

_CASE = (
    ("company", "公司", "The company"),
    ("date", "时间", "The date"),
    ("customer", "客户", "The customer"),
    ("caller_number", "来电号码", "The caller's number"),
    ("need", "客户需求", "The customer's need"),
)
_CAMPAIGN = (
    ("company", "公司", "The company"),
    ("product", "产品", "The product"),
    ("customer", "客户", "The customer"),
    ("number", "客户电话", "The customer's number"),
    ("goal", "外呼目标", "The goal"),
)


def missing(draft: TelephonyDraft) -> Iterator[Fault]:
    """Everything that is empty."""
    yield from _empty(draft.title.zh, "title", "标题", "The title")
    yield from _empty(draft.instructions.zh, "instructions", "作答说明", "The instructions")
    if not re.fullmatch(r"[0-9]{2,6}", draft.agent_number):
        yield wrong("agent_number", "工号应为 2 至 6 位数字", "The agent number has 2 to 6 digits")
    for number, part in enumerate(draft.parts):
        yield from _part(part, f"parts.{number}")
    yield from _desk(draft)


def _part(part: AnyDraftPart, path: str) -> Iterator[Fault]:
    yield from _empty(part.title.zh, f"{path}.title", "部分的名称", "The part's title")
    for _, place, line in lines_of(part):
        yield from _empty(line.text, f"{path}.{place}.text", "台词", "The line's text")
    match part:
        case DraftInbound():
            for key, zh, en in _CASE:
                yield from _empty(getattr(part.card, key), f"{path}.card.{key}", zh, en)
            for number, turn in enumerate(part.turns):
                here = f"{path}.turns.{number}"
                yield from _empty(turn.hint, f"{here}.hint", "显示提示", "The hint")
                yield from _no_reference(turn.reference, f"{here}.reference")
                yield from _points(turn.key_points, here)
        case DraftOutbound():
            yield from _outbound(part, path)
        case DraftRetell():
            yield from _empty(part.instructions.zh, f"{path}.instructions", "作答说明", "The instructions")
            yield from _no_points(part.key_points, path)
        case DraftSummary():
            yield from _empty(part.instructions.zh, f"{path}.instructions", "作答说明", "The instructions")
            yield from _empty(part.source, f"{path}.source", "原文", "The source text")
            yield from _no_reference(part.reference, f"{path}.reference")
            yield from _no_points(part.key_points, path)
            if part.source and len(part.source) <= part.limit:
                yield doubt(
                    f"{path}.limit",
                    f"原文只有 {len(part.source)} 字，不超过要求的 {part.limit} 字：不需要总结",
                    f"The source has {len(part.source)} characters, no more than the {part.limit} that are asked for",
                )
            if len(part.reference) > part.limit:
                yield doubt(
                    f"{path}.reference",
                    f"参考答案有 {len(part.reference)} 字，超过要求的 {part.limit} 字",
                    f"The reference has {len(part.reference)} characters, more than the {part.limit} asked for",
                )


def _outbound(part: DraftOutbound, path: str) -> Iterator[Fault]:
    for key, zh, en in _CAMPAIGN:
        yield from _empty(getattr(part.card, key), f"{path}.card.{key}", zh, en)
    for number, package in enumerate(part.packages):
        here = f"{path}.packages.{number}"
        yield from _empty(package.name, f"{here}.name", "套餐名称", "The package's name")
        yield from _empty(package.per, f"{here}.per", "计价单位（如“月”）", "What the price is for (such as a month)")
        if package.price is None:
            yield wrong(f"{here}.price", "没有填写价格", "The price is missing")
        names = [other.name.strip() for other in part.packages[:number]]
        if package.name.strip() and package.name.strip() in names:
            yield wrong(f"{here}.name", "与前面的套餐同名", "Has the same name as a package before it")
    yield from _empty(part.persona.name, f"{path}.persona.name", "模拟客户的名称", "The persona's name")
    yield from _empty(part.persona.profile, f"{path}.persona.profile", "客户背景", "The persona's profile")
    for number, line in enumerate(part.persona.lines):
        yield from _empty(line.topic, f"{path}.persona.lines.{number}.topic", "话题", "The topic")
    if not any(text.strip() for text in part.reference.values()):
        yield doubt(f"{path}.reference", "没有参考话术：评卷时没有依据", "There is no reference script to mark by")
    yield from _points(part.key_points, path)
    if part.faq_most < part.faq_least:
        yield wrong(
            f"{path}.faq_most",
            f"常见问答最多 {part.faq_most} 条，少于要求的 {part.faq_least} 条",
            f"At most {part.faq_most} FAQ are fewer than the {part.faq_least} that are asked for",
        )


def _no_reference(reference: str, path: str) -> Iterator[Fault]:
    if not reference.strip():
        yield doubt(path, "没有参考答案：评卷时没有依据", "There is no reference to mark by")


def _no_points(points: Sequence[DraftKeyPoint], path: str) -> Iterator[Fault]:
    if not points:
        yield doubt(f"{path}.key_points", "没有要点：评卷时没有依据", "There are no key points to mark by")
    yield from _points(points, path)


def _points(points: Sequence[DraftKeyPoint], path: str) -> Iterator[Fault]:
    ids = [point.id for point in points]
    for number, point in enumerate(points):
        here = f"{path}.key_points.{number}"
        yield from _empty(point.title, f"{here}.title", "要点名称", "The key point's title")
        if not any(phrase.strip() for phrase in point.phrases):
            yield wrong(f"{here}.phrases", "要点没有关键词", "The key point has no phrase")
        if point.id in ids[:number]:
            yield wrong(here, f"要点编号 {point.id} 重复", f"The id {point.id} stands there twice")


def _desk(draft: TelephonyDraft) -> Iterator[Fault]:
    for number, article in enumerate(draft.desk.articles):
        here = f"desk.articles.{number}"
        yield from _empty(article.title, f"{here}.title", "文章标题", "The article's title")
        yield from _empty(article.body, f"{here}.body", "文章内容", "The article's text")
    for number, record in enumerate(draft.desk.records):
        here = f"desk.records.{number}"
        yield from _empty(record.number, f"{here}.number", "单号或会员号", "The record's number")
        yield from _empty(record.customer, f"{here}.customer", "客户", "The record's customer")
        if not re.fullmatch(r"[0-9Xx]{0,4}", record.verify):
            yield wrong(
                f"{here}.verify",
                "证件后四位最多 4 位，只能是数字，最后可以是 X",
                "The last four are at most four digits or X",
            )
    transfers = draft.desk.transfers
    if len(set(transfers)) < len(transfers) or not all(one.strip() for one in transfers):
        yield wrong("desk.transfers", "转接去向为空或重复", "A transfer is empty or stands there twice")


def _empty(text: str, path: str, zh: str, en: str) -> Iterator[Fault]:
    if not text.strip():
        yield wrong(path, f"没有填写{zh}", f"{en} is missing")
