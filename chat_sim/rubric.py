"""The default 评分表 of 在线服务: table 3 of seed 001, and what is decided about the 20 % that it leaves open."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from chat_sim.content import ChatContent
from server.core.outcome import Criterion, Rubric
from server.core.text import Text

INDICATORS = "indicators"
"""服务指标: the one criterion that the system proposes marks for."""
_Row = tuple[str, str, str, int, Literal["auto", "manual"]]
TABLE: tuple[_Row, ...] = (
    ("wording", "服务用语标准", "Standard wording", 15, "manual"),
    ("knowledge", "业务知识解释恰当，运用合理", "Knowledge explained and applied", 30, "manual"),
    ("closing", "积极引导客户成交", "Leading to the deal", 5, "manual"),
    (INDICATORS, "服务指标", "Service indicators", 30, "auto"),
)
"""表3: key, title, share in per cent (80 in all), who marks."""
_WHOLE = sum(row[3] for row in TABLE)
_CENT = Decimal("0.01")


def rubric(content: ChatContent) -> Rubric:
    """Criteria by `content.rubric`: with rows added, normalised to 100 %, or as the table stands, gap and all."""
    policy = content.rubric
    factor = Decimal(100) / _WHOLE if policy.gap == "normalise" else Decimal(1)
    criteria = [
        Criterion(key=key, title=Text(zh=zh, en=en), weight_pct=_plain(factor * percent), marked_by=marked_by)
        for key, zh, en, percent, marked_by in TABLE
    ]
    if policy.gap == "rows":
        criteria += [
            Criterion(key=row.key, title=row.title, weight_pct=_plain(row.weight_pct), marked_by="manual")
            for row in policy.rows
        ]
    return Rubric(module="chat_sim", max_marks=_plain(content.max_marks), criteria=tuple(criteria))


def max_marks(content: ChatContent) -> Decimal:
    """Marks of 服务指标, rounded half up to 0.01."""
    weight = next(one.weight_pct for one in rubric(content).criteria if one.key == INDICATORS)
    return (content.max_marks * weight / 100).quantize(_CENT, ROUND_HALF_UP)


def _plain(value: Decimal) -> Decimal:
    """Without trailing zeros, and without an exponent."""
    short = value.normalize()
    return short.quantize(Decimal(1)) if short == short.to_integral_value() else short
