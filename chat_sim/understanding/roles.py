"""What a price or a duration is for, by the words beside it."""

import re

from chat_sim.understanding.message import Message
from chat_sim.understanding.quantities import Quantity

_PRICE_BEFORE = (
    ("threshold", re.compile(r"(?:满|够|达到?|凑到?|凑够|超过?|每)$")),
    ("reduction", re.compile(r"(?:减免?|立减|优惠了?|省了?|抵扣?|返现?|直降|让利|少付?|扣|便宜了?)$")),
    ("difference", re.compile(r"(?:贵|便宜|差价?|多花|高|低|多付)(?:了|出)?$")),
    ("list", re.compile(r"(?:原价|吊牌价?|标价|市场价|专柜价|划线价|日常价|之前|以前|原来|本来|平时)[^,\d]{0,4}$")),
    ("postage", re.compile(r"(?:运费|邮费|快递费|配送费|邮资|加收|补运费)[^,\d]{0,6}$")),
    ("member", re.compile(r"(?:会员)[^,\d]{0,6}$")),
    ("total", re.compile(r"(?:一共|总共|合计|总价|共计|加起来|总计|共|总额|等于|=|就是)[^,\d]{0,4}$")),
    (
        "final",
        re.compile(
            r"(?:到手|券后|折后|实付|付款?|支付|活动价|优惠后|满减后|减完|实际|优惠价|最后|最终)[^,\d]{0,4}$"
        ),
    ),
    ("operand", re.compile(r"(?:\+|加上?|-|减去|搭配?)$")),
    ("price", re.compile(r"(?:单价|售价|价格|价钱|现价|卖|只要|仅需?|才|价|现在)[^,\d]{0,4}$")),
)  # fmt: skip
_PAID = ("total", "final", "list", "threshold")
_PRICE_AFTER = (
    ("reduction", re.compile(r"^的?(?:优惠|满减|代金|无门槛|抵用|店铺|专享)?(?:券|卷|红包|优惠|折扣)")),
    ("threshold", re.compile(r"^(?:以上|及以上|起减|起包|即可减|可减|立减|减)")),
    ("free_from", re.compile(r"^(?:就?包邮|免邮|免运费)")),
    ("operand", re.compile(r"^(?:\+|加|-)")),
    ("postage", re.compile(r"^的?(?:运费|邮费|快递费|配送费)")),
)
_ANCHOR = re.compile(r"(?:了|好|完|成功)?(?:以|之)?后")
"""签收后7天: that from which a duration is counted, not what it is for."""
DURATION_CUES = (
    ("return", re.compile(r"无理由|退货|退换|换货|可退|退回|试穿|能退|内退")),
    ("refund", re.compile(r"退款|到账|原路|退钱|返还")),
    ("warranty", re.compile(r"质保|保修|三包|包修|保质|包换")),
    ("protection", re.compile(r"价保|保价|价格保护|差价")),
    ("restock", re.compile(r"补货|来货|上架|预售")),
    ("dispatch", re.compile(r"发货|发出|寄出|出库|揽收|发走|安排发|发件|打包|发(?![票现霉生烧展挥抖言])")),
    (
        "transit",
        re.compile(r"送达|到货|到达|送到|路上|运输|在途|能到|会到|就到|可到|抵达|收到(?!货后)|到(?![手底期时账位了])"),
    ),
    ("answer", re.compile(r"回复|答复|处理|联系您|核实|给您回")),
)


def role_of(whole: Message, one: Quantity) -> str:
    """What a price or a duration is for, by the words beside it; "" if they do not tell."""
    clause = whole.clauses[whole.of_clause[one.start]]
    before, after = whole.text[clause.start : one.start], whole.text[one.end : clause.end]
    if one.kind == "duration":
        return _duration_role(whole, clause.start, clause.end, one)
    nearest, role = -1, ""
    for name, cue in _PRICE_BEFORE:
        match = cue.search(before)
        if match is not None and match.start() > nearest:
            nearest, role = match.start(), name
    following = next((name for name, cue in _PRICE_AFTER if cue.search(after)), "")
    # 一共735元包邮 is a total; 99元包邮 is what it takes.
    return role if role in _PAID and following != "operand" else following or role


def _duration_role(whole: Message, start: int, end: int, one: Quantity) -> str:
    """The cue nearest to the duration in its clause; what follows it counts before what precedes it."""
    best: tuple[int, str] | None = None
    for name, cue in DURATION_CUES:
        for match in cue.finditer(whole.text, start, end):
            if (one.start < match.end() and match.start() < one.end) or _ANCHOR.match(whole.text, match.end()):
                continue
            distance = match.start() - one.end if match.start() >= one.end else one.start - match.end() + 4
            if best is None or (distance, name) < best:
                best = (max(distance, 0), name)
    return best[1] if best else ""


_UNFIT = re.compile(
    r"小了|大了|偏小|偏大|太小|太大|太紧|太松|挤脚|挤|顶脚|紧|松|没货|缺货|断码|售罄|不合适|不行|卖完|不建议|怕"
)
_BETWEEN = "码号的就会是可能有点都已经,有些"


def rejected(whole: Message, one: Quantity) -> bool:
    """A size that is said not to fit (37码就小了), or any value that is denied."""
    if whole.signs[one.start] < 0:
        return True
    clause = whole.clauses[whole.of_clause[one.start]]
    rest = whole.text[one.end : clause.end].lstrip(_BETWEEN)
    return (one.kind == "size" or one.bare) and _UNFIT.match(rest) is not None
