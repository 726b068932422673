"""A small chat paper in which every kind of reaction can be had, for tests of the engine."""

from typing import Any

from chat_sim.content import ChatContent

PICTURE = {"sha256": "ab" * 32, "width": 40, "height": 30, "alt": "开胶的鞋头"}
THINK_MS, TYPING_MS, PATIENCE_MS = 2_000, 100, 30_000
DURATION_MS = 900_000


def need(id_: str, kind: str, ask: str, *facts: dict[str, Any], reference: str, **more: Any) -> dict[str, Any]:
    """A need with one message."""
    raw = {"id": id_, "kind": kind, "title": ask, "asks": [ask], "facts": list(facts), "reference": reference}
    return raw | {"reminders": [f"{id_}还没答呢"], "products": []} | more


def fact(id_: str, *accept: str, **more: Any) -> dict[str, Any]:
    """A fact."""
    return {"id": id_, "title": id_, "accept": list(accept)} | more


def persona(id_: str, arrives_ms: int, *needs: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A customer."""
    return {
        "id": id_,
        "name": f"演示{id_}",
        "profile": "演示客户",
        "arrives_ms": arrives_ms,
        "needs": list(needs),
        "think_ms": THINK_MS,
        "typing_ms": TYPING_MS,
        "patience_ms": PATIENCE_MS,
        "nudges": ["在吗？", "人呢？"],
        "leaves": "算了不等了",
        "offended": "怎么这样说话",
        "no_thanks": "这个不用了",
        "closing": "好的再见",
    } | more


BUYS = {
    "items": [{"sku": "shoe-42", "quantity": 1}],
    "coupon": "NEW10",
    "least_met": 1,
    "ready": "那下单吧",
    "paid": "付好了",
    "pay_ms": 4_000,
    "wrong_items": "东西不对",
    "too_dear": "怎么这么贵",
    "declines": "那不买了",
}
SOCK = {"product": "sock", "accepts": True, "says": "袜子也要", "adds": {"sku": "sock-1", "quantity": 1}}
SIZE = need(
    "size",
    "size",
    "脚长26厘米穿几码？",
    fact("size", "42码", "42"),
    reference="亲，建议选42码。",
    articles=["a1"],
    met="明白了",
    corrected="不对吧",
)
RAIN = need(
    "rain",
    "product",
    "能防水吗？鞋底滑不滑？",
    fact("rain", "防泼水"),
    fact("sole", "橡胶大底"),
    reference="这款防泼水，橡胶大底不容易滑。",
    articles=["a2"],
    partly="还有呢？",
    wrong=[{"id": "full", "title": "说成完全防水", "phrases": ["完全防水"]}],
)
PRICE = need(
    "price",
    "price",
    "包多少钱？",
    fact("price", "199", kind="price"),
    reference="腰包199元。",
    articles=["a2"],
    with_next=True,
)
STOCK = need("stock", "stock", "黑色有吗？", fact("stock", "有货"), reference="黑色有货。", articles=["a2"])
QUIET = {"id": "quiet", "kind": "silence", "title": "不说话", "silent_ms": 40_000, "reference": "", "met": "嗯在的"}
BURST = need(
    "burst",
    "photo",
    "鞋开胶了！",
    fact("swap", "换新"),
    reference="非常抱歉，给您换新。",
    articles=["a3"],
    courtesy=["apology"],
    picture=PICTURE,
)
CHAT = need("chat", "small_talk", "今天真热", reference="是呀，注意防暑。")

SHOP: dict[str, Any] = {
    "name": "演示户外店",
    "products": [
        {
            "id": "shoe",
            "name": "徒步鞋",
            "category": "鞋",
            "skus": [{"id": "shoe-42", "name": "42码", "stock": 2}, {"id": "shoe-43", "name": "43码", "stock": 0}],
            "list_price": "699",
            "price": "569",
            "most": 2,
        },
        {
            "id": "sock",
            "name": "羊毛袜",
            "category": "袜",
            "add_on": True,
            "skus": [{"id": "sock-1", "name": "标准", "stock": 9}],
            "list_price": "99",
            "price": "86",
        },
        {
            "id": "pole",
            "name": "登山杖",
            "category": "杖",
            "add_on": True,
            "skus": [{"id": "pole-1", "name": "标准", "stock": 9}],
            "list_price": "199",
            "price": "159",
        },
    ],
    "promotions": [
        {"id": "full", "kind": "full_reduction", "title": "满599减50", "step": 2, "threshold": "599", "off": "50"},
        {"id": "new", "kind": "coupon", "title": "新人券", "step": 3, "code": "NEW10", "off": "10"},
    ],
    "articles": [
        {"id": "a1", "title": "尺码对照", "body": "脚长26厘米建议42码。", "keywords": ["尺码"]},
        {"id": "a2", "title": "面料与鞋底", "body": "鞋面防泼水，橡胶大底。腰包199元，黑色有货。"},
        {"id": "a3", "title": "质量问题", "body": "开胶的鞋给客户换新。"},
    ],
}


def raw_chats(*personas: dict[str, Any], **more: Any) -> dict[str, Any]:
    """As JSON. a comes at once, asks two things and buys; b comes at 5 s, asks two at once and falls silent.

    c comes at 60 s and complains.
    """
    chosen = personas or (
        persona("a", 0, SIZE, RAIN, purchase=BUYS, suggestions=[SOCK]),
        persona("b", 5_000, PRICE, STOCK, QUIET),
        persona("c", 60_000, BURST, CHAT),
    )
    return {
        "schema_version": 1,
        "title": {"zh-CN": "在线服务小卷"},
        "instructions": {"zh-CN": "接待客户"},
        "duration_ms": DURATION_MS,
        "shop": SHOP,
        "personas": list(chosen),
        "forbidden": [{"word": "随便你"}],
        "canned": [{"id": "hi", "group": "开头", "text": "您好，欢迎光临"}],
        "rubric": {"gap": "normalise"},
    } | more


def chats(*personas: dict[str, Any], **more: Any) -> ChatContent:
    """The paper."""
    return ChatContent.model_validate(raw_chats(*personas, **more))
