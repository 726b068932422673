"""The columns of the table of 在线服务: a workbook with a sheet for each kind of thing.

On every sheet the title of the task comes first; a blank one means the title above it.
"""

from collections.abc import Mapping, Sequence

from chat_sim.persona import Courtesy, NeedKind
from server.core.authoring import SHEET, TableColumn, TableSheet

TITLE = "标题"
SHOP, PRODUCTS, PROMOTIONS, REGIONS, ARTICLES = "店铺", "商品", "促销", "配送地区", "知识库"
CUSTOMERS, NEEDS, PHRASES, FORBIDDEN = "客户", "需求", "快捷短语", "服务禁语"
NEED_KINDS: Mapping[NeedKind, str] = {
    "greeting": "问候",
    "product": "商品咨询",
    "size": "尺码",
    "stock": "库存",
    "price": "价格",
    "bargain": "议价",
    "promotion": "优惠",
    "shipping": "物流",
    "returns": "退换",
    "complaint": "投诉",
    "comparison": "比较",
    "gift": "送礼",
    "invoice": "发票",
    "small_talk": "闲聊",
    "insult": "辱骂",
    "silence": "沉默",
    "photo": "晒图",
    "change_of_mind": "改主意",
}
COURTESY: Mapping[Courtesy, str] = {
    "greeting": "开头语",
    "waiting": "等候语",
    "apology": "致歉语",
    "closing": "结束语",
}
PROMOTION_KINDS: Mapping[str, str] = {
    "full_reduction": "满减",
    "gift": "买赠",
    "coupon": "优惠券",
    "nth_price": "第N件",
    "member_price": "会员价",
}
EACH = "每满减"

_NOTES: Mapping[str, tuple[str, ...]] = {
    SHOP: (
        "店铺名称",
        "店铺介绍",
        "店铺特点|选手据此起花名",
        "作答分钟",
        "作答说明",
        "快递公司",
        "运费|元",
        "包邮金额|优惠后满多少元包邮；空着就是不包邮",
        "发货时间|如：48小时内",
        "同时接待|最多几个会话",
        "每条最多字数",
    ),
    PRODUCTS: (
        "商品编号|字母和数字，如 P1；别的表用它指这个商品",
        "商品名",
        "别名|客户和选手可能的叫法，用、隔开",
        "类别",
        "搭售商品|是：适合推荐搭配的商品",
        "商品简介",
        "商品属性|名称=内容，用；隔开，如 面料=棉；重量=500克",
        "规格|编号=名称=库存，用；隔开，如 S38=38码=12；S39=39码=0",
        "吊牌价|元",
        "售价|元",
        "会员价|元，没有就空着",
        "推荐搭配|商品编号，用、隔开",
        "限购|一个订单最多几件",
    ),
    PROMOTIONS: (
        "促销编号",
        "促销名称",
        "促销类型|满减、每满减、买赠、优惠券、第N件、会员价",
        "顺序|1 至 9，先算小的；后面的按前面优惠后的金额算",
        "互斥组|同组只用优惠多的一个；不互斥就空着",
        "适用商品|商品编号，用、隔开；空着是全部",
        "门槛|元",
        "减免|元",
        "件数|买赠：满几件；第N件：N",
        "赠品|规格编号",
        "赠品数量",
        "券码|大写字母和数字",
        "百分比|第N件、会员价按售价的百分之几",
    ),
    REGIONS: ("地区", "城市|用、隔开", "送达天数|如：2-3", "加收|元"),
    ARTICLES: ("文章编号", "文章标题", "正文", "关键词|用、隔开", "更新日期"),
    CUSTOMERS: (
        "客户编号|如 C1；“需求”表用它",
        "网名",
        "客户背景",
        "到达时间|分:秒，如 3:30",
        "城市",
        "会员|是或否",
        "客户备注",
        "历史订单|单号=日期=商品=金额=状态=物流，用；隔开",
        "思考秒数",
        "打字毫秒每字",
        "耐心秒数",
        "催促|用｜隔开",
        "离开时说",
        "被冒犯时说",
        "不要推荐时说",
        "对推荐的反应|商品编号=接受或拒绝=说的话=加购规格×数量，用｜隔开",
        "购买|规格编号×数量，用；隔开；不买就空着",
        "用券|券码",
        "至少满足|满足几个需求才下单",
        "预算|元",
        "付款秒数",
        "要下单时说",
        "付款后说",
        "商品不对时说",
        "太贵时说",
        "不买时说",
        "结束时说",
        "评分规则|项目=扣分，用；隔开：起始、催促、未满足、答错、禁语、无开头、无结束、离开",
    ),
    NEEDS: (
        "客户编号",
        "需求编号",
        "需求类型|" + "、".join(NEED_KINDS.values()),
        "需求",
        "客户的话|几条用｜隔开",
        "与下一条同问|是：和下一个需求一起问",
        "答对要点|名称=说法/说法，用；隔开；数值写类型：价格（价格）=569；还可写 尺码、数量、时长、否认、可选、单位:件",
        "答错说法|写法同上",
        "不计对错|用、隔开",
        "须用敬语|" + "、".join(COURTESY.values()),
        "追问|用｜隔开",
        "部分答对时说",
        "答错时说",
        "答对时说",
        "沉默秒数|只用于沉默",
        "参考答案",
        "出处文章|文章编号，用、隔开",
        "出处商品|商品编号，用、隔开",
    ),
    PHRASES: ("短语分组", "短语"),
    FORBIDDEN: ("禁语", "禁用原因"),
}
COLUMNS = (
    TableColumn(title=TITLE, required=True, note="题目的名称，最多 80 字；空着就是上一行的题目"),
    TableColumn(title=SHEET, required=False, note=f"这一行属于哪张表：{'、'.join(_NOTES)}；一表一页时不需要"),
    *(
        TableColumn(title=title, required=False, note=note or title)
        for title, note in {
            title: note for notes in _NOTES.values() for title, _, note in (one.partition("|") for one in notes)
        }.items()
    ),
)
TITLES = tuple(column.title for column in COLUMNS)


