"""A fictitious customer for a draft: it asks for what the product sheets and shipping terms of the shop answer.

Where the shop is still empty it gets fictitious wares as well. Chance by a seed.
"""

import random
from collections.abc import Iterable
from decimal import Decimal

from chat_sim.cells import plain
from chat_sim.draft import (
    ChatDraft,
    DraftChatPersona,
    DraftCustomerFile,
    DraftFact,
    DraftNeed,
    DraftOrderLine,
    DraftPastOrder,
    DraftProduct,
    DraftPurchase,
    DraftShop,
    DraftSku,
    DraftSuggestion,
    DraftWrong,
)
from chat_sim.invent_stock import SHOP

_FIRST = (
    "晴天",
    "慢慢",
    "小满",
    "山野",
    "南窗",
    "青柠",
    "半夏",
    "拾光",
    "云边",
    "木棉",
    "白露",
    "浅草",
    "暖阳",
    "初雪",
    "听雨",
    "星河",
)
_SECOND = (
    "的厨房",
    "妈妈",
    "同学",
    "先生",
    "小姐",
    "在路上",
    "爱做饭",
    "家的猫",
    "不加班",
    "有点忙",
    "想省钱",
    "要搬家",
    "爱喝茶",
    "老张",
    "邻居",
    "队长",
)
_MOODS = ("不急，愿意听介绍", "有点急，说话短", "仔细，什么都要问清楚", "和气，爱聊两句")
_EVERY_MS = 60_000
_MOST_LENGTH = 16


def invent(draft: ChatDraft, part: str, seed: int) -> ChatDraft:
    """The draft with a fictitious customer in a part; its shop, if it has any wares, stays as it is. Raises Invalid."""
    given = draft.persona(part)
    shop = draft.shop if any(map(_sellable, draft.shop.products)) else SHOP
    chance = random.Random(f"{part} {seed}")
    number = draft.personas.index(given)
    taken = {persona.name for persona in draft.personas if persona.id != part}
    persona = _persona(shop, given, taken, chance)
    arrives_ms = min(number * _EVERY_MS + 5_000, max(0, draft.duration_ms - 5 * _EVERY_MS))
    persona = persona.model_copy(update={"arrives_ms": arrives_ms})
    return draft.with_persona(persona).model_copy(update={"shop": shop})


def _sellable(product: DraftProduct) -> bool:
    return (
        bool(product.name.strip()) and product.price is not None and any(sku.stock and sku.name for sku in product.skus)
    )


def _persona(shop: DraftShop, given: DraftChatPersona, taken: Iterable[str], chance: random.Random) -> DraftChatPersona:
    name = _name(set(taken), chance)
    wares = [product for product in shop.products if _sellable(product)]
    product = chance.choice([one for one in wares if not one.add_on] or wares)
    sku = chance.choice([one for one in product.skus if one.stock and one.name])
    city = _city(shop, chance)
    pool = [
        *_attributes(product, chance),
        _price(product),
        *([_shipping(shop, city)] if city else []),
    ]
    asked = [_greeting(product), _stock(product, sku), *chance.sample(pool, k=min(len(pool), chance.randint(1, 3)))]
    needs = tuple(need.model_copy(update={"id": f"N{n}"}) for n, need in enumerate(asked, 1))
    extra = next((one for one in wares if one.id in product.goes_with and one.add_on), None)
    return DraftChatPersona(
        id=given.id,
        name=name,
        profile=f"想买{product.name}（{sku.name}），{chance.choice(_MOODS)}。",
        file=DraftCustomerFile(city=city, orders=_orders(chance)),
        needs=needs,
        think_ms=chance.choice((2_000, 2_500, 3_000, 4_000)),
        typing_ms=chance.choice((180, 220, 260)),
        patience_ms=chance.choice((45_000, 60_000, 75_000)),
        nudges=("在吗？", "还在吗，等了有一会儿了。"),
        leaves="算了，没人理我，我去别家看看。",
        offended="你怎么这样说话呀？",
        suggestions=_suggestions(extra, chance),
        no_thanks="这个先不用了，谢谢。",
        purchase=_purchase(product, sku, len(needs)),
        closing="好的，麻烦你了，再见。",
    )


def _name(taken: set[str], chance: random.Random) -> str:
    while (name := f"{chance.choice(_FIRST)}{chance.choice(_SECOND)}{chance.randint(100, 9999)}") in taken:
        pass
    return name


def _city(shop: DraftShop, chance: random.Random) -> str:
    regions = [region for region in shop.shipping.regions if region.cities and region.days]
    return chance.choice(chance.choice(regions).cities) if regions else ""


