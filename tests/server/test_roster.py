"""Rosters: what is read, what is refused, what is warned of, and what a second import replaces."""

import io
import time
from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

import server.contests.sheets as sheets
from server.contests.roster import RosterFixed, report
from server.contests.roster_check import COLUMNS, checked, read_date
from server.contests.schemas import RosterFault, RosterReport, RosterRules
from server.contests.sheets import fault, person_name, read_sheet
from server.contests.xlsx import MAX_INFLATED_BYTES, MAX_PARTS, UnreadableTable
from server.core.access import Principal, Role
from server.core.errors import LoginRequired, NotFound, NotPermitted, Overtaken, TooLarge
from server.core.ids import new_code
from server.core.journal import RowInsert
from server.settings import DataFolder
from tests.support.clock import ManualClock
from tests.support.staff import Office, office
from tests.support.tables import GOOD, HEADINGS, csv_text, rewritten, xlsx

RULES = RosterRules(most_a_delegation=2, born_on_or_after="2000-05-01")


@pytest.fixture
async def desk(folder: DataFolder, clock: ManualClock) -> AsyncIterator[Office]:
    async with office(folder, clock) as desk:
        yield desk


def found(body: bytes, name: str = "名单.xlsx", rules: RosterRules = RULES) -> list[RosterFault]:
    """Everything that a check of this table says."""
    return checked(read_sheet(name, body, COLUMNS), rules)[1]


def said(faults: list[RosterFault]) -> list[tuple[int, str, bool]]:
    """Where, and how grave."""
    return [(one.row, one.column, one.severe) for one in faults]


# --- reading -----------------------------------------------------------------------------------------


@pytest.mark.unit
def test_a_good_table_is_read_alike_from_every_format() -> None:
    text_ = csv_text(*((17, *row[1:]) if row[0] == 17.0 else row for row in GOOD))
    bodies = {
        "a.xlsx": xlsx(*GOOD),
        "A.XLSX": xlsx(*GOOD, above=[("2017年全国职业院校技能大赛参赛名单",), ()]),
        "b.csv": text_.encode("utf-8-sig"),
        "c.csv": text_.encode("gb18030"),
        "d.csv": text_.replace(",", "\t").encode(),
        "e.csv": text_.replace(",", ";").replace("\r\n", "\n").encode(),
    }
    for name, body in bodies.items():
        candidates, faults = checked(read_sheet(name, body, COLUMNS), RULES)
        assert faults == [], name
        kept = [(one.ticket, one.name, one.delegation, one.group, one.coach) for one in candidates]
        assert kept == [
            ("GS-001", "欧阳雪", "甘肃省", "中职组", "李四"),
            ("GS-002", "张三", "甘肃省", "中职组", "李四"),
            ("17", "王小明", "宁波市", "中职组", "赵六"),
        ], name


@pytest.mark.unit
def test_cells_are_texts_as_people_see_them() -> None:
    row = ("ＧＳ－０１７", " 阿依古丽·\u200b买买提 ", "新疆 生产", "中职组", None, datetime(2001, 9, 1), True)  # noqa: DTZ001
    sheet = read_sheet("a.xlsx", xlsx(row, (18.5, 0, date(2001, 1, 2))), COLUMNS)
    (_, first), (_, second) = sheet.rows
    assert list(first.values()) == ["GS-017", "阿依古丽·买买提", "新疆 生产", "中职组", "", "2001-09-01", "是"]
    assert list(second.values())[:3] == ["18.5", "0", "2001-01-02"]
    assert person_name("张 三") == "张三"
    assert person_name("John Smith") == "John Smith"


@pytest.mark.unit
def test_columns_are_found_by_their_headings() -> None:
    headings = ("备注", "姓 名", "代表队（必填）", "* 参赛证号")
    rows = [("x", "张三", "甘肃省", "1"), (), ("", None, "", ""), ("y", "李四", "宁波市", "2")]
    sheet = read_sheet("a.xlsx", xlsx(*rows, headings=headings), COLUMNS)
    assert [(row, cells["参赛证号"]) for row, cells in sheet.rows] == [(2, "1"), (5, "2")]
    assert said(list(sheet.faults)) == [(1, "备注", False)]


