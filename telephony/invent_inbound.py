"""A fictitious inbound call: furniture that is to be delivered on another day, with a fee for the stairs."""

import random

from server.core.text import Text
from telephony import invent_stock as stock
from telephony.content import RequiredAct
from telephony.draft import (
    DraftArticle,
    DraftCard,
    DraftInbound,
    DraftKeyPoint,
    DraftLine,
    DraftRecord,
    DraftTurn,
)
from telephony.invent_blank import INBOUND_MARKS

_GOODS = ("书桌", "餐桌", "衣柜", "沙发", "床垫", "书柜", "茶几", "鞋柜")
_ASKS = (
    "楼里没有电梯，送货上楼要不要另外收钱？",
    "我家在楼上，搬上去还要另外付钱吗？",
    "没有电梯的话，上楼费怎么算？",
)
_OPENINGS = ("你好，我想问一下我订的{goods}，能不能晚几天再送？", "喂，我订的{goods}想改个日子送，可以吗？")


def inbound(
    part: DraftInbound, chance: random.Random
) -> tuple[DraftInbound, tuple[DraftArticle, ...], tuple[DraftRecord, ...]]:
    """The part with card and turns; articles and records have ids that begin with the part's."""
    goods = chance.choice(_GOODS)
    company = stock.company(chance, "家居商城")
    customer = stock.customer(chance)
    phone = stock.mobile(chance)
    verify = stock.digits(chance, 4)
    year, month, day = stock.date(chance)
    old, new = day + 2, day + chance.randint(4, 9)
    number = stock.digits(chance, 12)
    fee = chance.choice((20, 30, 40, 50, 60))
    order, article = f"{part.id}-r1", f"{part.id}-a1"
    surname = customer[0]
    spoken = " ".join(number[at : at + 4] for at in range(0, 12, 4)).replace(" ", "")

    def turn(
        at: int,
        hint: str,
        said: str,
        reference: str,
        points: tuple[tuple[str, tuple[str, ...]], ...],
        required: tuple[RequiredAct, ...] = (),
    ) -> DraftTurn:
        return DraftTurn(
            id=f"t{at:02}",
            hint=hint,
            customer=DraftLine(id=f"c{at:02}", text=said),
            reference=reference,
            key_points=tuple(
                DraftKeyPoint(id=f"k{n}", title=title, phrases=phrases) for n, (title, phrases) in enumerate(points, 1)
            ),
            required=required,
        )

    turns = (
        turn(
            1,
            "规范播报开头语，请客户提供订单号",
            chance.choice(_OPENINGS).format(goods=goods),
            f"您好，{company}，很高兴为您服务。可以为您改送货日期，请您提供一下订单号，好吗？",
            (("开头语", ("您好",)), ("询问订单号", ("订单号",))),
        ),
        turn(
            2,
            "复述订单号，核实身份",
            f"订单号是{spoken}。",
            f"好的，{customer}，跟您核对一下，订单号是{number}，对吗？另外请您说一下预留证件的后四位。",
            (("复述订单号", (number,)), ("核实身份", ("后四位",))),
            (RequiredAct(act="look_up", target=order),),
        ),
        turn(
            3,
            "核对后告知原来的送货日期，询问新的日期",
            f"后四位是{verify}。",
            f"感谢您的配合，已经核对。您的{goods}原定{month}月{old}日送货，请问您想改到哪一天？",
            (("告知原定日期", (f"{month}月{old}日",)), ("询问新日期", ("哪一天",))),
            (RequiredAct(act="verify", target=order),),
        ),
        turn(
            4,
            "确认新的送货日期",
            f"改到{month}月{new}号吧，上午下午都行。",
            f"好的，已经帮您改到{month}月{new}日送货，师傅出发前会给您打电话。请问还有什么可以帮您？",
            (("确认新日期", (f"{month}月{new}日",)), ("主动询问", ("还有什么",))),
        ),
        turn(
            5,
            "查知识库，解释上楼费用",
            chance.choice(_ASKS),
            f"没有电梯的楼房，三楼以上每件收取上楼费{fee}元，由师傅送到后收取；有电梯的楼房不收费。",
            (("上楼费用", (f"{fee}元",)), ("收费条件", ("没有电梯",))),
            (RequiredAct(act="article", target=article),),
        ),
        turn(
            6,
            "总结并礼貌结束",
            "知道了，没有别的事了。",
            f"好的，{customer}，您的{goods}改到{month}月{new}日送货。感谢您的来电，祝您生活愉快，再见。",
            (("总结", (f"{month}月{new}日",)), ("结束语", ("再见", "感谢您的来电"))),
        ),
    )
    card = DraftCard(
        company=company,
        date=f"{year}年{month}月{day}日",
        customer=customer,
        caller_number=phone,
        need=f"{customer}订了一件{goods}，想改送货日期，并询问上楼费用",
        notes=f"订单原定{month}月{old}日送货。改期前须在业务系统中查到订单，并核对证件后四位。",
    )
    made = part.model_copy(
        update={
            "title": part.title if part.title.zh.strip() else Text(zh="呼入客户咨询", en="Inbound call"),
            "marks": part.marks or INBOUND_MARKS,
            "card": card,
            "turns": turns,
        }
    )
    articles = (
        DraftArticle(
            id=article,
            title="上楼费用",
            body=f"有电梯的楼房不收费。没有电梯的楼房，三楼以上每件收取上楼费{fee}元，由送货师傅送到后收取。",
            keywords=("上楼费", "电梯", "费用"),
            updated=f"{year}年1月",
        ),
        DraftArticle(
            id=f"{part.id}-a2",
            title="改送货日期",
            body="送货前一天的十八点以前可以改期，每张订单可以改两次。改期前须核对客户预留证件的后四位。",
            keywords=("改期", "送货", "日期"),
            updated=f"{year}年1月",
        ),
    )
    return (
        made,
        articles,
        _records(part.id, chance, surname, (customer, phone, number, verify, goods, f"{month}月{old}日")),
    )


def _records(
    part_id: str, chance: random.Random, surname: str, right: tuple[str, str, str, str, str, str]
) -> tuple[DraftRecord, ...]:
    """The customer's order, and two that look like it: a transposed number, another customer of the same surname."""
    customer, phone, number, verify, goods, when = right
    at = next(at for at in range(11) if number[at] != number[at + 1] or at == 10)
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    if swapped == number:
        swapped = number[:-1] + str((int(number[-1]) + 1) % 10)
    other = surname + ("女士" if customer.endswith("先生") else "先生")
    rows = (
        (customer, phone, number, verify, goods),
        (other, stock.mobile(chance), swapped, stock.digits(chance, 4), goods),
        (other, stock.mobile(chance), stock.digits(chance, 12), stock.digits(chance, 4), chance.choice(_GOODS)),
    )
    return tuple(
        DraftRecord(
            id=f"{part_id}-r{n}",
            kind="order",
            customer=name,
            phone=mobile,
            number=order,
            verify=last,
            fields={"商品": what, "送货日期": when, "状态": "待送货"},
        )
        for n, (name, mobile, order, last, what) in enumerate(rows, 1)
    )
