"""Inbound calls as rows of a table, a turn a row, and the reverse."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from server.core.authoring import RowFault, TableColumn, TableTask
from server.core.errors import Fault, Invalid
from server.core.text import Text
from telephony.draft import AnyDraftPart, DraftCard, DraftInbound, DraftKeyPoint, DraftLine, DraftTurn, TelephonyDraft
from telephony.invent_blank import blank

TITLE, HINT, CUSTOMER, REFERENCE = "标题", "显示提示", "客户的话", "参考答案"
POINTS, AUDIO = "关键点", "录音文件"
_CARD = {
    "company": ("公司", 60),
    "date": ("时间", 40),
    "customer": ("客户", 40),
    "caller_number": ("来电号码", 30),
    "need": ("客户需求", 300),
    "notes": ("补充说明", 500),
}
_MOST = {TITLE: 80, HINT: 200, CUSTOMER: 500, REFERENCE: 1_000, AUDIO: 200, **dict(_CARD.values())}
_MOST_TURNS = 60
_MOST_POINTS = 30
_MOST_PHRASES = 30
_MOST_POINT = 100
_INBOUND_MARKS = Decimal(15)
_BETWEEN = re.compile(r"[；;]")
_PHRASES = re.compile(r"[/／、]")

COLUMNS = (
    TableColumn(title=TITLE, required=True, note="题目的名称，最多 80 字；同一题的各行写同一标题，一行是一轮"),
    TableColumn(title="公司", required=False, note="来电弹屏上的公司；只填每题的第一行，公司等六列都是这样"),
    TableColumn(title="时间", required=False, note="如：2026年3月12日"),
    TableColumn(title="客户", required=False, note="如：演示客户赵先生"),
    TableColumn(title="来电号码", required=False, note="请把这一列设为文本；不要用真实的号码"),
    TableColumn(title="客户需求", required=False, note="客户为什么来电"),
    TableColumn(title="补充说明", required=False, note="选手接听前应知道的其他事"),
    TableColumn(title=HINT, required=True, note="这一轮选手看到的提示，如：核实收件人信息"),
    TableColumn(title=CUSTOMER, required=False, note="这一轮客户先说的话；选手先说时空着"),
    TableColumn(title=REFERENCE, required=False, note="参考答案，评卷时用"),
    TableColumn(title=POINTS, required=False, note="名称=词/词，多个之间用；隔开，如“核实单号=单号/运单号”"),
    TableColumn(title=AUDIO, required=False, note="压缩包里客户录音的文件名；空着就在题库里合成或录制"),
)
EXAMPLE: Mapping[str, str] = {
    TITLE: "示例：更改送货时间",
    "公司": "示例家居商城",
    "时间": "2026年3月12日",
    "客户": "演示客户赵先生",
    "来电号码": "14200001234",
    "客户需求": "想把送货改到周末",
    "补充说明": "",
    HINT: "核实订单",
    CUSTOMER: "你好，我买的书桌想改到周六送。",
    REFERENCE: "您好，示例家居商城，很高兴为您服务。请您提供一下订单号，好吗？",
    POINTS: "核实订单=订单号/单号",
    AUDIO: "",
}


def rows(draft: TelephonyDraft, part: AnyDraftPart) -> list[dict[str, str]]:
    """An inbound call by column title, the card in its first row; raises Invalid for a part of another form."""
    if not isinstance(part, DraftInbound):
        raise Invalid(
            Text(
                zh=f"“{part.title.zh or part.id}”不是呼入题，表格里放不下：请导出题目包",
                en=f"“{part.title.inside('en') or part.id}” is no inbound call: export a package instead of a table",
            )
        )
    title = draft.title.zh if len(draft.parts) == 1 else f"{draft.title.zh} {part.title.zh}"
    made = []
    for number, turn in enumerate(part.turns):
        cells = {column.title: "" for column in COLUMNS}
        if number == 0:
            cells.update({column: getattr(part.card, key) for key, (column, _) in _CARD.items()})
        cells[TITLE] = title
        cells[HINT] = turn.hint
        cells[CUSTOMER] = turn.customer.text if turn.customer else ""
        cells[REFERENCE] = turn.reference
        cells[POINTS] = "；".join(f"{point.title}={'/'.join(point.phrases)}" for point in turn.key_points)
        made.append(cells)
    return made


def from_table(table: Sequence[Mapping[str, str]]) -> list[TableTask]:
    """Drafts of one inbound call each; rows that follow one another with the same title are one call."""
    cells = [{column.title: row.get(column.title, "").strip() for column in COLUMNS} for row in table]
    groups: list[list[int]] = []
    for number, row in enumerate(cells):
        if groups and row[TITLE] and cells[groups[-1][0]][TITLE] == row[TITLE]:
            groups[-1].append(number)
        else:
            groups.append([number])
    return [_task(cells, group) for group in groups]


def _task(cells: Sequence[Mapping[str, str]], group: Sequence[int]) -> TableTask:
    faults = [RowFault(number, fault) for number in group for fault in _faults(cells[number], number == group[0])]
    if len(group) > _MOST_TURNS:
        zh, en = f"一题最多 {_MOST_TURNS} 轮，这里有 {len(group)} 行", f"A call has {_MOST_TURNS} turns at most"
        faults.append(RowFault(group[_MOST_TURNS], Fault(path=TITLE, text=Text(zh=zh, en=en))))
        group = group[:_MOST_TURNS]
    wrong = {(one.row, one.fault.path) for one in faults if one.fault.severe}
    kept = {
        number: {column: "" if (number, column) in wrong else cell for column, cell in cells[number].items()}
        for number in group
    }
    first = kept[group[0]]
    turns = []
    for place, number in enumerate(group, start=1):
        row = kept[number]
        customer = DraftLine(id=f"c{place:02}", text=row[CUSTOMER]) if row[CUSTOMER] else None
        points = tuple(
            DraftKeyPoint(id=f"k{at}", title=title, phrases=phrases)
            for at, (title, phrases) in enumerate(_points(row[POINTS]), start=1)
        )
        turns.append(
            DraftTurn(id=f"t{place:02}", hint=row[HINT], customer=customer, reference=row[REFERENCE], key_points=points)
        )
    draft = blank(Text(zh=first[TITLE]))
    part = draft.parts[0]
    card = DraftCard(**{key: first[column] for key, (column, _) in _CARD.items()})
    inbound = DraftInbound(id=part.id, title=part.title, marks=_INBOUND_MARKS, card=card, turns=tuple(turns))
    files = {
        f"{part.id}.{turn.id}": (number, kept[number][AUDIO])
        for turn, number in zip(turns, group, strict=True)
        if turn.customer is not None and kept[number][AUDIO]
    }
    return TableTask(row=group[0], draft=draft.with_part(inbound), audio_files=files, faults=faults)


def _faults(row: Mapping[str, str], first: bool) -> Iterator[Fault]:
    for column in (TITLE, HINT):
        if not row[column]:
            yield _wrong(column, f"没有填写{column}", f"{column} is missing")
    for column, most in _MOST.items():
        if len(row[column]) > most:
            yield _wrong(column, f"超过 {most} 字", f"Longer than {most} characters")
    for key, (column, _) in _CARD.items():
        if first and not row[column] and key != "notes":
            yield _wrong(
                column, f"没有填写{column}：请填在每题的第一行", f"{column} is missing in the task's first row"
            )
        if not first and row[column]:
            zh = "只看每题第一行的这一列，这里写的不会导入"
            yield Fault(path=column, text=Text(zh=zh, en="Only the task's first row counts here"), severe=False)
    if row[AUDIO] and not row[CUSTOMER]:
        yield _wrong(AUDIO, "这一行没有客户的话，不需要录音", "There is no line of the customer in this row")
    points = _points(row[POINTS])
    if len(points) > _MOST_POINTS:
        yield _wrong(POINTS, f"最多 {_MOST_POINTS} 个关键点", f"At most {_MOST_POINTS} key points")
    for title, phrases in points:
        if not title or not phrases or len(title) > _MOST_POINT or len(phrases) > _MOST_PHRASES:
            yield _wrong(
                POINTS,
                f"“{title[:20]}”不对：应写成 核实单号=单号/运单号，名称最多 {_MOST_POINT} 字，最多 {_MOST_PHRASES} 词",
                f"{title[:20]!r} should be like 核实单号=单号/运单号",
            )


def _points(cell: str) -> list[tuple[str, tuple[str, ...]]]:
    found = []
    for piece in filter(None, (piece.strip() for piece in _BETWEEN.split(cell))):
        title, _, phrases = piece.replace("＝", "=").partition("=")
        words = tuple(filter(None, (word.strip() for word in _PHRASES.split(phrases))))
        found.append((title.strip(), words))
    return found


def _wrong(column: str, zh: str, en: str) -> Fault:
    return Fault(path=column, text=Text(zh=zh, en=en))
