"""What a robot contestant writes: references with slips, FAQ made of the campaign card, a fictitious member."""

import random
import re

from telephony.content import SCRIPT_PARTS, OutboundPart
from telephony.idcard import check_character

_NUMBER = re.compile(r"(?<![0-9])[0-9]{17}[0-9X](?![0-9])")
_FICTITIOUS_REGION = "990000"
"""No region has this code, so that no number made of it is anybody's."""


def written(text: str, fallback: str, chance: random.Random, skill: float) -> str:
    """A text as a robot of this skill writes it: whole, cut short, or with characters left out."""
    base = text.strip() or fallback
    luck, slip = chance.random(), (1 - skill) * 0.06
    kept = "".join(char for char in base if chance.random() >= slip)
    if luck < (1 - skill) * 0.15:
        return ""
    return kept[: max(4, len(kept) // 2)] if luck < (1 - skill) * 0.5 else kept


def script(part: OutboundPart) -> dict[str, str]:
    """The 话术 by slot: the reference, or what the card gives."""
    card, package = part.card, part.packages[0]
    made = {
        "opening": f"您好，我是{card.company}的客服，请问是{card.customer}吗？",
        "needs": f"请问您平时使用{card.product}最看重什么？",
        "guiding": f"如果{card.product}能更稳定，您会考虑升级吗？",
        "product": f"推荐您使用{package.name}，每{package.per}{package.price}元。",
        "closing": f"现在就可以为您办理{package.name}，您看可以吗？",
        "ending": f"感谢您接听，{card.company}祝您生活愉快，再见。",
    }
    return {slot: part.reference.get(slot) or made[slot] for slot in SCRIPT_PARTS}


def questions(part: OutboundPart) -> list[tuple[str, str]]:
    """Questions with answers, as many as the paper takes; the last repeats the first in other words."""
    pairs = [(f"{package.name}怎么收费？", f"每{package.per}{package.price}元。") for package in part.packages]
    pairs += [
        (f"{package.name}包含哪些内容？", "、".join(package.features) or "详见套餐说明。") for package in part.packages
    ]
    product = part.card.product
    pairs += [
        ("办理需要带什么证件？", "只需提供本人姓名和身份证号。"),
        (f"{product}多长时间能够开通？", "办理成功后一个工作日内生效。"),
        ("合约期没满想取消怎么办？", "请联系客服，按合约约定办理。"),
        ("晚上用的人多会变慢吗？", "线路独享带宽，晚间同样稳定。"),
        ("报修之后几小时上门？", "市区二十四小时内安排师傅上门。"),
        ("付款可以用哪些方式？", "支持线上支付，也可以到营业厅缴纳。"),
        ("发票怎么开具？", "缴费成功后可以在线申请电子发票。"),
        ("搬家以后还能用吗？", "可以申请移机，费用以当地公告为准。"),
        ("老用户有没有优惠？", "会员可以享受折扣，以系统显示为准。"),
        ("家里信号不好怎么解决？", "可以加装设备，由师傅现场测试。"),
    ]
    pairs += [(f"关于“{fact}”是怎么回事？", fact) for fact in part.card.facts]
    return pairs[: part.faq_most]


def id_number(part: OutboundPart, chance: random.Random) -> str:
    """The number that the customer says, where it passes its check; else one that does and can't be anybody's."""
    for line in part.persona.lines:
        for number in _NUMBER.findall(line.text):
            if check_character(number[:17]) == number[17]:
                return str(number)
    born = f"{chance.randint(1960, 2002)}{chance.randint(1, 12):02d}{chance.randint(1, 28):02d}"
    first = f"{_FICTITIOUS_REGION}{born}{chance.randint(1, 999):03d}"
    return first + check_character(first)