@pytest.mark.unit
def test_missing_columns_are_one_fault() -> None:
    (one,) = found(xlsx(("张三", "甘肃省"), headings=("姓名", "队")))
    assert (one.row, one.severe) == (1, True)
    assert "参赛证号、代表队" in one.text.zh
    assert [one.severe for one in found(xlsx(headings=()))] == [True]
    assert [one.severe for one in found(b"", "a.csv")] == [True]
    assert said(found(xlsx())) == [(2, "", True)]
    doubled = found(xlsx((1, "张三", "甘肃省", 2), headings=("参赛证号", "姓名", "代表队", "参赛证号")))
    assert (1, "参赛证号", True) in said(doubled)


@pytest.mark.unit
def test_the_right_sheet_is_taken() -> None:
    book = load_workbook(io.BytesIO(xlsx(*GOOD)))
    book.create_sheet("说明", 0)["A1"] = "请填写名单"
    hidden = book.create_sheet("旧", 0)
    hidden.append(list(HEADINGS))
    hidden.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    assert len(read_sheet("a.xlsx", out.getvalue(), COLUMNS).rows) == 3


@pytest.mark.unit
def test_formulas_that_failed_are_faults() -> None:
    faults = found(xlsx(("1", "#N/A", "甘肃省", "", "李四", "2001-01-01")))
    assert (2, "姓名", True) in said(faults)


# --- refusing ----------------------------------------------------------------------------------------


def _with_dtd(name: str, data: bytes) -> bytes:
    return data.replace(b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet') if "sheet1" in name else data


def _ebcdic(name: str, data: bytes) -> bytes:
    return b'<?xml version="1.0" encoding="cp037"?>' + data if "sheet1" in name else data


def _truncated(name: str, data: bytes) -> bytes:
    return data[: len(data) // 2] if "sheet1" in name else data


def _unchanged(_name: str, data: bytes) -> bytes:
    return data


PLAIN = xlsx(*GOOD)
REFUSED: dict[str, tuple[str, bytes]] = {
    "old .xls": ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512),
    "WPS .et": ("a.et", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512),
    "encrypted, or .xls renamed": ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512),
    "wrong extension": ("a.docx", PLAIN),
    "no extension": ("xlsx", PLAIN),
    "csv renamed": ("a.xlsx", csv_text(*GOOD).encode()),
    "xlsx renamed": ("a.csv", PLAIN),
    "utf-16": ("a.csv", csv_text(*GOOD).encode("utf-16")),
    "neither encoding": ("a.csv", b"\xff\xfe\xfd,\x80"),
    "open quote": ("a.csv", '参赛证号,姓名,代表队\n1,"张三,甘肃省\n'.encode()),
    "empty": ("a.xlsx", b""),
    "cut off": ("a.xlsx", PLAIN[:-200]),
    "other zip": ("a.xlsx", rewritten(PLAIN, _unchanged)[:0] + b"PK\x05\x06" + b"\0" * 18),
    "broken xml": ("a.xlsx", rewritten(PLAIN, _truncated)),
    "macros": ("a.xlsx", rewritten(PLAIN, _unchanged, **{"xl/vbaProject.bin": b"x"})),
    "entities": ("a.xlsx", rewritten(PLAIN, _with_dtd)),
    "odd encoding": ("a.xlsx", rewritten(PLAIN, _ebcdic)),
    "many parts": ("a.xlsx", rewritten(PLAIN, _unchanged, **{f"xl/media/{n}": b"" for n in range(MAX_PARTS)})),
    "bomb": ("a.xlsx", rewritten(PLAIN, _unchanged, **{"xl/media/a": b"\0" * (MAX_INFLATED_BYTES + 1)})),
}


@pytest.mark.unit
@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_table_is_refused_with_what_to_do(case: str) -> None:
    name, body = REFUSED[case]
    with pytest.raises(UnreadableTable) as refused:
        read_sheet(name, body, COLUMNS)
    detail = refused.value.detail
    assert ".xlsx" in detail.zh or "模板" in detail.zh or "不带宏" in detail.zh
    assert detail.en


@pytest.mark.unit
def test_a_bomb_costs_nothing_though_its_header_lies() -> None:
    name, body = REFUSED["bomb"]
    place = body.rindex(b"PK\x01\x02")
    body = body[: place + 24] + (100).to_bytes(4, "little") + body[place + 28 :]
    before = time.process_time()
    with pytest.raises(UnreadableTable):
        read_sheet(name, body, COLUMNS)
    assert time.process_time() - before < 1


