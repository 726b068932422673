"""A customer by itself: its name, its reactions to recommendations, its patience."""

from collections.abc import Iterator

from chat_sim.content import ChatContent
from chat_sim.lint_faults import doubt, wrong
from chat_sim.persona import Persona
from server.core.errors import Fault


def names(personas: list[tuple[int, Persona]]) -> Iterator[tuple[int, Fault]]:
    """Customers that can't be told apart, by their numbers in the draft."""
    seen: dict[str, int] = {}
    for number, persona in personas:
        if persona.name in seen:
            zh = f"与第 {seen[persona.name] + 1} 位客户同名，选手和裁判分不清，请改网名"
            yield number, wrong("name", zh, "Another customer has this name")
        seen.setdefault(persona.name, number)


def customer(content: ChatContent, persona: Persona) -> Iterator[Fault]:
    """Recommendations, and courtesy that its rating asks for; paths below the persona."""
    shop, seen = content.shop, set[str]()
    for number, one in enumerate(persona.suggestions):
        path = f"suggestions.{number}"
        product = shop.product(one.product)
        if product is None:
            yield wrong(f"{path}.product", f"店铺里没有编号为 {one.product} 的商品", f"Unknown product {one.product!r}")
            continue
        if one.product in seen:
            yield wrong(f"{path}.product", f"“{product.name}”出现了两次，只有第一条有用", "Stands there twice")
        seen.add(one.product)
        if one.adds is not None:
            found = shop.sku(one.adds.sku)
            if found is None:
                zh = f"店铺里没有编号为 {one.adds.sku} 的规格"
                yield wrong(f"{path}.adds.sku", zh, f"Unknown SKU {one.adds.sku!r}")
            elif found[0].id != one.product:
                zh = f"推荐的是“{product.name}”，加购的却是“{found[0].name}”"
                yield doubt(f"{path}.adds.sku", zh, "Adds another product than the one recommended")
            if not one.accepts:
                yield doubt(f"{path}.adds", "不接受推荐就不会加购，请清空", "It declines, so nothing is added")
            elif persona.purchase is None:
                yield doubt(f"{path}.adds", "这位客户什么都不买，加购不会发生", "It buys nothing, so nothing is added")
    if persona.purchase is None and not persona.closing.strip():
        yield wrong("closing", "没有填写结束时的话", "The closing words are missing")
    if persona.rating.start < 3:
        yield doubt("rating.start", "起始分低于 3：再好的服务也得不到好评", "Even the best service gets few stars")
