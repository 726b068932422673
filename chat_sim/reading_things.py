"""Rows of the sheets of 在线服务 as data of a draft: products, promotions, regions, articles, customers, needs."""

import re
from decimal import Decimal
from typing import Any

from chat_sim import cells
from chat_sim import columns as table
from chat_sim.cells import Unreadable
from chat_sim.reading_row import Row, chosen, id_of

_COURTESY = {zh: key for key, zh in table.COURTESY.items()}
_NEED_KINDS = {zh: key for key, zh in table.NEED_KINDS.items()}
_PROMOTIONS = {zh: key for key, zh in table.PROMOTION_KINDS.items()} | {table.EACH: "full_reduction"}
_RATING = {zh: key for key, zh in table.RATING.items()}


def _skus(cell: str) -> tuple[dict[str, Any], ...]:
    found = []
    for piece in cells.parted(cell, "；"):
        parts = [part.strip() for part in piece.replace("＝", "=").split("=")]
        if len(parts) != 3 or not re.fullmatch(r"\d{1,6}", parts[2]) or int(parts[2]) > 100_000:
            raise Unreadable(
                f"“{piece[:20]}”应写成 编号=名称=库存，如 S38=38码=12", f"{piece[:20]!r} should be id=name=stock"
            )
        found.append({"id": id_of(parts[0]), "name": parts[1][:60], "stock": int(parts[2])})
    if len(found) > 40:
        raise Unreadable("一个商品最多 40 个规格", "A product has 40 variants at most")
    return tuple(found)


def product(row: Row, made: str) -> dict[str, Any]:
    """A product; `made` is its id where the row gives none, here as below."""
    return {
        "id": row.id("商品编号", made),
        "name": row.text("商品名", 60),
        "aliases": row.many("别名", "、", 10, 60),
        "category": row.text("类别", 60),
        "add_on": row.read("搭售商品", cells.yes, False),
        "summary": row.text("商品简介", 300),
        "attributes": row.read("商品属性", cells.values_of, {}),
        "skus": row.read("规格", _skus, ()),
        "list_price": row.read("吊牌价", cells.amount, None),
        "price": row.read("售价", cells.amount, None),
        "member_price": row.read("会员价", cells.amount, None),
        "goes_with": row.ids("推荐搭配", 10),
        "most": row.read("限购", lambda cell: cells.whole(cell, 1, 1_000), None) or 10,
    }


def promotion(row: Row, made: str) -> dict[str, Any]:
    """A promotion of any kind."""
    said = row.text("促销类型", 10, needed=True)
    kind = row.choice("促销类型", _PROMOTIONS, "full_reduction")
    data: dict[str, Any] = {
        "kind": kind,
        "id": row.id("促销编号", made),
        "title": row.text("促销名称", 60),
        "step": row.read("顺序", lambda cell: cells.whole(cell, 1, 9), None) or 1,
        "group": row.text("互斥组", 32),
        "products": row.ids("适用商品", 60),
    }
    threshold = row.read("门槛", cells.amount, None)
    off = row.read("减免", cells.amount, None)
    match kind:
        case "full_reduction":
            return {**data, "threshold": threshold, "off": off, "repeats": said == table.EACH}
        case "gift":
            pieces = row.read("件数", lambda cell: cells.whole(cell, 0, 1_000), None) or 0
            quantity = row.read("赠品数量", lambda cell: cells.whole(cell, 1, 100), None) or 1
            gift = row.text("赠品", 32)
            return {**data, "threshold": threshold or Decimal(0), "pieces": pieces, "gift": gift, "quantity": quantity}
        case "coupon":
            return {**data, "threshold": threshold or Decimal(0), "off": off, "code": row.text("券码", 20)}
        case "nth_price":
            nth = row.read("件数", lambda cell: cells.whole(cell, 2, 10), None) or 2
            percent = row.read("百分比", lambda cell: cells.whole(cell, 0, 99), None)
            return {**data, "nth": nth, "percent": 50 if percent is None else percent}
        case _:
            return {**data, "percent": row.read("百分比", lambda cell: cells.whole(cell, 1, 100), None) or 100}


def region(row: Row) -> dict[str, Any]:
    """Where parcels go."""
    return {
        "name": row.text("地区", 60),
        "cities": row.many("城市", "、", 60, 60),
        "days": row.text("送达天数", 20),
        "extra_fee": row.read("加收", cells.amount, None) or Decimal(0),
    }


def article(row: Row, made: str) -> dict[str, Any]:
    """An article of the 知识库."""
    return {
        "id": row.id("文章编号", made),
        "title": row.text("文章标题", 60),
        "body": row.text("正文", 2_000),
        "keywords": row.many("关键词", "、", 20, 60),
        "updated": row.text("更新日期", 20),
    }


def _orders(cell: str) -> list[dict[str, Any]]:
    found = []
    for piece in cells.parted(cell, "；"):
        parts = [part.strip() for part in piece.split("=")]
        if len(parts) not in (5, 6):
            raise Unreadable(f"“{piece[:20]}”应写成 单号=日期=商品=金额=状态=物流", f"{piece[:20]!r} has 5 or 6 parts")
        keys = ("number", "date", "items", "amount", "status", "tracking")
        limits = (30, 30, 200, 20, 40, 200)
        order: dict[str, Any] = {key: part[:most] for key, part, most in zip(keys, parts, limits, strict=False)}
        order["amount"] = cells.amount(parts[3]) or Decimal(0)
        found.append(order)
    if len(found) > 5:
        raise Unreadable("最多 5 个历史订单", "5 past orders at most")
    return found