def _orders(chance: random.Random) -> tuple[DraftPastOrder, ...]:
    """An order of before, for half of the customers."""
    number = "".join(chance.choice("0123456789") for _ in range(14))
    if chance.random() < 0.5:
        return ()
    day = f"2026-0{chance.randint(1, 9)}-{chance.randint(10, 28)}"
    amount = Decimal(chance.randint(20, 300))
    return (DraftPastOrder(number=number, date=day, items="厨房小件", amount=amount, status="已签收"),)


def _greeting(product: DraftProduct) -> DraftNeed:
    return DraftNeed(
        id="N",
        kind="greeting",
        title="打招呼",
        asks=(f"你好，在吗？想问一下{product.name}。",),
        reminders=("有人吗？",),
        reference="您好，欢迎光临，很高兴为您服务，请问您想了解什么？",
    )


def _stock(product: DraftProduct, sku: DraftSku) -> DraftNeed:
    fact = DraftFact(id="f1", title="有货", accept=("有货", "有现货", "还有"))
    wrong = DraftWrong(id="w1", title="说成缺货", phrases=("缺货", "卖完了", "断货"))
    return DraftNeed(
        id="N",
        kind="stock",
        title=f"{sku.name}有没有货",
        asks=(f"{product.name}{sku.name}的现在有货吗？",),
        facts=(fact,),
        wrong=(wrong,),
        reminders=("那到底有没有货呀？",),
        corrected="可是页面上能选呀，您再看看？",
        met="那就好。",
        reference=f"{sku.name}的有货，您可以直接拍。",
        products=(product.id,),
    )


def _price(product: DraftProduct) -> DraftNeed:
    assert product.price is not None
    value = plain(product.price)
    listed = (plain(product.list_price),) if product.list_price not in (None, product.price) else ()
    return DraftNeed(
        id="N",
        kind="price",
        title="现在的价格",
        asks=(f"{product.name}现在卖多少钱？",),
        facts=(DraftFact(id="f1", title="售价", kind="price", accept=(value,)),),
        neutral=listed,
        reminders=("我问的是现在的价格。",),
        corrected="不对吧，我看到的不是这个价格。",
        reference=f"这款现在的售价是{value}元。",
        products=(product.id,),
    )


def _attributes(product: DraftProduct, chance: random.Random) -> list[DraftNeed]:
    fit = [(key, value) for key, value in product.attributes.items() if 1 < len(value) <= _MOST_LENGTH]
    return [
        DraftNeed(
            id="N",
            kind="product",
            title=key,
            asks=(f"请问{product.name}的{key}是什么？",),
            facts=(DraftFact(id="f1", title=key, accept=(value,)),),
            reminders=(f"我想知道的是{key}。",),
            reference=f"{product.name}的{key}是{value}。",
            products=(product.id,),
        )
        for key, value in chance.sample(fit, k=min(len(fit), 2))
    ]


def _shipping(shop: DraftShop, city: str) -> DraftNeed:
    days = next(region.days for region in shop.shipping.regions if city in region.cities)
    return DraftNeed(
        id="N",
        kind="shipping",
        title=f"寄到{city}几天",
        asks=(f"寄到{city}大概要几天？",),
        facts=(DraftFact(id="f1", title="送达时间", kind="duration", accept=(f"{days}天",)),),
        reminders=("路上要走几天呢？",),
        corrected="不对吧，页面上写的时间不一样。",
        reference=f"发货后{days}天送到{city}。",
    )


def _suggestions(extra: DraftProduct | None, chance: random.Random) -> tuple[DraftSuggestion, ...]:
    if extra is None:
        return ()
    sku = next(one for one in extra.skus if one.stock and one.name)
    if chance.random() < 0.5:
        return (DraftSuggestion(product=extra.id, accepts=False, says="这个家里有了，不用了。"),)
    adds = DraftOrderLine(sku=sku.id, quantity=1)
    return (DraftSuggestion(product=extra.id, accepts=True, says=f"{extra.name}正好缺，那也来一个吧。", adds=adds),)


def _purchase(product: DraftProduct, sku: DraftSku, asked: int) -> DraftPurchase:
    return DraftPurchase(
        items=(DraftOrderLine(sku=sku.id, quantity=1),),
        least_met=max(1, asked - 1),
        ready=f"那就要{product.name}{sku.name}，一件，帮我下单吧。",
        paid="已经付好了。",
        wrong_items="订单里的东西不对呀，麻烦再看一下。",
        too_dear="好像比刚才说的贵，麻烦再算一下？",
        declines="那我再考虑考虑吧。",
    )
