"""Replies to the things that every desk is asked: what one message does for its need."""

import pytest

from chat_sim.persona import Need
from tests.chat_sim.understanding.shopping import need, verdict

pytestmark = pytest.mark.unit

NEEDS: dict[str, Need] = {
    "water": need(
        "product",
        "这双鞋防水吗？",
        [{"accept": ["不防水", "防泼水"]}],
        products=["boot"],
        wrong=[{"id": "w1", "title": "说成防水", "phrases": ["完全防水", "可以涉水"]}],
    ),
    "waterproof": need("product", "这个冲锋衣防水不？", [{"accept": ["防水", "防雨"]}]),
    "price": need(
        "price",
        "徒步鞋多少钱？",
        [{"kind": "price", "title": "售价", "accept": ["569元"]}],
        neutral=["799元"],
        products=["boot"],
    ),
    "size": need(
        "size",
        "脚长24.5平时穿38，选几码？",
        [{"kind": "size", "title": "推荐尺码", "accept": ["38码"]}],
        products=["boot"],
    ),
    "size2": need("size", "身高170穿多大？", [{"kind": "size", "accept": ["L"]}]),
    "ship": need(
        "shipping",
        "今天下单什么时候发货？几天到杭州？",
        [
            {"kind": "duration", "title": "发货时间", "accept": ["48小时内"]},
            {"kind": "duration", "title": "送达时间", "accept": ["2-3天"]},
        ],
    ),
    "fee": need("shipping", "要运费吗？", [{"kind": "price", "title": "运费", "accept": ["10元"]}], neutral=["99元"]),
    "free": need("shipping", "包邮吗？", [{"accept": ["包邮"]}]),
    "ret": need(
        "returns",
        "不合适可以退吗？",
        [{"accept": ["7天无理由退货", "七天内可以退换"]}, {"accept": ["吊牌完好", "不影响二次销售"], "title": "条件"}],
    ),
    "retfee": need("returns", "退货运费谁出？", [{"accept": ["质量问题我们承担运费", "运费买家承担"]}]),
    "stock": need("stock", "38码有货吗？", [{"accept": ["有货"]}], products=["boot"]),
    "stockout": need("stock", "白色还有吗？", [{"accept": ["缺货", "没货"]}]),
    "bargain": need(
        "bargain",
        "能便宜点吗？",
        [{"accept": ["不议价", "价格已经最低", "不能再便宜"]}, {"accept": ["满599减50"], "required": False}],
    ),
    "promo": need("promotion", "有什么优惠？", [{"accept": ["满599减50"]}], products=["boot"]),
    "promo2": need("promotion", "券和满减能一起用吗？", [{"accept": ["不能叠加", "不可同享"]}]),
    "total": need(
        "promotion",
        "鞋加袜子一共多少钱？",
        [{"kind": "price", "title": "合计应付", "accept": ["605元"]}],
        products=["boot", "sock"],
    ),
    "comp": need(
        "comparison", "疾风和云履哪个轻？", [{"accept": ["云履更轻", "云履比疾风轻"]}], products=["boot", "run"]
    ),
    "weight": need(
        "comparison",
        "两双各多重？",
        [
            {"kind": "number", "unit": "克", "title": "疾风重量", "accept": ["420"]},
            {"kind": "number", "unit": "克", "title": "云履重量", "accept": ["290"]},
        ],
        products=["boot", "run"],
    ),
    "inv": need(
        "invoice",
        "能开发票吗？什么形式",
        [{"accept": ["电子发票"]}, {"accept": ["抬头和税号", "提供抬头"], "title": "所需"}],
    ),
    "comp1": need("complaint", "鞋底开胶了！", [{"accept": ["换新", "补发", "重新发一双"]}], courtesy=["apology"]),
    "color": need("product", "会掉色吗", [{"accept": ["掉色"], "denied": True}]),
    "wash": need("product", "可以机洗吗", [{"accept": ["不能机洗", "手洗"]}]),
    "gift": need("gift", "送礼有礼盒吗", [{"accept": ["免费礼盒", "提供礼盒包装"]}]),
    "coupon": need("promotion", "第二件怎么算", [{"accept": ["第二件半价", "第二件5折"]}]),
    "disc": need("promotion", "会员几折", [{"kind": "number", "unit": "折", "title": "会员折扣", "accept": ["9"]}]),
    "small": need("small_talk", "今天好冷啊", []),
    "greet": need("greeting", "在吗", [], courtesy=["greeting"]),
}
CASES = """
water|met|不防水哦|亲，这款徒步鞋是不防水的呢|这双是防泼水的，小雨可以|不放水的哦|这款不具备防水功能|没有防水功能的|防水是没有的哦|不是防水的亲|小雨可以防泼水，大雨不行|亲亲，抱歉，这双鞋不可以防水的|这款鞋子它不能防水|不的哦，不防水|怎么会防水呢，这是网面的|不防水的，您可以看看吗？
water|wrong|防水的|是防水的哦亲|防水没有问题|这双鞋完全防水，可以涉水|当然防水啦|不是不防水的|这款怎么会不防水呢
water|nothing|您问的是防水吗？|我不太清楚防不防水|您自己看详情页哦|如果是防水的话，您可以穿出去|稍等我帮您查一下|这款鞋很舒服|云履是防水的|防不防水我不确定呢|普通鞋不防水哦
waterproof|met|防水的|可以防水|防水没问题的|放水的哦|支持防水，下雨也能穿|不会漏水的|能防雨|是的，防水的|可以的亲|怎么会不防水呢|不是不防水，是很防水
waterproof|wrong|不防水|没有防水功能|不能防水的|防水不行|不可以哦|会漏水的
waterproof|nothing|可能防水吧|这个我不清楚哦|请看详情页|好的亲|防水吗
price|met|569元|五百六十九块|这款569|￥569|售价是５６９元哦|569块钱亲|原价799，现价569|现在只要五百六十九|5百69元|569.00元|吊牌价799元，活动价569元|价格是569哦亲|569～|不是599是569哦
price|wrong|599元|这款599|五百九十九块|现在559哦|一共是699元|569元，不好意思说错了，是599元
price|nothing|原价799元|价格在详情页有写|您问的是569那款吗？|我帮您看看多少钱|袜子86元一双|云履539元|满599减50哦|运费10元
size|met|38码|建议您选38|三十八码就可以|穿38号的|您平时穿38就选38码哦|38的，正码|推荐38码，37码就小了|38码可以吗|拍38就好|亲，按正常码选38
size|wrong|建议选39码|39|37.5码比较合适|您可以拍三十九码|穿40号吧|38码不合适的
size|nothing|您平时穿多大码呢？|看您的脚长哦|您平时穿37吗？|38码有点小吗|这款很舒服的
size2|met|L码|选l就行|建议L|大号合适|拍L码哦亲
size2|wrong|M码|选XL|建议您拍中号|xxl吧
size2|nothing|您体重多少呢？
ship|met|48小时内发货，2-3天到|我们两天内发出，一般两三天送达哦|四十八小时内发货，到杭州2到3天|48小时内发出，路上大概3天
ship|partial|48小时内发货|2-3天就到了|两天之内给您发出哦
ship|wrong|24小时内发货|48小时内发货，5天到|当天发货，次日就到|七天内发货哦
ship|nothing|我们发顺丰|看快递哦，不好说的|7天无理由退换|到兰州4-5天哦
fee|met|运费10元|10块钱运费|需要十元邮费哦|十块|要的，10元运费
fee|wrong|运费8元|12块|邮费15元
fee|nothing|满99元包邮哦|569元|包邮的
free|met|包邮的|全国包邮哦|免运费|运费我们出|不用您付运费|不要邮费的|免邮的亲|邮费由我们承担|包油的|可以包邮哦
free|wrong|不包邮|需要您自己承担运费|运费自理哦|不免邮的|要付邮费|没有包邮
free|nothing|包邮吗？|我帮您问一下包不包邮|别家包邮的
ret|met|支持7天无理由退换，吊牌完好就行|七天内可以退的，不影响二次销售就可以|签收后7天内无理由退货，只要吊牌还在，不影响第二次销售|可以的，7天无理由，别拆吊牌，不影响二次销售
ret|partial|可以7天无理由退货|七天无理由可以退哦|吊牌完好就可以
ret|wrong|15天无理由退货|不支持7天无理由退货|7天内不能退哦
ret|nothing|这个要看情况|您是想退货吗？
retfee|met|质量问题运费我们出|运费需要您自己承担哦|退货运费由买家承担|来回运费您自理|如果是质量问题，运费我们承担
stock|met|有货|38码有货的|现货哦|有的亲|还有库存的|目前还有货|是有现货的呢|不缺货的哦
stock|wrong|没货了|38码缺货|断码了|没有了哦|卖完了|暂时没有货
stock|nothing|有没有货我查一下|您要38码吗？
stockout|met|缺货了|没有货了哦|白色没有了|卖光了呢|不好意思，白色断货|售罄了|没有哦亲
stockout|wrong|有货的|有的亲|还有现货
bargain|met|亲，我们不议价的|已经是最低价了|这个价格不能再便宜了哦|真的没法再少了|价格已经最低啦，满599减50|便宜不了哦
bargain|wrong|给您便宜10块吧|可以给您便宜点|好的，给您抹零
bargain|nothing|亲，质量很好的|我们家鞋子性价比高
promo|met|满599减50|满599元立减50元|满五百九十九减五十|买满599可以减50哦|满599-50|现在店铺活动，满599优惠50元
promo|wrong|满599减30|满699减50|没有满599减50的活动
promo|nothing|有优惠的亲|优惠很多的
promo2|met|不能叠加的|券和满减不可以一起用|只能二选一|不能同时享受哦|不支持叠加使用|无法叠加
promo2|wrong|可以叠加|能一起用的|支持同时使用
total|met|一共605元|569+86=655，减50，共605元|合计六百零五|605|鞋569袜子86，满减后605元
total|wrong|一共655元|合计615元|569+86=655元|总共619
total|nothing|鞋子569元，袜子86元|我帮您算一下
comp|met|云履更轻|云履比疾风轻|疾风比云履重一些|相比疾风，云履更轻便|云履轻一点|轻的是云履
comp|wrong|疾风更轻|疾风比云履轻|云履更重|云履比疾风重
comp|nothing|两双都不错|都很舒服
weight|met|疾风420克，云履290克|云履290g，疾风420g|疾风徒步鞋单只重420克；云履跑鞋单只290克
weight|partial|疾风420克|云履是290克
weight|wrong|疾风290克，云履420克|疾风450克，云履290克|疾风重420克，云履320克
inv|met|可以开电子发票，需要您提供抬头和税号|开的是电子版的，请提供公司名称和税号|电子发票哦，麻烦发一下发票抬头
inv|partial|可以开电子发票的|是电子发票
inv|wrong|不能开电子发票
inv|nothing|可以开发票|只有纸质发票
comp1|met|非常抱歉，马上给您换新|对不起，我们给您补发一双|真的不好意思亲，是我们的疏忽，这边为您重新寄一双
comp1|partial|非常抱歉给您带来不便|给您重新发一双
comp1|nothing|您是不是穿的时间太长了|这是正常现象
color|met|不会掉色|不掉色的|不会的亲|不褪色哦|正常洗涤不会褪色的
color|wrong|会掉色|有点掉色|深色会褪色的
wash|met|不能机洗|请手洗哦|建议用手洗，不要放洗衣机|不可以机洗的|不可以的哦|机洗不行
wash|wrong|可以机洗|可以的|能用洗衣机洗|不用手洗，可以机洗
gift|met|有免费礼盒|我们提供礼盒包装的|送免费的礼品盒|可以用礼盒包装哦
gift|wrong|没有礼盒|不提供礼盒包装
coupon|met|第二件半价|第2件五折|第二件打5折|第二件是半价哦
coupon|wrong|第二件八折|第二件7折哦
disc|met|会员9折|会员打九折|享受九折优惠|打90折
disc|wrong|会员8折|会员打八五折|95折
small|met|是呀，多穿点哦|嗯嗯，注意保暖|稍等一下哦
small|nothing|！！！|……
greet|met|您好，欢迎光临|在的亲|亲，您好，很高兴为您服务|hi，我在的哦|山野有你
greet|nothing|什么事|说
"""  # need|verdict|reply|reply…


def cases() -> list[tuple[str, str, str]]:
    """Need, verdict, reply."""
    rows = [line.split("|") for line in CASES.strip().splitlines()]
    return [(row[0], row[1], reply) for row in rows for reply in row[2:]]


@pytest.mark.parametrize(("key", "expected", "reply"), cases())
def test_verdict(key: str, expected: str, reply: str) -> None:
    assert verdict(NEEDS[key], reply) == expected
