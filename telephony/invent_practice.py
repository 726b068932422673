"""Fictitious texts for 复述录音 and 总结知识."""

import random

from server.core.text import Text
from telephony import invent_stock as stock
from telephony.draft import DraftKeyPoint, DraftLine, DraftRetell, DraftSummary


def retell(part: DraftRetell, chance: random.Random) -> DraftRetell:
    """A notice of a power cut with six points."""
    _, month, day = stock.date(chance)
    begin, hours = chance.randint(6, 10), chance.randint(3, 6)
    street = chance.choice(("文昌路", "学府路", "滨江路", "清泉路"))
    phone = f"400-4{stock.digits(chance, 2)}-{stock.digits(chance, 4)}"
    text = (
        f"各位用户请注意：因线路检修，"
        f"{month}月{day}日{begin}点到{begin + hours}点，{street}沿线暂停供电，共{hours}个小时。"
        "请提前给手机和应急灯充好电，关闭电热器具，冰箱尽量少开门。"
        f"电梯在停电前10分钟停止运行，请不要在这段时间乘坐。如有疑问，请拨打服务热线{phone}。"
    )
    points = (
        ("原因", ("线路检修",)),
        ("日期", (f"{month}月{day}日",)),
        ("时间", (f"{begin}点到{begin + hours}点",)),
        ("地点", (street,)),
        ("电梯", ("10分钟",)),
        ("热线", (phone,)),
    )
    update = {
        "title": part.title if part.title.zh.strip() else Text(zh="复述录音", en="Retelling"),
        "instructions": part.instructions
        if part.instructions.zh.strip()
        else Text(zh="听完录音后，用自己的话把要点说完整。", en="Listen, then tell every point in your own words."),
        "source": DraftLine(id=part.source.id, text=text),
        "key_points": _points(points),
    }
    return part.model_copy(update=update)


def summary(part: DraftSummary, chance: random.Random) -> DraftSummary:
    """A return policy of a shop with four points."""
    days, more, fee = chance.choice((7, 10, 15)), chance.choice((3, 5)), chance.choice((8, 10, 12))
    source = (
        f"顾客在本店购买的商品，自签收之日起{days}天内可以申请退货，商品应保持完好，吊牌和包装齐全。"
        "贴身衣物、食品以及按顾客要求定做的商品，除质量问题以外不能退货，请顾客在下单前仔细看清商品说明。"
        f"因质量问题退货的，来回运费由本店承担；因尺码、颜色等个人原因退货的，顾客承担寄回的运费，一般为{fee}元。"
        f"本店收到退回的商品后，会在{more}个工作日内检查并退款，款项按原来的付款方式退回，到账时间以银行为准。"
        "使用了优惠券的订单，退货后优惠券在有效期内的自动退回账户，已经过期的不再补发。"
        "顾客如果对检查结果有异议，可以联系客服申请复核，复核时请提供照片或视频。"
    )
    reference = (
        f"签收{days}天内商品完好可退货，贴身衣物、食品和定做商品除外。质量问题运费由本店承担，个人原因由顾客付寄回运费约{fee}元。"
        f"收货后{more}个工作日内按原付款方式退款，有效期内的优惠券一并退回，有异议可申请复核。"
    )
    points = (
        ("期限", (f"{days}天",)),
        ("例外商品", ("贴身衣物", "定做")),
        ("运费", ("运费",)),
        ("退款时间", (f"{more}个工作日",)),
    )
    update = {
        "title": part.title if part.title.zh.strip() else Text(zh="总结知识", en="Summary"),
        "instructions": part.instructions
        if part.instructions.zh.strip()
        else Text(zh="把下面的内容总结成一段话，不要超过字数。", en="Sum the text up in one paragraph."),
        "source": source,
        "reference": reference,
        "key_points": _points(points),
    }
    return part.model_copy(update=update)


def _points(points: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[DraftKeyPoint, ...]:
    return tuple(
        DraftKeyPoint(id=f"k{n}", title=title, phrases=phrases) for n, (title, phrases) in enumerate(points, 1)
    )
