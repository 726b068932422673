"""Codes, inabilities, who bears what, rejected options, two durations: what one message does for its need."""

import pytest

from chat_sim.persona import Need
from tests.chat_sim.understanding.shopping import need, verdict

pytestmark = pytest.mark.unit


def wrong(*phrases: str, kind: str = "statement") -> list[dict[str, object]]:
    """One thing that is wrong by itself."""
    return [{"id": "w", "title": "w", "kind": kind, "phrases": list(phrases)}]


NEEDS: dict[str, Need] = {
    "code": need("photo", "图上这盏灯是哪个型号", [{"accept": ["型号KX2", "KX2"]}], wrong=wrong("型号KX5", "是KX5")),
    "swap": need(
        "photo",
        "我买的KX2，你们寄来的是这个",
        [{"accept": ["寄错了", "发错型号", "发成KX5"]}, {"accept": ["换货", "换成KX2"], "title": "x"}],
        wrong=wrong("没有发错", "就是KX2"),
    ),
    "fine": need("photo", "这个杯子是不是发错颜色了", [{"accept": ["没发错", "没有发错"]}], wrong=wrong("发错了")),
    "crack": need("photo", "这条纹路是质量问题吗", [{"accept": ["质量问题"], "denied": True}]),
    "opened": need(
        "returns",
        "拆封了还能退吗",
        [{"accept": ["拆封不能退", "拆封后不支持退货"]}],
        wrong=wrong("拆封也能退", "可以退"),
    ),
    "channel": need("returns", "钱退到哪里", [{"accept": ["原路退回", "退回原支付账户"]}], wrong=wrong("退到余额")),
    "days": need(
        "returns", "多久到账", [{"kind": "duration", "title": "到账时间", "accept": ["1-3个工作日"]}], neutral=["7天"]
    ),
    "bears": need(
        "returns", "坏了退回去运费谁出", [{"accept": ["运费我们承担"]}], wrong=wrong("运费您承担", "运费自理")
    ),
    "seven": need("returns", "不喜欢能退吗", [{"accept": ["7天无理由"]}]),
    "sum": need(
        "price",
        "灯和灯泡一起多少钱",
        [{"kind": "price", "title": "合计", "accept": ["268元"]}],
        neutral=["299元", "31元", "满299减31", "259元", "40元"],
    ),
    "rule": need("promotion", "有满减吗", [{"accept": ["满299减31"]}]),
    "two": need(
        "price",
        "大的小的各多少",
        [
            {"kind": "price", "title": "大号价格", "accept": ["259元"]},
            {"kind": "price", "title": "小号价格", "accept": ["199元"]},
        ],
    ),
    "vip": need("price", "会员多少钱", [{"kind": "price", "title": "会员价", "accept": ["239元"]}], neutral=["259元"]),
    "slip": need("gift", "别放小票可以吗", [{"accept": ["放小票", "放价格单"], "denied": True}]),
    "pack": need("gift", "能包装吗，有卡片吗", [{"accept": ["免费包装"]}, {"accept": ["手写贺卡"], "title": "卡"}]),
    "time": need("gift", "周五前能到吗", [{"accept": ["来得及", "能赶上", "能按时到"]}]),
    "kid": need(
        "gift", "送小孩选哪个", [{"accept": ["选小台灯", "小台灯合适"]}], wrong=wrong("选大台灯", "大台灯合适")
    ),
    "form": need("invoice", "能开纸质发票吗", [{"accept": ["电子发票"]}], wrong=wrong("可以开纸质发票", "纸质发票")),
    "basis": need("invoice", "发票开多少", [{"accept": ["以实付金额为准", "按实付金额开"]}], wrong=wrong("按原价开")),
    "better": need(
        "comparison",
        "爬山哪双好",
        [{"accept": ["选疾风", "疾风适合"]}],
        products=["boot", "run"],
        wrong=wrong("选云履", "云履适合", "两双一样"),
    ),
    "inch": need("comparison", "屏幕差多少", [{"kind": "number", "unit": "寸", "title": "大的尺寸", "accept": ["27"]}]),
    "same": need(
        "change_of_mind", "换个颜色要加钱吗", [{"accept": ["价格不变", "价格一样"]}], wrong=wrong("要补差价", "要加钱")
    ),
    "change": need("change_of_mind", "颜色能改吗", [{"accept": ["可以改", "能修改"]}]),
    "ship": need(
        "shipping",
        "几时发几时到",
        [
            {"kind": "duration", "title": "发货时间", "accept": ["24小时内"]},
            {"kind": "duration", "title": "送达时间", "accept": ["3-4天"]},
        ],
    ),
    "free": need("shipping", "包邮吗", [{"accept": ["包邮"]}]),
    "fee": need("shipping", "补寄要加钱吗", [{"kind": "price", "title": "运费", "accept": ["12元"]}]),
    "express": need(
        "shipping",
        "能发顺丰吗",
        [{"accept": ["可以发顺丰", "能发顺丰"]}, {"kind": "price", "title": "补运费", "accept": ["15元"]}],
    ),
    "pay": need(
        "complaint",
        "灯罩碎了",
        [{"accept": ["补发", "重新发"]}, {"kind": "price", "title": "补偿", "accept": ["20元"]}],
        courtesy=["apology"],
        wrong=wrong("您自己摔的", "您使用不当"),
    ),
    "up": need("size", "平时38，脚背高选几码", [{"accept": ["大一码"]}], wrong=wrong("按平时的码")),
    "date": need("stock", "几号补货", [{"accept": ["3月8日到货", "3月8日补货"]}]),
    "once": need(
        "promotion", "能减几次", [{"accept": ["只减一次", "只能减一次"]}], wrong=wrong("可以叠加", "上不封顶")
    ),
    "fake": need("insult", "卖假货的吧", [{"accept": ["假一赔十"]}], courtesy=["apology"]),
    "boss": need(
        "insult", "叫你们主管来", [{"accept": ["主管回电"]}], wrong=wrong("没有主管", "不能转主管", "主管不在")
    ),
    "rain": need("product", "这双鞋防水吗？", [{"accept": ["防水"]}]),
    "stock": need("stock", "38码有货吗？", [{"accept": ["有货"]}]),
    "no": need("returns", "剪了吊牌能退吗", [{"accept": ["不能退", "不支持退货"]}]),
    "hand": need("gift", "贺卡可以手写吗", [{"accept": ["可以手写", "支持手写"]}]),
    "bag": need(
        "gift",
        "送长辈选哪种，有袋子吗",
        [{"accept": ["推荐木盒装", "木盒装更合适"]}, {"accept": ["配手提袋", "送手提袋"], "title": "袋"}],
        wrong=wrong("推荐纸盒装", "选纸盒装"),
    ),
    "glaze": need(
        "photo",
        "杯口这个小点是什么",
        [{"accept": ["正常现象", "不影响使用"]}, {"accept": ["不放心可以换", "可以换货"], "title": "换"}],
        wrong=wrong("是破损", "质量问题"),
    ),
    "late": need(
        "complaint",
        "都五天了还没到",
        [{"accept": ["催快递", "联系快递核实"]}, {"kind": "duration", "title": "回复时间", "accept": ["24小时内"]}],
        courtesy=["apology"],
    ),
    "title": need(
        "invoice",
        "抬头写错了能重开吗",
        [{"accept": ["可以重开", "可以换开"]}, {"kind": "duration", "title": "重开时限", "accept": ["30天内"]}],
        wrong=wrong("不能重开"),
    ),
    "addr": need(
        "change_of_mind",
        "地址写错了能改吗",
        [{"accept": ["可以改地址", "帮您修改地址"]}, {"accept": ["还没发货", "未发货"], "title": "状态"}],
        wrong=wrong("已发货改不了"),
    ),
    "stop": need(
        "change_of_mind",
        "不想要了，已经发货了怎么办",
        [{"accept": ["拒收", "拦截快递"]}, {"accept": ["退款"], "title": "款"}],
    ),
    "unit": need(
        "price", "一盏多少钱", [{"kind": "price", "title": "单价", "accept": ["268元"]}], neutral=["299元", "满299减31"]
    ),
    "stack": need(
        "promotion",
        "券能和满减一起用吗，到什么时候",
        [{"accept": ["可以叠加", "能一起用"]}, {"accept": ["6月18日截止", "6月18日结束"], "title": "截止"}],
    ),
    "keep": need(
        "promotion",
        "买贵了怎么办",
        [{"accept": ["价保", "退差价"]}, {"kind": "duration", "title": "价保时间", "accept": ["15天"]}],
    ),
    "lamp": need(
        "comparison",
        "A款和B款哪个亮，差多少瓦",
        [{"accept": ["A款更亮", "A款亮"]}, {"kind": "number", "unit": "瓦", "title": "功率差", "accept": ["6"]}],
        wrong=wrong("B款更亮", "两款一样亮"),
    ),
}
CASES = """
hand|met|可以手写|能手写的|支持手写哦|可以的
hand|wrong|只能打印|不能手写|写不了|抱歉，只支持打印
bag|met|推荐木盒装，配手提袋|木盒装更合适，手提袋也送|建议选木盒装，手提袋有配的|木盒的更体面，推荐木盒装，另外送手提袋
bag|partial|推荐木盒装|送手提袋的|木盒装合适，纸盒装不合适
bag|wrong|推荐纸盒装|选纸盒装就行
glaze|met|正常现象，不放心可以换|不影响使用的，想换可以换货|这是正常的现象哦，您介意的话可以换货|属于正常现象，可以给您换货|正常的，不影响用，要是不放心可以换
glaze|partial|正常现象哦|不影响正常使用|可以换货
glaze|wrong|是破损了|这是质量问题
late|met|抱歉，马上帮您催快递，24小时内回复您|对不起，我联系快递核实，一天内给您答复|不好意思，这边催一下快递，24小时之内给您回电
late|partial|抱歉让您久等|帮您催快递|非常抱歉，马上联系快递核实
late|wrong|抱歉，帮您催快递，72小时内回复您
title|met|可以重开，30天内|30天之内都能重开|能重新开的，一个月内|可以换开，三十天内申请|重开可以的，30天内联系我们
title|partial|可以重开的|能重新开
title|wrong|不能重开|重开不了|可以重开，7天内|没法重开
addr|met|还没发货，可以改地址|没发呢，地址可以改|没发货，这就帮您改地址|还没寄出，给您把地址改好了|未发货，能改的|订单还没发，已经给您修改地址了
addr|partial|可以改地址|还没发货
addr|wrong|地址改不了|不能改地址
stop|met|可以拒收，收到退回后退款|帮您拦截快递，拦下来就退款|到了您拒收，退回来给您退钱|直接拒签，退回后款退您
stop|partial|您拒收就行|退款给您|帮您拦截
unit|met|268就行|268一盏|268包邮|268到手|拍下268|给您268|算您268|268刀|268软妹币|二百六十八大洋|一盏268|价格268呢|268，包邮
unit|wrong|288到手|288一盏|288就能拿下|给您278|二百八一盏|278刀|一盏278
unit|nothing|两百多|满299减31|原价299
stack|met|可以叠加，6月18日截止|能一起用，6月18号结束|能叠着用，活动到6月18日
stack|partial|可以叠加|6月18日截止
stack|wrong|不能叠加|可以叠加，6月20日截止|能一起用，到6月28号
keep|met|有价保，15天|15天价保|十五天内降价退差价|15天内买贵了退差价|半个月价保
keep|partial|可以退差价|有价保的
keep|wrong|价保7天|没有价保|退不了差价|不退差价
lamp|met|A款更亮，差6瓦|a款亮一些，多6瓦
lamp|wrong|B款更亮|两款一样亮|A款更亮，差10瓦|A款没有B款亮
code|met|KX2哦|是KX2，不是KX5|图上的是KX2，KX5不长这样|不是KX5，是KX2|KX2的亲，KX5是另外一款
code|wrong|这是KX5|KX5哦|这是KX25
code|nothing|如果是KX5的话灯罩会大一些
swap|met|是我们寄错了，给您换成KX2|抱歉，错发成KX5了，给您换货|仓库发错了，这就安排换货
swap|partial|确实是寄错了|给您换货
swap|wrong|没有发错哦|这就是KX2
fine|met|没发错的|不是发错了哦|没有发错颜色|颜色没错的|没发错，放心
fine|wrong|是发错了|确实发错颜色了
crack|met|不是质量问题|质量没问题的|质量没有问题|质量是没问题的哦|不属于质量问题
crack|wrong|是质量问题|属于质量问题
crack|nothing|如果是质量问题，我们包退|质量问题的话可以退
opened|met|拆封了退不了|拆开过就没办法退了|拆了的话不支持退货|拆封以后不予退货|没拆可以退，拆了不行|退不了的，拆封了|没拆封的可以退，拆封的不能退|已经拆封，无法退货|拆开不可以退哦|拆封了就不退了|拆封了退货办不了
opened|wrong|拆封了也可以退|拆开也能退的|可以退的
channel|met|退到您付款的账户|原路返回|怎么付的就退到哪里|按原支付方式退|退回您付款时用的微信|哪里来退哪里去|从哪付的退到哪|原渠道退回
channel|wrong|退到余额
days|met|1到3个工作日到账|一至三个工作天到|1～3天|一到三天原路到账|1-3天就到
days|wrong|5天到账|7个工作日到账
bears|met|运费我们出|不用您出运费|运费您不用管|运费店里给您报销|来回运费我们包|运费由我们负担|邮费我们来付|邮费给您补|运费不需要您承担
bears|wrong|运费您出|运费要自理哦
seven|met|7天内随便退|一周内都可以退|一个星期无理由|期天无理由|七天都可以退|七天之内不喜欢可以退
sum|met|268|一共268|合计268元|满减后268|两样加起来299，减31，268元|268米|268块钱|268r|两百六十八
sum|wrong|一共299|合计278元|加起来288|总共二百七
sum|nothing|两百多吧|灯259元，灯泡40元
rule|met|满299减31|满299立减31元|有的，满299减31
rule|wrong|满299减30|满199减31
two|met|大号259，小号199|259元和199元|259、199|大的259小的199
two|wrong|大号199，小号259|大号279，小号199
vip|met|239|会员239元|会员价239
vip|wrong|没有会员价哦|会员和非会员都一个价|会员249
slip|met|小票我们不放的|小票不会放进去|不会有价格单|价格单不给放|不放小票|包裹里没有小票|可以的，不放|小票不放
slip|wrong|会放小票的|小票要放的
pack|met|免费包装+手写贺卡|免费包装＋手写贺卡|包装免费&贺卡手写|免费给您包装，手写一张贺卡
pack|partial|免费包装|贺卡手写的
time|met|来得及的|能赶上|赶得上|周五前能到|可以按时到
time|wrong|不敢保证能赶上|保证不了按时到|来不及了|赶不上|赶不到了|到不了哦|不能按时到
kid|met|选小台灯|小台灯合适，大台灯太大了|小台灯吧|推荐小台灯，大台灯不适合|大台灯太亮，小台灯合适
kid|wrong|选大台灯|大台灯合适
form|met|只能开电子的|纸质的不开，只有电子发票|纸质票暂时开具不了，电子的可以|电子发票哦|目前只支持电子发票|纸质的没有，给您开电子发票|不能开纸质，只有电子版
form|wrong|没有发票|发票开不了|可以开纸质发票|不提供发票
basis|met|以实付金额为准|以实际付款金额为准|按您实付款金额开|实付多少开多少|照实付金额开具
basis|wrong|按原价开
better|met|云履太薄了，选疾风|疾风更合适，云履没必要|疾风吧，云履不适合爬山|选疾风，不建议选云履|疾风
better|wrong|选云履|云履更合适|两双一样的|疾风太重，云履好
inch|met|27寸|27村|二十七寸
inch|wrong|24寸
same|met|价格不变|跟原来一样|可以换，价格和之前一样|不用加钱|不需要补差价|价格一样的|无需加价|不用另外补钱|同价的|价钱是一样的
same|wrong|要加钱的|需要补差价|要补10元
change|met|可以改|改好了|颜色已经改好了|给您备注好了|已经帮您改了|能改的|改|给您改成红色了|帮您换好了
change|wrong|改不了了|不能改|没法改|换不了|已经发出了，改不了
ship|met|24小时内发，3-4天到|一天内发出，三四天送达|24小时之内寄出，三到四天能收到|当天24小时内发出，路上3-4天
ship|partial|24小时内发货|三四天能收到|3-4天到
ship|wrong|72小时内发出|24小时内发，7天送到|48小时发货，3-4天到|三天后才能发|10天能收到
free|met|包邮|不收运费
free|wrong|满99才包邮|要满199元才免邮|99元以上才包邮哦
fee|met|12元|要补12元运费|加十二块
fee|wrong|不用加钱|不收运费的|补15元
express|met|可以，补15元|能，加15元|可以发顺丰，补15元差价|行，15块
express|partial|能发顺丰|可以的
express|wrong|不能发顺丰|发不了顺丰
pay|met|非常抱歉，给您补发，再补偿20元|对不起，新的灯罩马上寄给您，另赔20元|实在抱歉，全新的给您安排发，补偿二十元
pay|partial|抱歉，新的给您寄|给您补发一个|抱欠|对不气
pay|wrong|抱歉，补发一个，赔您五元|抱歉，给您补偿十块钱红包|是不是您自己摔的呀？|您使用不当吧
up|met|大一码|选大一码|建议拍大一号|往大拍一码
up|wrong|按平时的码|选平时的尺码就行
date|met|3月8日到货|3月8号补货|三月8号到|3.8到货|3/8补货
date|wrong|3月9日到货|3月18号补货
once|met|只减一次|只能减一次
once|wrong|可以叠加的|上不封顶
fake|met|抱歉，我们是正品，假一赔十|对不起，假1赔10
fake|partial|非常抱歉
fake|wrong|抱歉，假一赔三|不好意思，假一罚五
boss|met|主管30分钟内给您回电|我让主管回电给您
boss|wrong|没有主管|主管不在哦|不能转主管
rain|nothing|好的，请稍等，我马上为您查一下。|可以，不可以|防水，不防水|能防水的，不能防水
stock|nothing|可以的，能，有货，支持，没问题，不可以，不能，没货，不支持
no|met|不能退|退不了|没办法退的|不行哦|不予退货|无法退|不给退|恕不退货
no|wrong|可以退|能退的
"""  # need|verdict|reply|reply…


def cases() -> list[tuple[str, str, str]]:
    """Need, verdict, reply."""
    rows = [line.split("|") for line in CASES.strip().splitlines()]
    return [(row[0], row[1], reply) for row in rows for reply in row[2:]]


@pytest.mark.parametrize(("key", "expected", "reply"), cases())
def test_verdict(key: str, expected: str, reply: str) -> None:
    assert verdict(NEEDS[key], reply) == expected