@pytest.mark.unit
def test_size_and_rows_have_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TooLarge):
        read_sheet("a.csv", b"x" * 1_000_001, COLUMNS)
    monkeypatch.setattr(sheets, "MAX_ROWS", 3)
    rows = [(number, "张三", "甘肃省") for number in range(4)]
    for name, body in (("a.xlsx", xlsx(*rows)), ("a.csv", csv_text(*rows).encode())):
        sheet = read_sheet(name, body, COLUMNS)
        assert (len(sheet.rows), [one.severe for one in sheet.faults]) == (0, [True])
        assert "3" in sheet.faults[0].text.zh


@pytest.mark.unit
def test_a_cell_far_away_is_no_trap() -> None:
    def far(name: str, data: bytes) -> bytes:
        cell = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row><row r="99999999"><c r="A99999999"/></row>'
        return data.replace(b"</sheetData>", cell + b"</sheetData>") if "sheet1" in name else data

    assert len(read_sheet("a.xlsx", rewritten(PLAIN, far), COLUMNS).rows) == 3


# --- checking ----------------------------------------------------------------------------------------

ROW = ("1", "张三", "甘肃省", "中职组", "李四", "2001-09-01", "否")


def _but(**changes: Any) -> tuple[Any, ...]:
    cells = dict(zip(HEADINGS, ROW, strict=True)) | changes
    return tuple(cells.values())


@pytest.mark.unit
@pytest.mark.parametrize(
    ("changes", "column", "severe"),
    [
        ({"参赛证号": ""}, "参赛证号", True),
        ({"参赛证号": "A" * 21}, "参赛证号", True),
        ({"参赛证号": "甘-1"}, "参赛证号", True),
        ({"参赛证号": "1.5"}, "参赛证号", True),
        ({"姓名": ""}, "姓名", True),
        ({"姓名": "长" * 81}, "姓名", True),
        ({"代表队": ""}, "代表队", True),
        ({"代表队": "长" * 81}, "代表队", True),
        ({"组别": "长" * 41}, "组别", True),
        ({"出生日期": "去年"}, "出生日期", True),
        ({"出生日期": "2001-02-30"}, "出生日期", True),
        ({"往届一等奖": "不知道"}, "往届一等奖", True),
        ({"出生日期": ""}, "出生日期", False),
        ({"出生日期": "2000-04-30"}, "出生日期", False),
        ({"指导教师": ""}, "指导教师", False),
        ({"指导教师": "李四、王五"}, "指导教师", False),
        ({"指导教师": "李四/王五"}, "指导教师", False),
        ({"指导教师": "李四 王五"}, "指导教师", False),
        ({"往届一等奖": "是"}, "往届一等奖", False),
    ],
)
def test_every_faulty_row_is_named(changes: dict[str, Any], column: str, severe: bool) -> None:
    faults = found(xlsx(_but(**changes)))
    assert said(faults) == [(2, column, severe)]
    assert faults[0].text.zh != faults[0].text.en


@pytest.mark.unit
def test_rules_that_do_not_apply_are_not_checked() -> None:
    rules = RosterRules(most_a_delegation=9, coach_required=False, former_first_prize_allowed=True)
    assert found(xlsx(_but(指导教师="", 出生日期="", 往届一等奖="是")), rules=rules) == []


@pytest.mark.unit
def test_rows_are_compared_with_one_another() -> None:
    faults = found(
        xlsx(
            _but(参赛证号="a1"),
            _but(参赛证号="A1", 姓名="李四"),
            _but(参赛证号="3", 姓名="张 三"),
            _but(参赛证号="4", 姓名="赵六"),
            _but(参赛证号="5", 姓名="张三", 组别="高职组"),
            _but(参赛证号="6", 姓名="张三", 代表队="宁波市"),
        )
    )
    assert said(faults) == [
        (3, "参赛证号", True),
        (4, "姓名", False),
        (6, "姓名", False),
        (4, "代表队", False),
    ]
    assert "4 名" in faults[-1].text.zh


@pytest.mark.unit
def test_dates_as_people_write_them() -> None:
    for cell in ("2001-9-1", "2001/09/01", "2001.9.1", "2001年9月1日", "20010901", "2001 - 09 - 01"):
        assert read_date(cell) == date(2001, 9, 1), cell
    for cell in ("01-09-2001", "2001", "1801-09-01", "20011301", "2001-09", "36000"):
        assert read_date(cell) is None, cell


