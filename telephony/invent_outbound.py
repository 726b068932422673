"""A fictitious outbound call: a subscription for flowers, three packages, a customer with eight questions."""

import random
from decimal import Decimal

from server.core.text import Text
from telephony import invent_stock as stock
from telephony.content import DecisionRule
from telephony.draft import (
    DraftArticle,
    DraftCampaign,
    DraftKeyPoint,
    DraftLine,
    DraftOutbound,
    DraftPackage,
    DraftPersona,
    DraftPersonaLine,
)

_LINES = (
    ("忙", "我正准备出门，几分钟能说完吗？"),
    ("用途", "我们家平时很少买花，买来放哪儿合适呢？"),
    ("新鲜", "以前网上买过一回，路上都压坏了，你们怎么保证新鲜？"),
    ("价格", "我觉得花店里零买也不贵，为什么要按月订？"),
    ("比较", "别的平台也有这种服务，你们有什么不一样？"),
    ("期限", "订了以后中途想停，能退钱吗？"),
    ("信任", "我没听说过你们公司，怎么知道靠得住？"),
    ("优惠", "现在订有没有什么优惠？"),
)
_GREETINGS = ("喂，你好，哪位？", "你好，请问你是哪里？", "喂，哪位？")
_NUDGES = ("喂，还在吗？", "喂，听得见吗？")
_POINTS = (
    ("自报家门", ("您好",)),
    ("了解需求", ("请问",)),
    ("冷链保鲜", ("冷链",)),
    ("介绍套餐", ("套餐",)),
    ("促成", ("登记",)),
    ("结束语", ("再见",)),
)


def outbound(part: DraftOutbound, chance: random.Random) -> tuple[DraftOutbound, tuple[DraftArticle, ...]]:
    """The part with card, packages, persona and reference; articles have ids that begin with the part's."""
    company = stock.company(chance, "鲜花订阅")
    customer = stock.customer(chance)
    light = chance.choice((49, 59, 69))
    prices = (light, light + 40, light + 90)
    names = ("清新套餐", "雅致套餐", "悦享套餐")
    often = ("每月送两次，每次一束主花", "每月送四次，每次一束主花", "每月送四次，每次一束主花加配叶")
    packages = tuple(
        DraftPackage(
            id=f"p{n}",
            name=name,
            price=Decimal(price),
            per="月",
            features=(feature, "冷链配送", "压损包换"),
        )
        for n, (name, price, feature) in enumerate(zip(names, prices, often, strict=True), 1)
    )
    listed = "，".join(f"{name}每月{price}元" for name, price in zip(names, prices, strict=True))
    reference = {
        "opening": f"您好，请问是{customer}吗？我是{company}的客服，想占用您几分钟，介绍一项鲜花服务，方便吗？",
        "needs": "请问您家里平时会摆花吗？一般多久换一次？更看重花的样式，还是省心？",
        "guiding": "自己买花要跑花店，还要挑选搭配；按月订花有人搭配好送到家，每周都能换新，家里更有生气。",
        "product": f"我们有三种套餐：{listed}。全程冷链配送，压损包换，随时可以暂停。",
        "closing": "这个月登记的客户，首次配送免费试看，不满意可以不订。我现在帮您登记，好吗？",
        "ending": f"感谢{customer}接听，祝您生活愉快，再见。",
    }
    persona = DraftPersona(
        name=customer,
        profile=f"{customer}，演示客户，住在市区，偶尔买花，担心路上压坏和中途不能退；说话直接，不会主动提问以外的事。",
        opening=DraftLine(id="opening", text=chance.choice(_GREETINGS)),
        lines=tuple(
            DraftPersonaLine(id=f"l{n:02}", topic=topic, text=text) for n, (topic, text) in enumerate(_LINES, 1)
        ),
        nudges=tuple(DraftLine(id=f"n{n}", text=text) for n, text in enumerate(_NUDGES, 1)),
        endings={
            "deal": DraftLine(id="deal", text="行，给我办一个吧，谢谢。"),
            "interest": DraftLine(id="interest", text="我再考虑一下，过几天再联系吧。"),
            "refusal": DraftLine(id="refusal", text="不需要了，再见。"),
        },
        impatient=DraftLine(id="impatient", text="没人说话，我挂了。"),
        rule=DecisionRule(deal_replies=7, interest_replies=4),
        rule_text="八个问题中至少七个得到认真回答就成交，至少四个为有意向，否则拒绝。",
    )
    made = part.model_copy(
        update={
            "title": part.title if part.title.zh.strip() else Text(zh="呼出电话销售", en="Outbound call"),
            "marks": part.marks or Decimal(30),
            "card": DraftCampaign(
                company=company,
                product="鲜花订阅",
                customer=customer,
                number=stock.mobile(chance),
                goal="了解客户的需求，介绍三种套餐，争取客户登记订阅",
                facts=("客户参加过社区的插花体验活动", "全程冷链配送，压损包换", "随时可以暂停"),
            ),
            "packages": packages,
            "persona": persona,
            "reference": reference,
            "key_points": tuple(
                DraftKeyPoint(id=f"k{n}", title=title, phrases=phrases) for n, (title, phrases) in enumerate(_POINTS, 1)
            ),
        }
    )
    article = DraftArticle(
        id=f"{part.id}-a1",
        title="套餐与价格",
        body=f"{listed}。全程冷链配送，压损包换。可以随时暂停，未配送的次数按比例退款。",
        keywords=("套餐", "价格", "退款"),
    )
    return made, (article,)
