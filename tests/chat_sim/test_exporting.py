"""Conversations as tables: a row each, a row per message, no contestant in them."""

from decimal import Decimal
from typing import Any

import pytest

from chat_sim import exporting
from chat_sim.module import module
from server.core.export import Exports, ExportTable
from server.core.text import Text
from tests.chat_sim.desk import Desk, good_desk

pytestmark = pytest.mark.unit


def _rows(table: ExportTable) -> list[dict[str, Any]]:
    heads = [column.title.zh for column in table.columns]
    return [dict(zip(heads, row, strict=True)) for row in table.rows]


def _said(cell: Any) -> Any:
    return cell.zh if isinstance(cell, Text) else cell


def test_the_module_has_tables() -> None:
    assert isinstance(module, Exports)
    assert [table.key for table in module.tables(good_desk().outcome())] == ["conversations", "messages"]


def test_a_row_per_conversation_in_order_of_arrival() -> None:
    first, second = _rows(exporting.tables(good_desk().outcome())[0])
    assert (first["会话序号"], first["客户"], second["会话序号"], second["客户"]) == (1, "客户a", 2, "客户b")
    times = (first["到访（秒）"], first["接入（秒）"], first["结束（秒）"])
    assert times == (Decimal(0), Decimal(5), Decimal(51))
    assert (first["提出关键点"], first["满足关键点"]) == (2, 2)
    assert first["首次响应时长（秒）"] == Decimal(12)
    # Three replies and an order card to six messages.
    assert first["答客比"] == Decimal("0.6667")
    assert _said(first["订单"]) == "已付款 605.00"
    assert first["成交金额（元）"] == Decimal("605.00")
    assert _said(first["结束原因"]) == "已下单"
    assert second["订单"] is None
    assert second["结束说明"] is None


def test_a_row_per_message_with_what_was_made_of_it() -> None:
    rows = _rows(exporting.tables(good_desk().outcome())[1])
    own = [row for row in rows if row["客户"] == "客户a"]
    sheet = good_desk().sheet()
    assert len(rows) == sum(len(one.messages) for one in sheet.conversations)
    reply = next(row for row in own if _said(row["发送方"]) == "坐席")
    assert (reply["时间（秒）"], _said(reply["内容"])) == (Decimal(12), "您好，建议选42码")
    assert _said(reply["判断"]) == "n1：满足；开头用语"
    (card,) = [row for row in own if "订单卡片" in _said(row["内容"])]
    assert "合计 605.00" in _said(card["内容"])
    assert "order card" in card["内容"].en


def test_a_conversation_without_a_reply_has_empty_figures() -> None:
    desk = Desk()
    desk.asks(0, "a", "n1")
    (row,) = _rows(exporting.tables(desk.outcome())[0])
    assert (row["接入（秒）"], row["首次响应时长（秒）"], row["结束原因"], row["订单"]) == (None, None, None, None)
    assert (row["客户消息"], row["坐席消息"]) == (1, 0)


def test_an_empty_desk_has_headings_only() -> None:
    found = exporting.tables(Desk().outcome())
    assert [len(table.rows) for table in found] == [0, 0]
    assert all(len(table.columns) > 5 for table in found)