@pytest.mark.unit
def test_a_long_report_shows_the_severe_faults_first() -> None:
    faults = [fault(row, "", "疑", "?", severe=row % 1_000 == 0) for row in range(1, 2_001)]
    shown = report(faults, rows=2_000, imported=False).faults
    assert len(shown) == 501
    assert [one.row for one in shown if one.severe] == [1_000, 2_000]
    assert "1500" in shown[-1].text.zh


# --- importing ---------------------------------------------------------------------------------------


@pytest.fixture
async def boss(desk: Office) -> Principal:
    return await desk.account("boss", Role.ORGANISER)


async def put(
    desk: Office, who: Principal, contest_id: str, *rows: Any, seen: int = 1, dry_run: bool = False
) -> RosterReport:
    return await desk.roster.import_(who, contest_id, "名单.xlsx", xlsx(*rows), seen=seen, dry_run=dry_run)


async def rows_of(desk: Office, table: str) -> int:
    async with desk.database.read() as connection:
        return int((await connection.execute(text(f"select count(*) from {table}"))).scalar_one())


@pytest.mark.flow
@pytest.mark.anyio
async def test_an_import_makes_entrants_and_a_dry_run_nothing(desk: Office, boss: Principal) -> None:
    contest_id = await desk.contest(boss, rules=RULES.model_dump(mode="json"))
    tried = await put(desk, boss, contest_id, *GOOD, dry_run=True)
    assert (tried.imported, tried.rows, tried.faults) == (False, 3, ())
    assert await rows_of(desk, "entrants") == 0
    done = await put(desk, boss, contest_id, *GOOD)
    assert (done.imported, done.rows) == (True, 3)
    lines = await desk.roster.entrants(boss, contest_id)
    assert [(line.ticket_number, line.name, line.delegation) for line in lines] == [
        ("17", "王小明", "宁波市"),
        ("GS-001", "欧阳雪", "甘肃省"),
        ("GS-002", "张三", "甘肃省"),
    ]
    chief = await desk.account("chief", Role.CHIEF_REFEREE)
    blind = await desk.roster.entrants(chief, contest_id)
    assert [(line.ticket_number, line.name, line.delegation, line.coach) for line in blind] == [
        (line.ticket_number, "", "", "") for line in lines
    ]
    journal = "".join(await desk.journalled(contest_id))
    assert '"rows":3' in journal
    assert not [word for word in ("欧阳雪", "甘肃", "李四", "2001", "GS-001") if word in journal]


@pytest.mark.flow
@pytest.mark.anyio
async def test_one_severe_fault_and_nothing_is_imported(desk: Office, boss: Principal) -> None:
    contest_id = await desk.contest(boss)
    answer = await put(desk, boss, contest_id, *GOOD, _but(姓名=""))
    assert (answer.imported, answer.rows) == (False, 4)
    assert [one.row for one in answer.faults if one.severe] == [5]
    assert await rows_of(desk, "entrants") == 0
    assert len(await desk.journalled(contest_id)) == 1


@pytest.mark.flow
@pytest.mark.anyio
async def test_a_second_import_replaces_the_first_with_log_ins_and_places(desk: Office, boss: Principal) -> None:
    contest_id, other = await desk.contest(boss), await desk.contest(boss)
    await put(desk, boss, other, ROW)
    await put(desk, boss, contest_id, *GOOD)
    (first, *_) = await desk.roster.entrants(boss, contest_id)
    row = await desk.people.repository.by_id(first.account_id)
    assert (row.login_name, row.contest_id, row.password_hash) == (f"{contest_id}:17", contest_id, None)
    entrant = Principal(account_id=row.id, roles=(Role.CONTESTANT,), display_name="", contest_id=contest_id)
    token = await desk.accounts.open_login(entrant)
    seat = RowInsert("seats", {"id": "seat-1", "label": "A-01", "room": "A", "spare": False})
    place = RowInsert("placements", {"account_id": row.id, "contest_id": contest_id, "seat_id": "seat-1"})
    await desk.acts.record(boss, "place", contest_id, contest_id=contest_id, inserts=[seat, place])
    assert (await put(desk, boss, contest_id, ROW, GOOD[2], seen=3)).imported
    assert [line.ticket_number for line in await desk.roster.entrants(boss, contest_id)] == ["1", "17"]
    assert [line.ticket_number for line in await desk.roster.entrants(boss, other)] == ["1"]
    with pytest.raises(LoginRequired):
        await desk.accounts.who(token)
    assert (await rows_of(desk, "placements"), await rows_of(desk, "accounts")) == (0, 1 + 1 + 2)
    assert '"replaced":3' in (await desk.journalled(contest_id))[-1]


