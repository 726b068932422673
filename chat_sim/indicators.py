"""服务指标: how figures become a proposed mark, with the working. Nobody earns a share for customers not served."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from chat_sim import customers, measures
from chat_sim.content import Indicator, IndicatorKey
from chat_sim.reckoning import Reckoning
from chat_sim.rubric import INDICATORS, max_marks
from chat_sim.sheet import SheetIndicator
from server.core.outcome import ProposedMark
from server.core.text import Text
from server.kpi import chat
from server.kpi.registry import formula

_SHARE, _CENT = Decimal("0.0001"), Decimal("0.01")
_FORMULAS: dict[IndicatorKey, str] = {
    "service_time": "service_time.whole/1",
    "reply_ratio": "reply_ratio.messages/1",
    "first_response": "first_response.mean/1",
    "accuracy": "accuracy.needs/1",
    "rating": "rating.mean/1",
}
_IN_SECONDS = ("service_time", "first_response")


@dataclass(frozen=True, slots=True)
class _Figure:
    """A figure, for how many of how many customers or needs it earns something, and what those are."""

    value: Decimal | None
    counted: int
    expected: int
    whom: Text


def shown(found: Reckoning) -> tuple[SheetIndicator, ...]:
    """Every indicator of the paper with its share of the mark: by the slope, × the part of customers that it is of.

    A customer of the paper who did not come before the work was handed in, got no reply, had less than half of its
    needs met (`Talk.served`), or was not served to the end (service_time) earns nothing; of accuracy, needs that were
    never put.
    """
    return tuple(_shown(found, indicator) for indicator in found.content.indicators)


def slope(value: Decimal, indicator: Indicator) -> Decimal:
    """1 at `full`, 0 at `zero`, in proportion between, held there beyond; exact."""
    return max(Decimal(0), min(Decimal(1), (value - indicator.zero) / (indicator.full - indicator.zero)))


def mark(found: Reckoning, own: Sequence[SheetIndicator]) -> ProposedMark:
    """The proposed mark of 服务指标: the weighted mean of the shares, × its marks, rounded half up to 0.01."""
    most = max_marks(found.content)
    weights = sum((one.weight for one in own), Decimal(0))
    earned = sum((one.share * one.weight for one in own), Decimal(0))
    share = (earned / weights).quantize(_SHARE, ROUND_HALF_UP) if weights else Decimal(0)
    marks = (share * most).quantize(_CENT, ROUND_HALF_UP)
    lines_zh = [one.working.zh for one in own]
    lines_en = [one.working.en for one in own]
    parts = " + ".join(f"{_plain(one.share)}×{_plain(one.weight)}" for one in own) or "0"
    sum_ = f"({parts}) ÷ {_plain(weights)} = {_plain(share)}" if weights else "0"
    last = f"{_plain(share)} × {_plain(most)} = {marks}"
    return ProposedMark(
        criterion=INDICATORS,
        marks=marks,
        max_marks=most,
        working=Text(zh="；".join([*lines_zh, sum_, f"{last} 分"]), en="; ".join([*lines_en, sum_, f"{last} marks"])),
    )


def _shown(found: Reckoning, indicator: Indicator) -> SheetIndicator:
    meant = formula(_FORMULAS[indicator.key])
    figure = _figure(found, indicator.key)
    raw = Decimal(0) if figure.value is None else slope(figure.value, indicator)
    part = Decimal(figure.counted) / figure.expected if figure.expected else Decimal(0)
    share = (raw * part).quantize(_SHARE, ROUND_HALF_UP)
    unit = "s" if indicator.key in _IN_SECONDS else meant.unit
    return SheetIndicator(
        key=indicator.key,
        title=meant.title,
        value=figure.value,
        unit=unit,
        formula=meant.id,
        full=indicator.full,
        zero=indicator.zero,
        weight=indicator.weight,
        share=share,
        counted=figure.counted,
        expected=figure.expected,
        working=_working(indicator, meant.title, unit, figure, raw, share),
    )


def _working(indicator: Indicator, title: Text, unit: str, figure: _Figure, raw: Decimal, share: Decimal) -> Text:
    span = f"{_plain(indicator.full)} → 1, {_plain(indicator.zero)} → 0"
    of = f"{figure.counted}/{figure.expected}"
    if figure.value is None:
        return Text(zh=f"{title.zh}：没有可计算的数据，计 0", en=f"{title.en}: nothing to go by, 0")
    value = f"{_plain(figure.value)}{' ' + unit if unit else ''}"
    slope_ = _plain(raw.quantize(_SHARE, ROUND_HALF_UP))
    return Text(
        zh=f"{title.zh} {value}（{span}）= {slope_}，× {figure.whom.zh} {of} = {_plain(share)}",
        en=f"{title.en} {value} ({span}) = {slope_}, × {figure.whom.en} {of} = {_plain(share)}",
    )


def _figure(found: Reckoning, key: IndicatorKey) -> _Figure:
    talks = list(found.talks.values())
    paper = len(found.expected)
    served = sum(talk.served for talk in talks)
    match key:
        case "service_time":
            own = measures.whole_ms(talks)
            whom = Text(zh="完整服务的客户", en="customers served to the end")
            return _Figure(_seconds(own), len(own), paper, whom)
        case "first_response":
            own = measures.first_response_ms(talks)
            return _Figure(_seconds(own), served, paper, _SERVED)
        case "reply_ratio":
            return _Figure(measures.reply_ratio(talks), served, paper, _SERVED)
        case "accuracy":
            put = sum(len(talk.asked) for talk in talks)
            needs = sum(len(customers.puttable(persona)) for persona in found.expected)
            whom = Text(zh="已提出的需求", en="needs put")
            return _Figure(measures.accuracy(talks), put, needs, whom)
        case "rating":
            return _Figure(measures.rating(talks), len(talks), paper, Text(zh="到访客户", en="customers that came"))


_SERVED = Text(zh="得到服务的客户", en="customers served")


def _seconds(values_ms: Sequence[int]) -> Decimal | None:
    mean = chat.mean_ms(values_ms)
    return None if mean is None else Decimal(mean) / 1000


def _plain(value: Decimal) -> str:
    """Without trailing zeros or an exponent."""
    return f"{value.normalize():f}"
