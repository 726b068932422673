"""A table of 在线服务 read: every fault with its row and column, and what could be read as drafts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from chat_sim import cells
from chat_sim import columns as table
from chat_sim import reading_things as things
from chat_sim.blank import blank
from chat_sim.draft import ChatDraft
from chat_sim.reading_row import Row
from server.core.authoring import RowFault, TableTask
from server.core.errors import Fault
from server.core.text import Text


def from_table(given: Sequence[Mapping[str, str]]) -> list[TableTask]:
    """A draft for each title, in order of the titles."""
    titles = [row.get(table.TITLE, "").strip() for row in given]
    several = len({title for title in titles if title}) > 1
    tasks: dict[str, _Task] = {}
    above = ""
    sheet = ""
    for number, row in enumerate(given):
        kind = table.sheet_of(row)
        # Where there are several tasks, the last title of another sheet says nothing of this one.
        above = titles[number] or ("" if several and kind != sheet else above)
        sheet = kind
        tasks.setdefault(above, _Task(above, number)).add(number, kind, row)
    return [task.made() for task in tasks.values()]


@dataclass
class _Task:
    """The rows of one title, as they are read."""

    title: str
    row: int
    faults: list[RowFault] = field(default_factory=list)
    whole: dict[str, Any] = field(default_factory=dict)
    shop: dict[str, Any] = field(default_factory=dict)
    shipping: dict[str, Any] = field(default_factory=dict)
    lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    needs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    where: dict[tuple[str, str], int] = field(default_factory=dict)
    """Row of each id, by sheet."""
    asked: list[tuple[Row, str]] = field(default_factory=list)
    """Rows of needs, with the customers they name."""

    def add(self, number: int, sheet: str, cells_of: Mapping[str, str]) -> None:
        """One more row."""
        row = Row(number, cells_of, self.faults)
        if not self.title:
            row.wrong(table.TITLE, "没有填写标题，也没有上一行可以沿用", "The title is missing")
        elif len(self.title) > 80:
            row.wrong(table.TITLE, "超过 80 字", "Longer than 80 characters")
        match sheet:
            case table.SHOP:
                self._shop(row)
            case table.PRODUCTS:
                self._put(row, sheet, "商品编号", things.product(row, self._next(sheet, "P")), 60)
            case table.PROMOTIONS:
                self._put(row, sheet, "促销编号", things.promotion(row, self._next(sheet, "M")), 20)
            case table.REGIONS:
                self._put(row, sheet, "", things.region(row), 40)
            case table.ARTICLES:
                self._put(row, sheet, "文章编号", things.article(row, self._next(sheet, "A")), 80)
            case table.CUSTOMERS:
                self._put(row, sheet, "客户编号", things.customer(row, self._next(sheet, "C")), 40)
            case table.NEEDS:
                self._need(row)
            case table.PHRASES:
                id_ = self._next(sheet, "q")
                group = row.text("短语分组", 20, needed=True)
                self._put(row, sheet, "", {"id": id_, "group": group, "text": row.text("短语", 300, needed=True)}, 60)
            case table.FORBIDDEN:
                word = {"word": row.text("禁语", 30, needed=True), "reason": row.text("禁用原因", 60)}
                self._put(row, sheet, "", word, 100)
            case _:
                known = "、".join(table.known_sheets())
                row.wrong("工作表", f"不认识“{sheet[:20]}”，可以写：{known}", f"Unknown sheet {sheet[:20]!r}")

    def made(self) -> TableTask:
        """The draft, with all that is wrong."""
        for row, customer in self.asked:
            if (table.CUSTOMERS, customer) not in self.where:
                zh = f"“客户”表里没有编号为“{customer}”的客户" if customer else "没有填写客户编号"
                row.wrong("客户编号", zh, f"No customer {customer!r} on the sheet of customers")
        empty = blank(Text(zh=self.title[:80]))
        data = empty.model_dump()
        data.update(self.whole)
        data["shop"].update(self.shop)
        data["shop"]["shipping"].update(self.shipping)
        for sheet, place in (
            (table.PRODUCTS, "products"),
            (table.PROMOTIONS, "promotions"),
            (table.ARTICLES, "articles"),
        ):
            data["shop"][place] = self.lists.get(sheet) or data["shop"][place]
        data["shop"]["shipping"]["regions"] = self.lists.get(table.REGIONS, [])
        for sheet, place in ((table.PHRASES, "canned"), (table.FORBIDDEN, "forbidden")):
            data[place] = self.lists.get(sheet, data[place])
        customers = self.lists.get(table.CUSTOMERS)
        if customers:
            stub = data["personas"][0]["needs"]
            data["personas"] = [{**one, "needs": self.needs.get(one["id"]) or stub} for one in customers]
        try:
            draft = ChatDraft.model_validate(data)
        except ValidationError as error:
            draft = empty
            if not self.faults:
                text = Text(
                    zh=f"读不出这道题：{error.errors()[0]['msg']}", en=f"Unreadable: {error.errors()[0]['msg']}"
                )
                self.faults.append(RowFault(self.row, Fault(path="", text=text)))
        return TableTask(row=self.row, draft=draft, audio_files={}, faults=sorted(self.faults, key=lambda one: one.row))

    def _next(self, sheet: str, letter: str) -> str:
        return f"{letter}{len(self.lists.get(sheet, [])) + 1}"

    def _put(self, row: Row, sheet: str, column: str, data: dict[str, Any], most: int) -> None:
        held = self.lists.setdefault(sheet, [])
        if len(held) >= most:
            row.wrong(column, f"“{sheet}”最多 {most} 行", f"At most {most} rows")
            return
        if column:
            if (sheet, data["id"]) in self.where:
                row.wrong(column, f"编号 {data['id']} 重复", f"The id {data['id']} stands there twice")
                return
            self.where[sheet, data["id"]] = row.number
        held.append(data)

    def _need(self, row: Row) -> None:
        customer = row.text("客户编号", 32)
        self.asked.append((row, customer))
        held = self.needs.setdefault(customer, [])
        need = things.need(row, f"N{len(held) + 1}")
        if len(held) >= 20:
            row.wrong("需求", "一位客户最多 20 个需求", "A customer has 20 needs at most")
        elif any(one["id"] == need["id"] for one in held):
            row.wrong("需求编号", f"编号 {need['id']} 重复", f"The id {need['id']} stands there twice")
        else:
            held.append(need)

    def _shop(self, row: Row) -> None:
        if self.shop:
            row.wrong("店铺名称", "一道题只能有一个店铺：请删去多余的行，或改标题", "A task has one shop")
            return
        self.shop = {
            "name": row.text("店铺名称", 60),
            "intro": row.text("店铺介绍", 400),
            "style": row.text("店铺特点", 200),
        }
        if minutes := row.read("作答分钟", lambda cell: cells.whole(cell, 1, 240), None):
            self.whole["duration_ms"] = minutes * 60_000
        if said := row.text("作答说明", 1_000):
            self.whole["instructions"] = Text(zh=said)
        self.shipping = {
            "carrier": row.text("快递公司", 40),
            "fee": row.read("运费", cells.amount, None) or Decimal(0),
            "free_from": row.read("包邮金额", cells.amount, None),
            "dispatch": row.text("发货时间", 60),
        }
        policy = {
            "most_open": row.read("同时接待", lambda cell: cells.whole(cell, 1, 20), None),
            "most_characters": row.read("每条最多字数", lambda cell: cells.whole(cell, 20, 2_000), None),
        }
        self.whole["policy"] = {key: value for key, value in policy.items() if value is not None}