@pytest.mark.flow
@pytest.mark.anyio
async def test_who_looked_at_an_older_picture_imports_nothing(desk: Office, boss: Principal) -> None:
    contest_id = await desk.contest(boss)
    await put(desk, boss, contest_id, ROW)
    with pytest.raises(Overtaken):
        await put(desk, boss, contest_id, *GOOD, seen=1)
    assert len(await desk.roster.entrants(boss, contest_id)) == 1


@pytest.mark.flow
@pytest.mark.anyio
async def test_a_roster_is_fixed_once_a_stage_is_armed(desk: Office, boss: Principal) -> None:
    contest_id = await desk.contest(boss)
    await put(desk, boss, contest_id, ROW)
    await desk.stage(boss, contest_id)
    assert (await put(desk, boss, contest_id, *GOOD, seen=3)).imported
    await desk.arm(boss, contest_id)
    for dry_run in (True, False):
        with pytest.raises(RosterFixed):
            await put(desk, boss, contest_id, ROW, seen=5, dry_run=dry_run)


@pytest.mark.flow
@pytest.mark.anyio
async def test_only_organisers_import_and_only_into_contests(desk: Office, boss: Principal) -> None:
    contest_id, lesson = await desk.contest(boss), await desk.contest(boss, kind="lesson")
    referee = await desk.account("referee", Role.SCORING_REFEREE)
    with pytest.raises(NotPermitted):
        await desk.roster.entrants(referee, contest_id)
    floor = await desk.account("floor", Role.FLOOR_REFEREE)
    assert await desk.roster.entrants(floor, contest_id) == []
    with pytest.raises(NotPermitted):
        await put(desk, floor, contest_id, ROW)
    for elsewhere in (lesson, "nothing"):
        with pytest.raises(NotFound):
            await put(desk, boss, elsewhere, ROW)


@pytest.mark.flow
@pytest.mark.anyio
async def test_the_template_can_be_filled_in_and_its_example_is_passed_over(desk: Office, boss: Principal) -> None:
    template = await desk.roster.template()
    empty = await desk.roster.import_(boss, await desk.contest(boss), "a.xlsx", template, seen=1, dry_run=False)
    assert not empty.imported
    assert [(one.row, one.severe) for one in empty.faults] == [(2, True), (2, False)]
    book = load_workbook(io.BytesIO(template))
    assert book.sheetnames == ["名单", "填写说明"]
    sheet = book["名单"]
    assert [cell.value for cell in sheet[1]][:4] == ["参赛证号*", "姓名*", "代表队*", "组别"]
    assert sheet["A50"].number_format == "General" or sheet.column_dimensions["A"].number_format == "@"
    for place, value in enumerate(ROW, 1):
        sheet.cell(3, place, value)
    out = io.BytesIO()
    book.save(out)
    contest_id = await desk.contest(boss)
    filled = await desk.roster.import_(boss, contest_id, "a.xlsx", out.getvalue(), seen=1, dry_run=False)
    assert (filled.imported, filled.rows) == (True, 1)


@pytest.mark.flow
@pytest.mark.anyio
async def test_three_hundred_entrants_are_replaced_quickly(desk: Office, boss: Principal) -> None:
    contest_id = await desk.contest(boss, rules=RosterRules(most_a_delegation=1000).model_dump(mode="json"))
    many = [(f"N{number:04d}", f"选手{new_code(3)}", "甘肃省", "", "李四") for number in range(300)]
    for seen in (1, 2):
        assert (await put(desk, boss, contest_id, *many, seen=seen)).rows == 300
    assert await rows_of(desk, "entrants") == 300
    async with desk.database.read() as connection:
        codes = list(await connection.scalars(text("select contestant_code from entrants")))
    assert len(set(codes)) == 300
