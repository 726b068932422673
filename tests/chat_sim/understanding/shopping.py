"""A small shop with one customer, for judging replies by hand."""

from functools import lru_cache
from typing import Any

from chat_sim.content import ChatContent
from chat_sim.persona import Need, Persona
from chat_sim.understanding.judge import Understood, settle, understand

CONTENT: dict[str, Any] = {
    "schema_version": 1,
    "title": {"zh-CN": "在线服务"},
    "duration_ms": 1_800_000,
    "instructions": {"zh-CN": "请接待客户。"},
    "shop": {
        "name": "山野户外",
        "products": [
            {"id": "boot", "name": "疾风徒步鞋", "aliases": ["疾风", "徒步鞋"], "category": "鞋", "list_price": "799",
             "price": "569", "skus": [{"id": "boot-38", "name": "38码", "stock": 3}], "goes_with": ["sock"]},
            {"id": "run", "name": "云履跑鞋", "aliases": ["云履"], "category": "鞋", "list_price": "599",
             "price": "539", "skus": [{"id": "run-38", "name": "38码", "stock": 3}]},
            {"id": "sock", "name": "美利奴羊毛袜", "aliases": ["羊毛袜", "袜子"], "category": "配件", "add_on": True,
             "list_price": "109", "price": "86", "skus": [{"id": "sock-1", "name": "均码", "stock": 30}]},
            {"id": "pole", "name": "碳纤维登山杖", "aliases": ["登山杖"], "category": "配件", "add_on": True,
             "list_price": "259", "price": "199", "skus": [{"id": "pole-1", "name": "标准", "stock": 30}]},
        ],
        "shipping": {
            "fee": "10",
            "regions": [
                {"name": "江浙沪", "cities": ["杭州", "上海", "南京"], "days": "1-2"},
                {"name": "西北", "cities": ["兰州", "西宁"], "days": "4-5"},
            ],
        },
    },
    "forbidden": [{"word": "不知道"}, {"word": "笨"}],
    "courtesy": {"greeting": ["山野有你"]},
    "personas": [
        {
            "id": "p", "name": "一只鹿", "profile": "要买徒步鞋。", "arrives_ms": 0, "file": {"city": "杭州"},
            "needs": [{"id": "n", "kind": "product", "title": "t", "asks": ["在吗"], "reference": "在的"}],
            "nudges": ["人呢"], "leaves": "走了", "offended": "怎么说话呢", "no_thanks": "不用", "closing": "谢谢",
        }
    ],
}  # fmt: skip


@lru_cache
def content() -> ChatContent:
    """The shop above."""
    return ChatContent.model_validate(CONTENT)


def persona() -> Persona:
    """Its customer."""
    return content().personas[0]


def need(kind: str, asks: str, facts: list[dict[str, Any]], **more: Any) -> Need:
    """A need with the id "n"; facts get the ids "f0", "f1"…"""
    named = [{"id": f"f{at}", "title": more.get("title", asks)[:60]} | fact for at, fact in enumerate(facts)]
    return Need.model_validate(
        {"id": "n", "kind": kind, "title": asks[:60], "asks": [asks], "facts": named, "reference": "…"} | more
    )


def read(needs: Need | list[Need], text: str) -> Understood:
    """What the reply says to these needs."""
    return understand(content(), persona(), [needs] if isinstance(needs, Need) else needs, text)


def verdict(one: Need, text: str) -> str:
    """What a single reply does for a need that was just asked."""
    understood = read(one, text)
    return settle(one, understood.findings, understood.courtesy, understood)
