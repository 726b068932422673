"""Cards as rows of a table, and the reverse: the columns by which tasks are imported and exported."""

import re
from collections.abc import Iterator, Mapping
from typing import Literal

from server.core.authoring import RowFault, TableColumn, TableTask
from server.core.errors import Fault
from server.core.text import Text
from typing_test import forms, standard
from typing_test.draft import DictationDraft, DraftAnswer, DraftItem
from typing_test.policy import FieldSpec

Level = Literal["easy", "middle", "hard"]

TITLE, AUDIO, LEVEL = "标题", "录音文件", "难度"
ALTERNATIVES, READINGS = "其他正确写法", "读音"
_TEXTS = {"name": "姓名", "address": "联系地址", "postcode": "邮政编码", "phone": "联系电话", "email": "电子邮箱"}
_HINTS = {"name": "姓名说明", "address": "地址说明"}
_LEVELS: dict[str, Level] = {"易": "easy", "中": "middle", "难": "hard"}
_SEPARATOR = re.compile(r"[；;]")
_MOST_TITLE = 80
_MOST_HINT = 500
_MOST_ALTERNATIVES = 20
_MOST_READINGS = 20

COLUMNS = (
    TableColumn(title=TITLE, required=True, note="题目的名称，最多 80 字，不要重复"),
    TableColumn(title=_TEXTS["name"], required=True, note="选手要录入的姓名"),
    TableColumn(title=_HINTS["name"], required=False, note="录音里怎样说明每个字，如“弓长张，佳节的佳”"),
    TableColumn(title=_TEXTS["address"], required=True, note="从省、自治区或直辖市写起"),
    TableColumn(title=_HINTS["address"], required=False, note="易混的字怎样说明，如“漕运的漕”"),
    TableColumn(title=_TEXTS["postcode"], required=True, note="6 位；请把这一列设为文本，以免丢掉开头的 0"),
    TableColumn(title=_TEXTS["phone"], required=True, note="手机 11 位，固定电话带区号；请把这一列设为文本"),
    TableColumn(title=_TEXTS["email"], required=True, note="按大小写录入"),
    TableColumn(title=ALTERNATIVES, required=False, note="字段=写法，多个之间用；隔开，如“联系电话=027-90350472”"),
    TableColumn(
        title=READINGS, required=False, note="语音会读错的词=拼音，多个之间用；隔开，如“单钰涵=shan4 yu4 han2”"
    ),
    TableColumn(title=AUDIO, required=False, note="压缩包里录音文件的名称；空着就在题库里合成或录制"),
    TableColumn(title=LEVEL, required=False, note="易、中或难；空着为中"),
)
EXAMPLE: Mapping[str, str] = {
    TITLE: "示例：听打第 1 题",
    "姓名": "章文彬",
    "姓名说明": "立早章，文化的文，彬彬有礼的彬",
    "联系地址": "湖北省武汉市武昌区首义路86号5栋2单元801室",
    "地址说明": "首都的首，义务的义",
    "邮政编码": "430060",
    "联系电话": "02790350472",
    "电子邮箱": "wenbin_88@hanbei.net",
    ALTERNATIVES: "联系电话=027-90350472",
    READINGS: "",
    AUDIO: "",
    LEVEL: "易",
}


def row(draft: DictationDraft, item: DraftItem) -> dict[str, str]:
    """A card by column title; of a form of its own, only the standard fields."""
    title = draft.title.zh if len(draft.items) == 1 else f"{draft.title.zh} {item.title.zh}"
    answers = {key: item.answers.get(key, DraftAnswer()) for key in _TEXTS}
    alternatives = [(_TEXTS[key], other) for key, answer in answers.items() for other in answer.alternatives]
    readings = {phrase: pinyin for answer in answers.values() for phrase, pinyin in answer.readings.items()}
    cells = {TITLE: title}
    cells.update({column: answers[key].text for key, column in _TEXTS.items()})
    cells.update({column: answers[key].hint for key, column in _HINTS.items()})
    cells[ALTERNATIVES] = "；".join(f"{column}={_SEPARATOR.sub('，', other)}" for column, other in alternatives)
    cells[READINGS] = "；".join(f"{phrase}={pinyin}" for phrase, pinyin in readings.items())
    cells[AUDIO] = ""
    cells[LEVEL] = next(name for name, level in _LEVELS.items() if level == item.level)
    return {column.title: cells[column.title] for column in COLUMNS}


