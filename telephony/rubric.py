"""The default 评分表 of 语音服务, all by hand: tables 2-1 (呼入) and 2-2 (呼出) of seed 001, by each part's marks."""

from decimal import ROUND_HALF_UP, Decimal

from server.core.outcome import Criterion, Rubric
from server.core.text import Text
from telephony.content import InboundPart, OutboundPart, RetellPart, SummaryPart, TelephonyContent, VoicePart

PRACTICE_MARKS = Decimal(100)
"""Marks of a paper whose parts have none: practice is shown in per cent."""
_STEP = Decimal("0.000001")
_Row = tuple[str, str, str, int]

INBOUND: tuple[_Row, ...] = (
    ("wording", "服务用语标准", "Standard wording", 15),
    ("voice", "声音表达流畅", "Fluent voice", 10),
    ("process", "业务流程准确", "Right procedure", 35),
    ("knowledge", "业务知识解释恰当，运用合理", "Knowledge explained and applied", 35),
    ("initiative", "积极主动为客户提供服务", "Service offered actively", 5),
)
"""表2-1: key, title, share in per cent."""
OUTBOUND: tuple[_Row, ...] = (
    ("process", "销售流程清晰", "Clear sales procedure", 15),
    ("knowledge", "业务知识解释恰当，运用合理", "Knowledge explained and applied", 50),
    ("initiative", "积极主动为客户提供服务", "Service offered actively", 5),
    ("deal", "引导客户成交", "Leading to the deal", 5),
    ("skill", "销售技巧运用", "Sales technique", 25),
)
"""表2-2."""
RETELL: tuple[_Row, ...] = (
    ("points", "要点完整准确", "Points complete and right", 70),
    ("voice", "声音表达流畅", "Fluent voice", 30),
)
SUMMARY: tuple[_Row, ...] = (
    ("points", "要点完整准确", "Points complete and right", 80),
    ("wording", "文字简明通顺", "Brief and clear", 20),
)


def rows(part: VoicePart) -> tuple[_Row, ...]:
    """The table of a part."""
    match part:
        case InboundPart():
            return INBOUND
        case OutboundPart():
            return OUTBOUND
        case RetellPart():
            return RETELL
        case SummaryPart():
            return SUMMARY


def criterion(part_id: str, key: str) -> str:
    """Key of a part's criterion."""
    return f"{part_id}.{key}"


def rubric(content: TelephonyContent) -> Rubric:
    """Criteria of every part that has marks, weighted by them; of all parts alike where none has any."""
    marked = [part for part in content.parts if part.marks > 0] or list(content.parts)
    total = sum((part.marks for part in marked), Decimal(0))
    shares = [part.marks / total if total else Decimal(1) / len(marked) for part in marked]
    table = [(part, row, share) for part, share in zip(marked, shares, strict=True) for row in rows(part)]
    # Rounded at the running sum, so that the weights add up to 100 exactly and none is off by more than a step.
    criteria, before, exact = [], Decimal(0), Decimal(0)
    for part, (key, zh, en, percent), share in table:
        exact += share * percent
        upto = min(Decimal(100), exact.quantize(_STEP, ROUND_HALF_UP))
        criteria.append(
            Criterion(
                key=criterion(part.id, key),
                title=_title(content, part, zh, en),
                weight_pct=_plain(upto - before),
                marked_by="manual",
            )
        )
        before = upto
    return Rubric(module="telephony", max_marks=_plain(total) if total else PRACTICE_MARKS, criteria=tuple(criteria))


def _title(content: TelephonyContent, part: VoicePart, zh: str, en: str) -> Text:
    """With the part's title before it, where there are several parts."""
    if len(content.parts) == 1:
        return Text(zh=zh, en=en)
    return Text(zh=f"{part.title.zh} · {zh}", en=f"{part.title.en} · {en}" if part.title.en else "")


def _plain(value: Decimal) -> Decimal:
    """Without trailing zeros, and without an exponent."""
    short = value.normalize()
    return short.quantize(Decimal(1)) if short == short.to_integral_value() else short
