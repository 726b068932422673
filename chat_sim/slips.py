"""What is wrong with the answers of a contestant that is not perfect, and what such a one says besides them.

The texts are those of nobody in particular; `pick` is a number from 0 up to 1 by which one of several is chosen.
"""

import re
from collections.abc import Sequence
from typing import TypeVar

from chat_sim.persona import FactKind, Need
from chat_sim.scripted import wrong_answer

T = TypeVar("T")

NICKNAMES = (
    "小暖", "青禾", "朵朵", "木槿", "晚晴", "小满", "白露", "初夏", "星河", "山茶", "半夏", "云朵",
    "知秋", "若水", "小鹿", "麦穗", "蒲公英", "柠檬", "桂圆", "薄荷", "海棠", "听雨", "南风", "晨光",
    "小雪", "芒果", "糯米", "橙子", "丁香", "松果", "豆芽", "月牙", "竹笛", "石榴", "布丁", "铃兰",
)  # fmt: skip
"""花名: plants, weather, sweets; none is anybody's name."""
HOLDS = (
    "请稍等，我帮您查一下。",
    "好的，请您稍等，我马上为您查一下。",
    "亲，稍等，我帮您查一下。",
)
"""Said before something is looked up."""
_FRAMES = ("亲，{}哦", "{}哦", "{}～")
_VAGUE = ("亲，这个以页面为准哦", "您看一下商品详情页哦", "这个我不太清楚呢")
_COLD = ("您先别激动，有话好好说。", "这个我也没办法的。")
"""To somebody who is angry: no apology."""
_MARKS = "，。；！？,;"
_SHORTEST = 4
"""A piece of an answer is no shorter: 您好 is none."""


def picked(choices: Sequence[T], pick: float) -> T:
    """One of them."""
    return choices[int(pick * len(choices))]


def cut_short(need: Need, pick: float) -> str:
    """The reference answer up to a comma about its middle; an answer in one piece is given vaguely."""
    text = need.reference.rstrip(_MARKS)
    marks = [at for at, char in enumerate(text) if char in _MARKS and at >= _SHORTEST]
    before = [at for at in marks if at <= len(text) // 2]
    if marks:
        return text[: before[-1] if before else marks[0]]
    return picked(_VAGUE, pick)


def mistaken_answer(need: Need, pick: float) -> str:
    """Something that the need names as wrong, the right answer with a wrong figure, or no answer at all."""
    if need.kind in ("complaint", "insult"):
        return picked(_COLD, pick)
    if not need.facts:
        return need.reference
    if need.wrong and need.wrong[0].kind == "statement":
        return picked(_FRAMES, pick).format(need.wrong[0].phrases[0])
    return _misread(need) or (wrong_answer(need) if need.wrong else picked(_VAGUE, pick))


def _misread(need: Need) -> str:
    """The reference answer with other figures in it; "" if none that was asked for stands in it."""
    for fact in need.facts:
        others = {right: str(_other(fact.kind, int(right))) for right in re.findall(r"\d+", fact.accept[0])}
        if fact.kind == "statement" or not others:
            continue
        rights = "|".join(others)
        pieces = re.split(rf"(?<![\d.])({rights})(?![\d.])", need.reference)
        if len(pieces) > 1:
            return "".join(others.get(piece, piece) for piece in pieces)
    return ""


def _other(kind: FactKind, right: int) -> int:
    """What somebody would say that looked into the wrong line of a table."""
    if kind == "size":
        return right + 1
    if right >= 50:
        return right - 20 if kind == "number" else right + 50
    return 2 * right
