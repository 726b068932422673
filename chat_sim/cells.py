"""What stands in one cell of a table, written and read: lists, named values, facts, order lines, amounts.

"；" stands between entries, "/" between wordings, "｜" between messages. Those that stand in a text are written as
the mark that means the same (，／|), since a cell knows no escapes.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from chat_sim.draft import DraftFact, DraftOrderLine, DraftWrong
from chat_sim.persona import FactKind

FACT_KINDS: Mapping[FactKind, str] = {
    "statement": "陈述", "number": "数量", "price": "价格", "size": "尺码", "duration": "时长",
}  # fmt: skip
_KIND_OF = {zh: key for key, zh in FACT_KINDS.items()}
_DENIED, _OPTIONAL, _UNIT = "否认", "可选", "单位"
_FACT = re.compile(r"^(?P<title>[^=＝(（]+)(?:[(（](?P<marks>[^)）]*)[)）])?\s*[=＝]\s*(?P<words>.+)$")
_PIECES = re.compile(r"^(?P<sku>.+?)\s*[*×xX]\s*(?P<count>\d{1,4})$")
_YES = frozenset({"是", "1", "true", "yes", "y", "√", "对"})
_NO = frozenset({"", "否", "0", "false", "no", "n", "×"})


class Unreadable(ValueError):
    """A cell that says nothing that could be understood: `zh` and `en` say why, and how to write it."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def joined(texts: Iterable[str], mark: str) -> str:
    """Entries of a list; a mark that stands in one of them is replaced by its like."""
    like = {"；": "，", "｜": "/", "、": "，", "/": "／"}[mark]
    ascii_of = {"；": ";", "｜": "|", "、": "、", "/": "/"}[mark]
    return mark.join(text.replace(mark, like).replace(ascii_of, like) for text in texts)


def parted(cell: str, mark: str) -> tuple[str, ...]:
    """The entries of a list."""
    marks = {"；": r"[；;]", "｜": r"[｜|]", "、": r"[、,，;；]", "/": r"[/]"}[mark]
    return tuple(filter(None, (piece.strip() for piece in re.split(marks, cell))))


def yes(cell: str) -> bool:
    """是 or 否, 否 if empty; raises Unreadable."""
    if cell.lower() in _YES:
        return True
    if cell.lower() in _NO:
        return False
    raise Unreadable("应填写“是”或“否”", "Should be 是 or 否")


def amount(cell: str) -> Decimal | None:
    """CNY, None if empty; raises Unreadable."""
    text = re.sub(r"[¥￥元,，\s]", "", cell)
    if not text:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise Unreadable(f"“{cell[:20]}”不是金额，应写成 569 或 19.90", f"{cell[:20]!r} is no amount") from error
    if not value.is_finite() or not 0 <= value <= 1_000_000 or value != round(value, 2):
        raise Unreadable("金额应在 0 至 1000000 之间，最多两位小数", "0 to 1000000, with two decimals at most")
    return value


def whole(cell: str, least: int, most: int) -> int | None:
    """A whole number in bounds, None if empty; raises Unreadable."""
    if not cell:
        return None
    if not re.fullmatch(r"\d{1,9}", cell) or not least <= int(cell) <= most:
        raise Unreadable(f"应是 {least} 至 {most} 的整数", f"A whole number from {least} to {most}")
    return int(cell)


def seconds(cell: str, least: Decimal, most: Decimal) -> int | None:
    """Seconds as ms, None if empty; raises Unreadable."""
    if not cell:
        return None
    if not re.fullmatch(r"\d{1,5}(\.\d{1,3})?", cell) or not least <= Decimal(cell) <= most:
        raise Unreadable(f"应是 {least} 至 {most} 秒", f"{least} to {most} seconds")
    return int(Decimal(cell) * 1000)