def columns_of(sheet: str) -> tuple[str, ...]:
    """Titles of the columns of a sheet."""
    return (TITLE, *(note.partition("|")[0] for note in _NOTES[sheet]))


def _example(sheet: str, *values: str) -> TableSheet:
    columns = columns_of(sheet)
    example = dict(zip(columns, ("示例：在线客服一", *values), strict=False))
    return TableSheet(title=sheet, columns=columns, example=example)


SHEETS = (
    _example(
        SHOP,
        "示例书店",
        "卖文具和图书",
        "温和、有书卷气",
        "30",
        "请先起花名，再接待客户。",
        "示例快递",
        "8",
        "99",
        "48小时内",
        "5",
        "300",
    ),
    _example(
        PRODUCTS,
        "P1",
        "布面笔记本",
        "笔记本、本子",
        "文具",
        "否",
        "A5，96 张",
        "纸张=100克；装订=线装",
        "S1=蓝色=20；S2=灰色=0",
        "39",
        "29",
        "27",
        "",
        "10",
    ),
    _example(PROMOTIONS, "M1", "满99减10", "满减", "1", "", "", "99", "10"),
    _example(REGIONS, "江浙沪", "杭州、南京、上海", "1-2", "0"),
    _example(ARTICLES, "A1", "发货时间", "付款后48小时内发出，到杭州1-2天。", "发货、几天到", "2026-03-01"),
    _example(
        CUSTOMERS,
        "C1",
        "演示客户小桥",
        "想买本子，关心几天能到",
        "0:05",
        "杭州",
        "否",
        "",
        "",
        "3",
        "250",
        "60",
        "在吗？｜人呢？",
        "算了，不等了。",
        "你怎么这样说话！",
        "不用了，谢谢。",
        "",
        "S1×1",
        "",
        "1",
        "",
        "12",
        "那我要一本蓝色的，帮我下单吧。",
        "付好了。",
        "我要的不是这个呀。",
        "好像贵了，再算一下？",
        "我再看看吧。",
        "好的，再见。",
        "",
    ),
    _example(
        NEEDS,
        "C1",
        "N1",
        "物流",
        "几天能到杭州",
        "你好，这个寄到杭州要几天？",
        "否",
        "天数（时长）=1-2天",
        "",
        "48小时",
        "",
        "到杭州一共几天呢？",
        "",
        "不对吧，页面上写的是1到2天。",
        "好的。",
        "",
        "您好，发货后1-2天到杭州。",
        "A1",
        "",
    ),
    _example(PHRASES, "开头", "您好，欢迎光临，请问有什么可以帮您？"),
    _example(FORBIDDEN, "不知道", "推脱"),
)
EXAMPLE: Mapping[str, str] = {**SHEETS[0].example, SHEET: SHOP}


RATING: Mapping[str, str] = {
    "start": "起始",
    "nudge": "催促",
    "unmet": "未满足",
    "wrong": "答错",
    "forbidden": "禁语",
    "no_greeting": "无开头",
    "no_closing": "无结束",
    "left": "离开",
}


def sheet_of(row: Mapping[str, str]) -> str:
    """The sheet that a row stands on; the one whose own columns it fills where it doesn't say."""
    if said := row.get(SHEET, "").strip():
        return said
    filled = [(sum(bool(row.get(column, "").strip()) for column in columns_of(sheet)[1:]), sheet) for sheet in _NOTES]
    return max(filled, key=lambda one: one[0])[1]


def known_sheets() -> Sequence[str]:
    """Titles of the sheets, in order."""
    return tuple(_NOTES)