def _suggestions(cell: str) -> list[dict[str, Any]]:
    found = []
    for piece in cells.parted(cell, "｜"):
        parts = [part.strip() for part in piece.split("=")]
        if len(parts) not in (3, 4) or parts[1] not in ("接受", "拒绝"):
            raise Unreadable(
                f"“{piece[:20]}”应写成 商品编号=接受=说的话=规格编号×1",
                f"{piece[:20]!r} should be product=接受=words=SKU×1",
            )
        adds = cells.pieces_of(parts[3]) if len(parts) == 4 and parts[3] else ()
        found.append(
            {
                "product": id_of(parts[0]),
                "accepts": parts[1] == "接受",
                "says": parts[2][:300],
                "adds": adds[0] if adds else None,
            }
        )
    if len(found) > 10:
        raise Unreadable("最多 10 条", "10 at most")
    return found


def _rating(cell: str) -> dict[str, Decimal]:
    found = {}
    for name, value in cells.values_of(cell).items():
        figure = cells.amount(value)
        key = _RATING.get(name)
        if key is None or figure is None or not (1 <= figure <= 5 if key == "start" else figure <= 4):
            raise Unreadable(
                f"“{name}={value}”不对：项目有 {'、'.join(_RATING)}，起始 1 至 5 分，扣分 0 至 4 分",
                f"{name}={value} is no rule",
            )
        found[key] = figure
    return found


def _bought(cell: str) -> tuple[dict[str, Any], ...]:
    found = cells.pieces_of(cell)
    if len(found) > 10:
        raise Unreadable("最多买 10 种", "10 items at most")
    return tuple(one.model_dump() for one in found)


def customer(row: Row, made: str) -> dict[str, Any]:
    """A customer without its needs."""
    items = row.read("购买", _bought, ())
    purchase = None
    if items:
        least = row.read("至少满足", lambda cell: cells.whole(cell, 0, 40), None)
        purchase = {
            "items": items,
            "coupon": row.text("用券", 20),
            "least_met": 1 if least is None else least,
            "budget": row.read("预算", cells.amount, None),
            "pay_ms": row.read("付款秒数", lambda cell: cells.seconds(cell, Decimal(1), Decimal(600)), None) or 12_000,
            "ready": row.text("要下单时说", 300),
            "paid": row.text("付款后说", 300),
            "wrong_items": row.text("商品不对时说", 300),
            "too_dear": row.text("太贵时说", 300),
            "declines": row.text("不买时说", 300),
        }
    return {
        "id": row.id("客户编号", made),
        "name": row.text("网名", 20),
        "profile": row.text("客户背景", 400),
        "arrives_ms": row.read("到达时间", cells.clock, 0),
        "file": {
            "city": row.text("城市", 40),
            "member": row.read("会员", cells.yes, False),
            "remark": row.text("客户备注", 200),
            "orders": row.read("历史订单", _orders, []),
        },
        "think_ms": row.read("思考秒数", lambda cell: cells.seconds(cell, Decimal("0.5"), Decimal(60)), None) or 3_000,
        "typing_ms": row.read("打字毫秒每字", lambda cell: cells.whole(cell, 20, 2_000), None) or 250,
        "patience_ms": row.read("耐心秒数", lambda cell: cells.seconds(cell, Decimal(10), Decimal(600)), None)
        or 60_000,
        "nudges": row.many("催促", "｜", 5, 300),
        "leaves": row.text("离开时说", 300),
        "offended": row.text("被冒犯时说", 300),
        "no_thanks": row.text("不要推荐时说", 300),
        "suggestions": row.read("对推荐的反应", _suggestions, []),
        "purchase": purchase,
        "closing": row.text("结束时说", 300),
        "rating": row.read("评分规则", _rating, {}),
    }


def need(row: Row, made: str) -> dict[str, Any]:
    """One of a customer's needs."""
    courtesy = row.read("须用敬语", lambda cell: tuple(chosen(one, _COURTESY) for one in cells.parted(cell, "、")), ())
    return {
        "id": row.id("需求编号", made),
        "kind": row.choice("需求类型", _NEED_KINDS, "product"),
        "title": row.text("需求", 60),
        "asks": row.many("客户的话", "｜", 4, 300),
        "with_next": row.read("与下一条同问", cells.yes, False),
        "facts": row.read("答对要点", cells.facts_of, ()),
        "wrong": row.read("答错说法", cells.wrongs_of, ()),
        "neutral": row.many("不计对错", "、", 30, 60),
        "courtesy": courtesy[:4],
        "reminders": row.many("追问", "｜", 4, 300),
        "partly": row.text("部分答对时说", 300),
        "corrected": row.text("答错时说", 300),
        "met": row.text("答对时说", 300),
        "silent_ms": row.read("沉默秒数", lambda cell: cells.seconds(cell, Decimal(0), Decimal(600)), None) or 0,
        "reference": row.text("参考答案", 500),
        "articles": row.ids("出处文章", 5),
        "products": row.ids("出处商品", 5),
    }
