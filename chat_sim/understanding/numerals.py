"""Numbers as they are written: 569, 1,299, 五百六十九, 5百69, 一百八, 两三 (a range), 三点五."""

import re
from decimal import Decimal
from functools import lru_cache

NUMERAL = (
    r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+(?=一[\u3400-\u9fff])|"
    r"[\d零〇一二两俩三四五六七八九十百千万仨]+(?:\.\d+|点[零一二三四五六七八九\d]+)?|半)"
)
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2, "仨": 3}
_UNITS = {"十": 10, "百": 100, "千": 1_000, "万": 10_000}
_ROUGH = re.compile(r"([一二两三四五六七八九])([二两三四五六七八九])([十百千万]*)$")
_PARTS = re.compile(r"\d+|.")

Range = tuple[Decimal, Decimal]


@lru_cache(maxsize=4_096)
def number(text: str) -> Range | None:
    """The value of a numeral as a range, both ends equal for an exact one; None for what is none (十百, 一一二)."""
    if any(character.isdigit() and not character.isascii() for character in text):
        return None
    if text == "半":
        return Decimal("0.5"), Decimal("0.5")
    if text.replace(",", "").replace(".", "", 1).isdigit() and text.isascii():
        exact = Decimal(text.replace(",", ""))
        return (exact, exact) if len(text) <= 12 else None
    whole, point, decimals = text.replace(".", "点").partition("点")
    rough = _ROUGH.match(whole)
    if rough is not None and not point:
        low, high = _DIGITS[rough[1]], _DIGITS[rough[2]]
        if high - low == 1 or (low, high) == (3, 5):
            unit = 1
            for character in rough[3]:
                unit *= _UNITS[character]
            return Decimal(low * unit), Decimal(high * unit)
    value = _whole(whole)
    if value is None:
        return None
    exact = Decimal(value)
    if point:
        digits = "".join(c if c.isdigit() and c.isascii() else str(_DIGITS[c]) for c in decimals)
        exact += Decimal(f"0.{digits}")
    return exact, exact


def _whole(text: str) -> int | None:
    if len(text) > 14:
        return None
    if not any(character in _UNITS for character in text):
        return int("".join(c if c.isascii() else str(_DIGITS[c]) for c in text))
    total = section = 0
    pending: int | None = None
    last, literal, digits = 1, False, 0
    for part in _PARTS.findall(text):
        if part in _UNITS:
            unit = _UNITS[part]
            if unit == 10_000:
                total += (section + (pending or 0)) * unit
                section = 0
            else:
                if unit >= last and last != 1 and pending is None:
                    return None
                section += (1 if pending is None else pending) * unit
            pending, last, literal, digits = None, unit, False, 0
        elif part.isdigit() and part.isascii():
            pending, literal, digits = int(part), True, digits + len(part)
        else:
            literal |= part in "零〇"
            pending = (pending or 0) * (10 if digits else 1) + _DIGITS[part]
            digits += 1
    if pending is not None:
        # 二百五 is 250, 一千二 is 1200; 二百零五 and 5百69 say what they mean.
        section += pending * last // 10 if last >= 100 and not literal and digits == 1 else pending
    return total + section
