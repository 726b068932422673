"""A small chat paper for flows, faults and loads: one shop, customers alike but for the order of their questions."""

from typing import Any

from chat_sim.content import ChatContent

_NEEDS: tuple[tuple[str, str, str, tuple[dict[str, Any], ...], str], ...] = (
    ("price", "price", "这款登机箱现在卖多少钱？", ({"kind": "price", "accept": ["329"]},), "亲，登机箱现在329元哦。"),
    ("days", "shipping", "到杭州要几天？", ({"kind": "duration", "accept": ["2-3天"]},), "亲，到杭州2-3天。"),
    ("rain", "product", "下雨天箱子防水吗？", ({"accept": ["防水"]},), "亲，箱面是防水的。"),
    ("back", "returns", "不喜欢可以退吗？", ({"accept": ["七天无理由"]},), "亲，支持七天无理由退货。"),
    ("stock", "stock", "黑色还有货吗？", ({"accept": ["有货"]},), "亲，黑色有货的。"),
    ("bill", "invoice", "能开发票吗？", ({"accept": ["电子发票"]},), "可以的，给您开电子发票。"),
    ("chat", "small_talk", "今天好热啊。", (), "是呀，您记得多喝水。"),
    (
        "size",
        "size",
        "出差用几寸的合适？",
        ({"kind": "number", "accept": ["20"], "unit": "寸"},),
        "短途出差20寸就够了。",
    ),
)
SKU = "case-black"
STOCK = 3


def chat_paper(
    customers: int = 5,
    needs: int = 4,
    arrives_ms: int = 2_000,
    apart_ms: int = 500,
    duration_ms: int = 600_000,
    buyers: int = 2,
    **persona: Any,
) -> ChatContent:
    """`customers` come `apart_ms` apart from `arrives_ms` on, each with `needs` questions; the first ones buy a case.

    `persona`: fields of every customer that differ from what stands here.
    """
    return ChatContent.model_validate(
        {
            "title": {"zh-CN": "登机箱小店", "en": "Cabin cases"},
            "instructions": {"zh-CN": "接待来店的顾客。", "en": "Serve whoever comes."},
            "duration_ms": duration_ms,
            "schema_version": 1,
            "shop": {
                "name": "登机箱小店",
                "products": [
                    {
                        "id": "case",
                        "name": "登机箱",
                        "category": "箱包",
                        "skus": [
                            {"id": SKU, "name": "黑色", "stock": STOCK},
                            {"id": "case-red", "name": "红色", "stock": 50},
                        ],
                        "list_price": "499",
                        "price": "329",
                        "most": 5,
                    },
                    {
                        "id": "tag",
                        "name": "行李牌",
                        "category": "配件",
                        "add_on": True,
                        "skus": [{"id": "tag-1", "name": "标准", "stock": 100}],
                        "list_price": "29",
                        "price": "19.90",
                    },
                ],
                "articles": [{"id": "rules", "title": "退换规则", "body": "七天无理由退货，电子发票，两三天送到。"}],
            },
            "personas": [
                _persona(number, needs, arrives_ms + number * apart_ms, number < buyers) | persona
                for number in range(customers)
            ],
        }
    )


def _persona(number: int, needs: int, arrives_ms: int, buys: bool) -> dict[str, Any]:
    chosen = [_NEEDS[(number + place) % len(_NEEDS)] for place in range(needs)]
    return {
        "id": f"p{number + 1}",
        "name": f"旅客{number + 1}号",
        "profile": "要出差，问得多，说得少。",
        "arrives_ms": arrives_ms,
        "needs": [
            {
                "id": f"{own}-{place}",
                "kind": kind,
                "title": asks,
                "asks": [asks],
                "facts": [{"id": "fact", "title": asks, **fact} for fact in facts],
                "reminders": ["我问的您还没回答呢。"],
                "reference": reference,
            }
            for place, (own, kind, asks, facts, reference) in enumerate(chosen)
        ],
        "think_ms": 2_000,
        "typing_ms": 100,
        "patience_ms": 60_000,
        "nudges": ["还在吗？"],
        "leaves": "没人理我，走了。",
        "offended": "请您好好说话。",
        "no_thanks": "不用，谢谢。",
        "closing": "好的，再见。",
        **({"purchase": _purchase()} if buys else {}),
    }


def _purchase() -> dict[str, Any]:
    return {
        "items": [{"sku": SKU, "quantity": 1}],
        "least_met": 1,
        "ready": "那我要一个黑色的，发单子给我吧。",
        "paid": "付好了。",
        "pay_ms": 3_000,
        "wrong_items": "单子不对，我只要一个黑色的。",
        "too_dear": "怎么比说好的贵？",
        "declines": "那我不买了。",
    }