def from_row(cells: Mapping[str, str], number: int = 0) -> TableTask:
    """A draft of one card, of the row of this index; what can't be right is a fault, and its cell is left empty."""
    given = {column.title: cells.get(column.title, "").strip() for column in COLUMNS}
    faults = list(_faults(given))
    wrong = {fault.path for fault in faults if fault.severe}
    kept = {column: "" if column in wrong else cell for column, cell in given.items()}
    alternatives = _alternatives(kept[ALTERNATIVES])
    readings = dict(_pairs(kept[READINGS]))
    answers = {
        spec.key: DraftAnswer(
            text=kept[_TEXTS[spec.key]],
            alternatives=tuple(alternatives.get(spec.key, ())),
            hint=kept[_HINTS[spec.key]] if spec.key in _HINTS else "",
            readings=readings if spec.key == "name" else {},
        )
        for spec in standard.FIELDS
    }
    blank = standard.blank(Text(zh=kept[TITLE]))
    item = blank.items[0].model_copy(update={"answers": answers, "level": _LEVELS.get(kept[LEVEL], "middle")})
    return TableTask(
        row=number,
        draft=blank.replaced(item),
        audio_files={item.id: (number, kept[AUDIO])} if kept[AUDIO] else {},
        faults=[RowFault(number, fault) for fault in faults],
    )


def _faults(given: Mapping[str, str]) -> Iterator[Fault]:
    if not given[TITLE]:
        yield _wrong(TITLE, "没有填写标题", "The title is missing")
    elif len(given[TITLE]) > _MOST_TITLE:
        yield _wrong(TITLE, f"标题超过 {_MOST_TITLE} 字", f"The title is longer than {_MOST_TITLE} characters")
    for spec in standard.FIELDS:
        yield from _text_faults(spec, given[_TEXTS[spec.key]])
    for column in _HINTS.values():
        if len(given[column]) > _MOST_HINT:
            yield _wrong(column, f"说明超过 {_MOST_HINT} 字", f"Longer than {_MOST_HINT} characters")
    yield from _alternatives_faults(given[ALTERNATIVES])
    pairs = _pairs(given[READINGS])
    if len(pairs) > _MOST_READINGS:
        yield _wrong(READINGS, f"最多 {_MOST_READINGS} 个读音", f"At most {_MOST_READINGS} readings")
    for phrase, pinyin in pairs:
        if not phrase or len(phrase) != len(pinyin.split()):
            yield _wrong(
                READINGS,
                f"“{phrase}={pinyin}”不对：应写成 单=shan4，每个字一个带声调数字的拼音",
                f"{phrase}={pinyin} should be like 单=shan4, one numbered syllable a character",
            )
    if given[LEVEL] and given[LEVEL] not in _LEVELS:
        yield _wrong(
            LEVEL, f"“{given[LEVEL][:10]}”不对：应为易、中或难", f"{given[LEVEL][:10]!r} should be 易, 中 or 难"
        )


def _text_faults(spec: FieldSpec, text: str) -> Iterator[Fault]:
    column = _TEXTS[spec.key]
    if not text:
        yield _wrong(column, f"没有填写{column}", f"{spec.label.en} is missing")
    elif len(text) > spec.max_length:
        yield _wrong(column, f"超过 {spec.max_length} 字", f"Longer than {spec.max_length} characters")
    elif form := forms.fault(spec.kind, text):
        yield Fault(path=column, text=form)


def _alternatives_faults(cell: str) -> Iterator[Fault]:
    specs = {_TEXTS[spec.key]: spec for spec in standard.FIELDS}
    for name, wording in _pairs(cell):
        if name not in specs:
            yield _wrong(
                ALTERNATIVES,
                f"“{name[:20]}”不是字段名：应写成 联系电话=027-90350472，字段名为 {'、'.join(specs)}",
                f"{name[:20]!r} is no field: write 联系电话=027-90350472; the fields are {', '.join(specs)}",
            )
        elif not wording or len(wording) > specs[name].max_length:
            yield _wrong(
                ALTERNATIVES,
                f"“{name}”的写法应有 1 至 {specs[name].max_length} 字",
                f"A wording of {name} has 1 to {specs[name].max_length} characters",
            )
    if any(len(wordings) > _MOST_ALTERNATIVES for wordings in _alternatives(cell).values()):
        yield _wrong(
            ALTERNATIVES,
            f"每个字段最多 {_MOST_ALTERNATIVES} 种写法",
            f"At most {_MOST_ALTERNATIVES} wordings a field",
        )


def _alternatives(cell: str) -> dict[str, list[str]]:
    keys = {column: key for key, column in _TEXTS.items()}
    found: dict[str, list[str]] = {}
    for name, wording in _pairs(cell):
        if name in keys:
            found.setdefault(keys[name], []).append(wording)
    return found


def _pairs(cell: str) -> list[tuple[str, str]]:
    """ "a=1；b=2" as pairs; half-width and full-width signs alike."""
    pieces = (piece.strip() for piece in _SEPARATOR.split(cell))
    split = (re.split(r"[=＝]", piece, maxsplit=1) for piece in pieces if piece)
    return [(pair[0].strip(), pair[1].strip() if len(pair) > 1 else "") for pair in split]


def _wrong(column: str, zh: str, en: str) -> Fault:
    return Fault(path=column, text=Text(zh=zh, en=en))