def clock(cell: str) -> int:
    """Minutes and seconds ("3:30", "00:03:30" as spreadsheets have it, or minutes alone) as ms; raises Unreadable."""
    if not (match := re.fullmatch(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{2})(?:\.0*)?", cell)):
        if re.fullmatch(r"\d{1,3}", cell):
            return int(cell) * 60_000
        raise Unreadable("应写成 分:秒，如 3:30", "Minutes and seconds, such as 3:30")
    hours, minutes, rest = (int(part or 0) for part in match.groups())
    if rest > 59:
        raise Unreadable("秒数应小于 60", "Less than 60 seconds")
    return ((hours * 60 + minutes) * 60 + rest) * 1000


def clocked(ms: int) -> str:
    """Milliseconds as minutes and seconds."""
    return f"{ms // 60_000}:{ms // 1000 % 60:02}"


def spelled(ms: int) -> str:
    """Milliseconds as seconds."""
    return plain(Decimal(ms) / 1000)


def plain(value: Decimal | None) -> str:
    """A number without trailing zeros; "" for None."""
    if value is None:
        return ""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def named(values: Mapping[str, str]) -> str:
    """名=值；名=值."""
    return "；".join(f"{_safe(key)}={_safe(value)}" for key, value in values.items())


def values_of(cell: str) -> dict[str, str]:
    """The values of 名=值；名=值; raises Unreadable."""
    found: dict[str, str] = {}
    for piece in parted(cell, "；"):
        key, equals, value = piece.replace("＝", "=").partition("=")
        if not equals or not key.strip():
            raise Unreadable(
                f"“{piece[:20]}”应写成 名称=内容，多个之间用；隔开", f"{piece[:20]!r} should be name=value"
            )
        found[key.strip()] = value.strip()
    return found


def _safe(text: str) -> str:
    return text.replace("；", "，").replace(";", ",").replace("=", "＝")


@dataclass(frozen=True, slots=True)
class Entry:
    """名称（标记）=词/词."""

    title: str
    kind: FactKind
    words: tuple[str, ...]
    denied: bool = False
    required: bool = True
    unit: str = ""


def facts(rows: Sequence[DraftFact]) -> str:
    """要点 as a cell: 尺码（尺码）=38/三十八；防水（否认）=防水."""
    return "；".join(_entry(Entry(one.title, one.kind, one.accept, one.denied, one.required, one.unit)) for one in rows)


def wrongs(rows: Sequence[DraftWrong]) -> str:
    """答错的说法 as a cell."""
    return "；".join(_entry(Entry(one.title, one.kind, one.phrases)) for one in rows)


def facts_of(cell: str) -> tuple[DraftFact, ...]:
    """要点; raises Unreadable."""
    return tuple(
        DraftFact(
            id=f"f{n}", title=one.title, kind=one.kind, accept=one.words, denied=one.denied, required=one.required,
            unit=one.unit,
        )
        for n, one in enumerate(_entries(cell, 12), 1)
    )  # fmt: skip


def wrongs_of(cell: str) -> tuple[DraftWrong, ...]:
    """答错的说法; raises Unreadable."""
    return tuple(
        DraftWrong(id=f"w{n}", title=one.title, kind=one.kind, phrases=one.words)
        for n, one in enumerate(_entries(cell, 12), 1)
    )


def _entry(one: Entry) -> str:
    marks = [] if one.kind == "statement" else [FACT_KINDS[one.kind]]
    marks += [_DENIED] if one.denied else []
    marks += [] if one.required else [_OPTIONAL]
    marks += [f"{_UNIT}:{one.unit}"] if one.unit else []
    title = _safe(one.title).translate(str.maketrans("()（）", "[][]"))
    shown = f"（{'、'.join(marks)}）" if marks else ""
    return f"{title}{shown}={joined((_safe(word) for word in one.words), '/')}"


def _entries(cell: str, most: int) -> Iterator[Entry]:
    pieces = parted(cell, "；")
    if len(pieces) > most:
        raise Unreadable(f"最多 {most} 个，这里有 {len(pieces)} 个", f"At most {most}")
    for piece in pieces:
        match = _FACT.match(piece)
        words = parted(match["words"], "/") if match else ()
        if match is None or not words or len(words) > 30 or any(len(word) > 60 for word in (match["title"], *words)):
            raise Unreadable(
                f"“{piece[:20]}”应写成 名称=说法/说法 或 名称（价格）=569，名称和说法各不超过 60 字",
                f"{piece[:20]!r} should be like title=wording/wording",
            )
        yield _marked(match["title"].strip(), match["marks"] or "", words)


def _marked(title: str, marks: str, words: tuple[str, ...]) -> Entry:
    kind: FactKind = "statement"
    denied, required, unit = False, True, ""
    for mark in parted(marks, "、"):
        if mark in _KIND_OF:
            kind = _KIND_OF[mark]
        elif mark == _DENIED:
            denied = True
        elif mark == _OPTIONAL:
            required = False
        elif re.match(rf"{_UNIT}[:：]", mark) and len(mark) <= 13:
            unit = mark[3:].strip()
        else:
            raise Unreadable(
                f"括号里的“{mark}”不认识，可以写：{'、'.join((*_KIND_OF, _DENIED, _OPTIONAL))}、{_UNIT}:件",
                f"Unknown mark {mark!r}",
            )
    return Entry(title, kind, words, denied, required, unit)


def pieces(rows: Sequence[DraftOrderLine]) -> str:
    """规格×数量；规格×数量."""
    return "；".join(f"{one.sku}×{one.quantity}" for one in rows)


def pieces_of(cell: str) -> tuple[DraftOrderLine, ...]:
    """The lines of 规格×数量；…; raises Unreadable."""
    found = []
    for piece in parted(cell, "；"):
        match = _PIECES.match(piece)
        if match is None or not 1 <= int(match["count"]) <= 1000 or len(match["sku"]) > 32:
            raise Unreadable(f"“{piece[:20]}”应写成 规格编号×数量，如 S38×1", f"{piece[:20]!r} should be SKU×count")
        found.append(DraftOrderLine(sku=match["sku"], quantity=int(match["count"])))
    return tuple(found)
