"""A message as it is compared: NFKC, lower case, simplified, without blanks and invisible characters.

Every character keeps the place that it has in what was written, so that a judgement can point at it.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

_TRADITIONAL = (
    "發貨運費單號現時間優惠買賣價錢塊幾個雙這還沒會員請問題樣準備質買換總計來對與為無從關於開門東車長圖見說話謝"
    "訂購滿減贈禮評論顏藍綠紅黃紫褲襪裝帶綁緊鬆軟輕厚穩電腦機訊聯繫處理實際應該嗎麼點擊選擇鞋碼區鄉鎮廣遠邊"
    "後復雜當務業產給約經過進達送遞簽險賠償補損壞壓縮熱溫濕氣條種類級別雖據購讓課題學習體驗專屬獨飲濃淡葉龍觀"
)
_SIMPLIFIED = (
    "发货运费单号现时间优惠买卖价钱块几个双这还没会员请问题样准备质买换总计来对与为无从关于开门东车长图见说话谢"
    "订购满减赠礼评论颜蓝绿红黄紫裤袜装带绑紧松软轻厚稳电脑机讯联系处理实际应该吗么点击选择鞋码区乡镇广远边"
    "后复杂当务业产给约经过进达送递签险赔偿补损坏压缩热温湿气条种类级别虽据购让课题学习体验专属独饮浓淡叶龙观"
)
_OTHERS = {"￥": "¥", "–": "-", "—": "-", "−": "-", "〜": "~", "﹣": "-", "×": "x", "＝": "=", "「": "“", "」": "”"}
_MAP = dict(zip(_TRADITIONAL, _SIMPLIFIED, strict=True)) | _OTHERS
_FORMAL = dict(zip("壹贰叁肆伍陆柒捌玖拾佰仟", "一二三四五六七八九十百千", strict=True))
_TYPED = {"寸": "村存", "码": "马玛", "天": "添田", "元": "园员", "块": "快"}
_MEASURES = {typed: meant for meant, all_typed in _TYPED.items() for typed in all_typed}
"""Measure words by what an IME puts for them behind a figure."""
_NO_MEASURE = ("马上", "快递", "快点", "快速", "快的", "快一", "员工", "快到")
_DAYS = tuple("星学假日早晚初中短长")
_CJK = re.compile(r"[\u3400-\u9fff]")


class Plain(NamedTuple):
    """Normalised text; character i of it stands for [starts[i], ends[i]) of what was written."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in what was written of [start, end) of the normalised text, which is not empty."""
        return self.starts[start], self.ends[end - 1]


@lru_cache(maxsize=8_192)
def _folded(character: str) -> str:
    """One NFKC character in lower case and simplified; "" for one that is invisible, " " for a blank."""
    if character == "\n":
        return "\n"
    if character.isspace():
        return " "
    if unicodedata.category(character) in ("Cf", "Cc", "Mn", "Cs"):
        return ""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    low = character.lower()
    return _MAP.get(low, low) if len(low) == 1 else character


def _composed(text: str) -> list[tuple[str, int, int]]:
    """NFKC with the place of each character. Where composing reaches over more than a base and its marks, places are
    as near as they can be."""
    whole = unicodedata.normalize("NFKC", text)
    if whole == text:
        return [(character, at, at + 1) for at, character in enumerate(text)]
    placed: list[tuple[str, int, int]] = []
    start = 0
    for end in range(1, len(text) + 1):
        if end < len(text) and unicodedata.combining(text[end]):
            continue
        placed.extend((character, start, end) for character in unicodedata.normalize("NFKC", text[start:end]))
        start = end
    if "".join(character for character, _, _ in placed) == whole:
        return placed
    last = len(text) - 1
    return [(character, min(at, last), min(at, last) + 1) for at, character in enumerate(whole)]


def _spell_out(kept: list[tuple[str, int, int]]) -> None:
    """伍佰陆拾玖 as 五百六十九, where two such characters stand together."""
    formal = [_FORMAL.get(one[0]) for one in kept]
    for at, digit in enumerate(formal):
        if digit and any(formal[near] for near in (at - 1, at + 1) if 0 <= near < len(formal)):
            kept[at] = (digit, *kept[at][1:])


def _measure(kept: list[tuple[str, int, int]]) -> None:
    """27村 as 27寸, 期天无理由 as 七天无理由."""
    for at, one in enumerate(kept):
        following = kept[at + 1][0] if at + 1 < len(kept) else ""
        if one[0] in _MEASURES and at and kept[at - 1][0].isdigit() and one[0] + following not in _NO_MEASURE:
            kept[at] = (_MEASURES[one[0]], *one[1:])
            continue
        before = kept[at - 1][0] if at else ""
        counted = following == "天" and at + 2 < len(kept) and kept[at + 2][0] in "无内之可包"
        if one[0] in "期奇气" and counted and before not in _DAYS:
            kept[at] = ("七", *one[1:])


def plain(text: str) -> Plain:
    """`text` normalised. "，" behind a figure is doubled, so that 减31，268元 holds no 31,268.
    A blank between two Latin words or figures stays one; one between Chinese words of two
    characters and more is a pause, that is ","; every other is dropped ("38 码" is 38码, "防 水" is 防水)."""
    kept: list[tuple[str, int, int]] = []
    for character, start, end in _composed(text):
        folded = _folded(character)
        if folded == " " and (not kept or kept[-1][0] in " \n"):
            continue
        if folded:
            kept.append((folded, start, end))
    _spell_out(kept)
    _measure(kept)
    shown: list[tuple[str, int, int]] = []
    for at, one in enumerate(kept):
        if one[0] != " ":
            shown.append(one)
            if one[0] == "," and text[one[1]] == "，" and at and kept[at - 1][0].isdigit():
                shown.append(one)
            continue
        before = "".join(part[0] for part in kept[max(0, at - 2) : at])
        after = "".join(part[0] for part in kept[at + 1 : at + 3])
        if before[-1:].isascii() and after[:1].isascii() and before[-1:].isalnum() and after[:1].isalnum():
            shown.append(one)
        elif len(_CJK.findall(before)) == 2 == len(_CJK.findall(after)):
            shown.append((",", one[1], one[2]))
    return Plain("".join(part[0] for part in shown), tuple(part[1] for part in shown), tuple(part[2] for part in shown))
