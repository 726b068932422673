"""What a draft lacks to be a content: every empty or impossible field by its path, in words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from chat_sim.lint_faults import wrong
from server.core.errors import Fault

_FIELDS: Mapping[str, tuple[str, str]] = {
    "name": ("名称", "The name"),
    "title": ("名称", "The title"),
    "category": ("类别", "The category"),
    "skus": ("规格", "Variant"),
    "list_price": ("吊牌价", "The list price"),
    "price": ("售价", "The price"),
    "threshold": ("门槛金额", "The threshold"),
    "off": ("优惠金额", "The amount off"),
    "gift": ("赠品", "The gift"),
    "code": ("券码", "The code"),
    "days": ("送达天数", "The days"),
    "body": ("正文", "The text"),
    "accept": ("算对的说法", "Accepted wording"),
    "phrases": ("算错的说法", "Wrong wording"),
    "sku": ("规格", "The variant"),
    "product": ("商品", "The product"),
    "says": ("客户的回应", "What the customer says"),
    "items": ("要买的商品", "Item to buy"),
    "ready": ("要下单时的话", "The words when ready"),
    "paid": ("付款后的话", "The words when paid"),
    "wrong_items": ("商品不对时的话", "The words to wrong items"),
    "too_dear": ("太贵时的话", "The words when too dear"),
    "declines": ("不买时的话", "The words of declining"),
    "number": ("订单号", "The order's number"),
    "date": ("日期", "The date"),
    "status": ("状态", "The status"),
    "profile": ("客户背景", "The profile"),
    "nudges": ("催促的话", "Nudge"),
    "leaves": ("离开时的话", "The words of leaving"),
    "offended": ("被冒犯时的话", "The words when offended"),
    "no_thanks": ("不要推荐时的话", "The words of refusing"),
    "closing": ("结束时的话", "The closing words"),
    "group": ("分组", "The group"),
    "text": ("内容", "The text"),
    "products": ("商品", "Product"),
    "needs": ("需求", "Need"),
    "word": ("禁语", "The forbidden word"),
    "alt": ("图片说明", "What the picture shows"),
    "weight": ("权重", "The weight"),
    "asks": ("提问的话", "The customer's question"),
    "reminders": ("追问的话", "The reminder"),
}
_TAGS = frozenset({"full_reduction", "gift", "coupon", "nth_price", "member_price"})


def shape(kind: type[BaseModel], data: Any, path: str = "") -> tuple[Any, list[Fault]]:
    """The value that data make, or None with everything that is missing or impossible, by path below `path`."""
    try:
        return kind.model_validate(data), []
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=True, include_input=False)
        return None, list(_faults([dict(one) for one in found], path))


def _faults(found: Sequence[Mapping[str, Any]], path: str) -> Iterator[Fault]:
    places = {tuple(error["loc"]) for error in found}
    for error in found:
        loc = tuple(error["loc"])
        if error["type"] == "too_short" and any(len(one) > len(loc) and one[: len(loc)] == loc for one in places):
            # A list is said to be too short when what is in it is not valid, too.
            continue
        names = _names(loc)
        at = ".".join([path, *names] if path else names)
        yield _worded(at, next((name for name in reversed(names) if not name.isdigit()), ""), error)


def _names(loc: Sequence[int | str]) -> list[str]:
    """The places of a path; the kind of a promotion stands in pydantic's, not in ours."""
    names = [str(place) for place in loc]
    return [name for at, name in enumerate(names) if not (at >= 2 and names[at - 2] == "promotions" and name in _TAGS)]


def _worded(path: str, field: str, error: Mapping[str, Any]) -> Fault:
    zh, en = _FIELDS.get(field, (f"“{field}”", field))
    context = error.get("ctx", {})
    match error["type"]:
        case "string_too_short" | "decimal_type" | "missing":
            return wrong(path, f"没有填写{zh}", f"{en} is missing")
        case "too_short":
            return wrong(path, f"至少要有一个：{zh}", f"At least one is needed: {en}")
        case "string_too_long":
            most = context.get("max_length")
            return wrong(path, f"{zh}超过 {most} 字，请缩短", f"{en} is longer than {most} characters")
        case "too_long":
            most = context.get("max_length")
            return wrong(path, f"{zh}最多 {most} 个，请删去一些", f"{en}: {most} at most")
        case "string_pattern_mismatch" if field == "code":
            return wrong(path, "券码应为 3 至 20 个大写字母或数字，如 VIP50", "A code has 3 to 20 capitals or digits")
        case "string_pattern_mismatch" if field in ("gift", "sku", "product"):
            return wrong(path, f"没有选择{zh}", f"{en} was not chosen")
        case "string_pattern_mismatch":
            return wrong(path, f"{zh}的写法不对", f"{en} is not well formed")
        case "greater_than" | "greater_than_equal" | "less_than" | "less_than_equal":
            low, high = context.get("gt", context.get("ge")), context.get("lt", context.get("le"))
            bounds = f"不能小于 {low}" if low is not None else f"不能大于 {high}"
            return wrong(path, f"{zh}{bounds}", f"{en} is out of bounds: {error['msg']}")
        case "value_error" if path.startswith("indicators"):
            return wrong(path, "满分值与零分值不能相等", "Full and zero must differ")
        case _:
            return wrong(path, f"{zh}不对：{error['msg']}", f"{en}: {error['msg']}")
