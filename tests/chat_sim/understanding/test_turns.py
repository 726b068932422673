"""Elliptic answers, conditions, who pays, changes of mind: what one message does for its need."""

import pytest

from chat_sim.persona import Need
from tests.chat_sim.understanding.shopping import need, verdict

pytestmark = pytest.mark.unit

NEEDS: dict[str, Need] = {
    "cond": need("returns", "不合适能退吗", [{"accept": ["不影响二次销售", "吊牌完好", "没有穿过"]}]),
    "seven": need("returns", "不合适能退吗", [{"accept": ["7天无理由", "七天内可退"]}]),
    "fee": need(
        "returns",
        "退回去邮费谁出",
        [{"accept": ["运费由您承担", "运费自理", "邮费自付"]}],
        wrong=[{"id": "w", "title": "w", "phrases": ["运费我们承担", "包邮退"]}],
    ),
    "fee2": need(
        "complaint",
        "质量问题邮费谁出",
        [{"accept": ["运费我们承担", "我们出运费"]}],
        wrong=[{"id": "w", "title": "w", "phrases": ["运费您承担"]}],
    ),
    "qual": need(
        "photo",
        "你看，线头都开了",
        [{"accept": ["质量问题", "属于瑕疵"]}, {"accept": ["换新", "补发"], "title": "x"}],
        courtesy=["apology"],
    ),
    "exch": need("returns", "能换大一码吗", [{"accept": ["可以换", "支持换货"]}]),
    "addr": need(
        "change_of_mind",
        "地址能改吗",
        [{"accept": ["可以改", "能修改"]}, {"accept": ["发货前", "还没发货"], "title": "x"}],
    ),
    "blue": need("change_of_mind", "还是换成蓝色吧", [{"accept": ["换成蓝色", "改成蓝色"]}]),
    "cancel": need("change_of_mind", "那不要了，能取消吗", [{"accept": ["可以取消", "帮您取消", "取消订单"]}]),
    "wrap": need(
        "gift",
        "有礼品包装吗",
        [{"accept": ["免费包装", "免费礼盒"]}, {"accept": ["贺卡"], "title": "卡"}],
        wrong=[{"id": "w", "title": "w", "phrases": ["包装收费", "加10元"]}],
    ),
    "insult": need(
        "insult",
        "你们是不是骗子",
        [{"accept": ["马上处理", "尽快处理", "立刻核实"]}],
        courtesy=["apology"],
        wrong=[{"id": "w", "title": "w", "phrases": ["不关我们的事", "您说话注意点", "爱买不买"]}],
    ),
    "price": need(
        "price",
        "两双一起多少",
        [{"kind": "price", "title": "两双合计", "accept": ["1088元"]}],
        neutral=["569元", "1138"],
        products=["boot"],
    ),
    "delta": need(
        "comparison",
        "疾风比云履贵多少",
        [{"kind": "price", "title": "差价", "accept": ["30元"]}],
        products=["boot", "run"],
    ),
    "member": need(
        "price",
        "会员多少钱",
        [{"kind": "price", "title": "会员价", "accept": ["539元"]}],
        neutral=["569"],
        products=["boot"],
    ),
    "comp": need(
        "comparison",
        "疾风和云履哪个适合爬山",
        [{"accept": ["疾风适合爬山", "推荐疾风", "选疾风"]}],
        products=["boot", "run"],
        wrong=[{"id": "w", "title": "w", "phrases": ["推荐云履", "云履适合爬山"]}],
    ),
    "inv": need(
        "invoice",
        "能开发票吗",
        [{"accept": ["电子发票"]}, {"accept": ["增值税普通发票", "普票"], "title": "y"}],
        wrong=[{"id": "w", "title": "w", "phrases": ["专票", "纸质发票"]}],
    ),
}
CASES = """
cond|met|没穿出去、吊牌都在就能退|只要没穿过没洗过就行|得不影响二次销售|影响二次销售就退不了|不影响二销就行|保持吊牌完整|吊牌还在的话可以|没有穿着痕迹就可以|不影响再次销售的都可以退
cond|nothing|7天内可以退|可以的亲
seven|met|一周内都可以退的|签收起7日内可退|能的，7天内|退是可以退的，7天内|7天无理由的哦|可以，七天
seven|wrong|退不了哦|3天内可以退|不能退的|一个月内随便退
fee|met|邮费您这边出|邮费得您出|运费是自己出的|来回邮费您承担|这个要您自己付的|不是质量问题运费需要您承担|我们不承担运费的|运费不由我们承担
fee|wrong|来回邮费我们包|运费我们来出|我们承担运费|不用您出运费|运费不用您承担
fee2|met|运费我们来承担|邮费我们出|不用您出邮费|运费不用您管，我们出|当然是我们承担|我们承担的|邮费算我们的
fee2|wrong|运费您承担哦|邮费要自己出
qual|met|抱歉，这是质量问题，给您换双新的|对不起亲，属于质量问题，重新给您寄一件|很抱歉，品控没做好，是质量问题，给您换新
qual|partial|抱歉，这是质量问题|给您换一双新的吧|确实是质量问题哦
qual|wrong|抱歉，这不是质量问题
exch|met|可以换的|可以换大一码|能换哦|支持换货的|换码没问题|给您换大一码|可以帮您换成大一码
exch|wrong|不能换|换不了|不支持换货|不可以换的
addr|met|可以改，还没发货|发货前能改的|没发货都可以修改|能改，不过要在发货前
addr|partial|可以改的|能改|还没发货呢
addr|wrong|改不了|不能改地址|发货前也不能改
blue|met|好的，给您换成蓝色|帮您改成蓝色了|已经改蓝色|好的，蓝色给您换上|换好了，蓝色的
cancel|met|可以取消的|已经帮您取消|好的，订单给您取消了|能取消|这就给您取消
cancel|wrong|不能取消|取消不了
wrap|met|有的，免费包装，还送贺卡|包装是免费的，贺卡也有|免费给您用礼盒包好，附上贺卡|礼盒不收费，也带贺卡
wrap|wrong|包装收费的，贺卡免费|要加10元
insult|met|非常抱歉，马上给您处理|对不起，我立刻帮您核实|实在不好意思，这边尽快为您处理|抱歉，我现在马上处理
insult|partial|非常抱歉|马上处理
insult|wrong|抱歉，不关我们的事|您说话注意点|爱买不买
insult|nothing|我们不是骗子|您冷静一点
price|met|1088|两双一共1088元|569*2=1138，减50，1088元|满减后一千零八十八|1138-50=1088|总共1088块
price|wrong|1138元|一共1138|1098元|两双1038
price|nothing|单双569元|满599减50
delta|met|贵30元|疾风比云履贵30块|差30|云履便宜30元|569-539=30元|相差三十元
delta|wrong|贵50元|便宜了20元|差40块|贵了二十
member|met|会员539|会员价是五百三十九|您是会员，539元|569打折后会员539
member|wrong|会员549|会员价499元
comp|met|疾风|选疾风吧|爬山推荐疾风|疾风更适合爬山|建议您选疾风，云履适合跑步|云履不适合爬山，选疾风
comp|wrong|推荐云履|云履更适合爬山|选云履|疾风不适合爬山
inv|met|可以开电子普票|电子版的增值税普通发票|电子的，普票|开的是电子发票，普票哦，专票开不了|只能开电子普通发票，没有纸质的
inv|wrong|可以开专票|纸质发票随货寄
"""  # need|verdict|reply|reply…


def cases() -> list[tuple[str, str, str]]:
    """Need, verdict, reply."""
    rows = [line.split("|") for line in CASES.strip().splitlines()]
    return [(row[0], row[1], reply) for row in rows for reply in row[2:]]


@pytest.mark.parametrize(("key", "expected", "reply"), cases())
def test_verdict(key: str, expected: str, reply: str) -> None:
    assert verdict(NEEDS[key], reply) == expected
