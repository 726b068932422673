"""Definitions of the figures of online chat, whose they are, and what they leave out."""

from server.core.text import Text
from server.kpi.formulas import Formula

_BYTEDESK = "bytedesk（微语）客服统计 / bytedesk statistics"
_TAOBAO = "淘宝 3 分钟响应率规则，转述自 dingjiuxi.cn/tbnews/14066 / Taobao's rule as retold there"
_S001 = "技能大赛规程 001 表3（只有名称）/ seed 001 table 3 (the name only)"
_OWN = "本系统定义 / defined here"


def _formula(id_: str, zh: str, en: str, unit: str, zh_text: str, en_text: str, source: str) -> Formula:
    return Formula(id=id_, title=Text(zh=zh, en=en), unit=unit, definition=Text(zh=zh_text, en=en_text), source=source)


CHAT_FORMULAS: tuple[Formula, ...] = (
    _formula(
        "customers.arrived/1", "到访客户", "Customers that came", "人",
        "发来第一条消息的客户数。", "Customers whose first message came.", _OWN,
    ),
    _formula(
        "customers.replied/1", "回复客户", "Customers replied to", "人",
        "至少得到一条客服消息的客户数。", "Customers who got a message of the agent at least.", _OWN,
    ),
    _formula(
        "accept_wait.mean/1", "接入等待", "Wait for being accepted", "ms",
        "客户首条消息到接入的时间；多个会话取平均，未接入的不计。",
        "From the customer's first message to its being accepted; mean over those accepted.", _BYTEDESK,
    ),
    _formula(
        "first_response.mean/1", "首次响应时长", "First response", "ms",
        "客服首条消息时间 − 客户首条消息时间（含排队）；多个会话取平均，没有得到回复的会话不计入平均，另计为零分部分。",
        "The agent's first message − the customer's first (queue included); mean over conversations with a reply.",
        _BYTEDESK,
    ),
    _formula(
        "average_response.round_first/1", "平均响应时长（从本轮首条起）",
        "Average response (from the first of a round)", "ms",
        "每轮：客户本轮第一条消息到客服第一条回复；对所有得到回复的轮次取平均。",
        "Each round from the customer's first message to the agent's first reply; mean over rounds with a reply.",
        _TAOBAO,
    ),
    _formula(
        "average_response.round_last/1", "平均响应时长（从本轮末条起）", "Average response (from the last of a round)",
        "ms", "每轮：客户在回复前的最后一条消息到客服第一条回复；对所有得到回复的轮次取平均。",
        "Each round from the customer's last message before the reply to the reply; mean over rounds with a reply.",
        "Simla（docs.simla.com）",
    ),
    _formula(
        "response_rate.within_180s/1", "3 分钟响应率", "Responses within 3 minutes", "",
        "180 秒内回复的轮次 ÷ 轮次。轮次从客户本轮第一条消息起算；没有回复的轮次计入分母，"
        "但作答结束时还不满 180 秒的、只是道别的不计。",
        "Rounds answered within 180 s ÷ rounds, from the first message of the round. A round without a reply counts, "
        "unless less than 180 s had passed at the end of the work, or the customer only took leave.", _TAOBAO,
    ),
    _formula(
        "reply_ratio.messages/1", "答客比", "Reply ratio", "",
        "客服消息数 ÷ 客户消息数（客服消息含商品卡片和订单）；选手的数字按得到过回复的会话合计。",
        "Messages of the agent (cards and orders included) ÷ messages of the customer; of a contestant over all "
        "conversations with a reply.", f"{_S001}；{_BYTEDESK}（答问比）",
    ),
    _formula(
        "service_time.session/1", "服务时间（会话时长）", "Service time (session)", "ms",
        "接入到会话结束的时间，未结束的算到作答结束；多个会话取平均。",
        "From accepting to the end of the conversation, or of the work; mean over those accepted.",
        f"{_S001}；{_BYTEDESK}（平均会话时长）",
    ),
    _formula(
        "service_time.whole/1", "服务时间（完整服务的会话）", "Service time (customers served to the end)", "ms",
        "同“会话时长”，但只对这样的会话取平均：客户问完了全部问题，至少一半需求得到满足，没有中途离开，"
        "有意购买的已付款或表示不买。草草结束不会变快。",
        "The session, but only of conversations in which the customer put everything, at least half of it was met, it "
        "did not leave, and one that might buy paid or declined: closing early makes nobody faster.", _OWN,
    ),
    _formula(
        "service_time.customer_waits/1", "服务时间（客户等待部分）", "Chat handling time (customer waits)", "ms",
        "接入后客户等待客服回复的时间之和（每轮首条消息到回复，未回复的算到结束），同时接待多人时不重复放大；多个会话取平均。",
        "Sum of the periods after accepting in which the customer waits for the agent; mean over conversations. "
        "Fit for several conversations at once.", "qpc.com（Chat AHT）",
    ),
    _formula(
        "concurrency.mean/1", "平均同时接待", "Mean concurrency", "个",
        "有会话进行的时间内，同时进行的会话数对时间的平均。",
        "Mean over time of open conversations, over the time in which any was open.", _OWN,
    ),
    _formula(
        "concurrency.peak/1", "最大同时接待", "Peak concurrency", "个",
        "同时进行的会话数的最大值。", "The most conversations open at once.", _BYTEDESK,
    ),
    _formula(
        "accuracy.needs/1", "服务准确率", "Accuracy", "",
        "满足的需求（应答关键点）÷ 客户提出的需求。需求满足：要求的事实都答对、没有未更正的错误、用了应有的礼貌用语。",
        "Needs met ÷ needs put. A need is met if all required facts were said right, nothing wrong stands uncorrected, "
        "and the courtesy that it asks for was used.", f"{_S001}；{_OWN}",
    ),
    _formula(
        "accuracy.facts/1", "关键点命中率", "Key facts said right", "",
        "答对的要求事实 ÷ 已提出需求的全部要求事实；同一事实以最后一次的说法为准。",
        "Required facts said right ÷ required facts of the needs put; the last word on a fact counts.", _OWN,
    ),
    _formula(
        "wrong_facts.count/1", "答错关键点", "Wrong facts", "处",
        "客服消息中与事实不符的关键点，同一消息中同一关键点计一次。",
        "Facts said wrongly; a fact counts once in a message.", _OWN,
    ),
    _formula(
        "courtesy.greeting/1", "开头用语", "Greeting phrases", "条",
        "含开头用语的客服消息数。", "Messages of the agent with a greeting phrase.", f"{_S001}；{_OWN}",
    ),
    _formula(
        "courtesy.waiting/1", "等候用语", "Waiting phrases", "条",
        "含等候用语的客服消息数。", "Messages of the agent with a phrase that asks to wait.", f"{_S001}；{_OWN}",
    ),
    _formula(
        "courtesy.apology/1", "致歉用语", "Apologies", "条",
        "含安抚致歉用语的客服消息数。", "Messages of the agent with an apology.", f"{_S001}；{_OWN}",
    ),
    _formula(
        "courtesy.closing/1", "结束用语", "Closing phrases", "条",
        "含结束用语的客服消息数。", "Messages of the agent with a closing phrase.", f"{_S001}；{_OWN}",
    ),
    _formula(
        "forbidden_words.count/1", "服务禁语", "Forbidden words", "处",
        "客服消息中出现的禁语，同一消息中同一禁语计一次。",
        "Forbidden words in messages of the agent; one counts once in a message.", _OWN,
    ),
    _formula(
        "recommendations.made/1", "推荐商品", "Recommendations made", "次",
        "向客户推荐的商品数，同一会话同一商品计一次（商品卡片，或消息中提到客户没有问的商品）。",
        "Products recommended, each once in a conversation: by card, or by naming what the customer did not ask for.",
        _OWN,
    ),
    _formula(
        "recommendations.accepted/1", "推荐被接受", "Recommendations accepted", "次",
        "客户接受的推荐。", "Recommendations that the customer took.", _OWN,
    ),
    _formula(
        "conversion.customers/1", "询单转化率", "Conversion", "",
        "付款的客户数 ÷ 到访的客户数（按人计，一次作答内）。",
        "Customers that paid ÷ customers that came, by person, within the attempt.", "kashen8；赤兔口径（按人）",
    ),
    _formula(
        "sales.paid/1", "成交金额", "Sales", "元",
        "已付款订单的实付金额（含运费）合计。", "Sum of what paid orders came to, shipping included.", _OWN,
    ),
    _formula(
        "order_value.customers/1", "客单价", "Order value per customer", "元",
        "成交金额 ÷ 成交人数。", "Sales ÷ customers that paid.", "plnmw（淘宝帮助，转述）",
    ),
    _formula(
        "items_per_order.customers/1", "连带率（客件数）", "Items per customer", "件",
        "已付款商品件数（不含赠品）÷ 成交人数。", "Pieces paid for (no gifts) ÷ customers that paid.",
        "plnmw（淘宝帮助，转述）",
    ),
    _formula(
        "rating.mean/1", "客户评分", "Customer rating", "星",
        "到访客户评分（1–5 星，按各自的评分规则）的平均；从未得到回复的客户给 1 星。",
        "Mean stars (1 to 5, by each customer's rule) of all that came; who never got a reply gives 1.",
        f"{_S001}；{_OWN}",
    ),
    _formula(
        "searches.count/1", "知识库搜索", "Knowledge searches", "次",
        "搜索知识库和商品的次数。", "Searches in the knowledge base and among the products.", f"{_S001}；{_OWN}",
    ),
    _formula(
        "canned_phrases.count/1", "快捷短语", "Canned phrases", "条",
        "由快捷短语开始的客服消息数。", "Messages of the agent that began as a canned phrase.", _OWN,
    ),
    _formula(
        "largest_insert.characters/1", "单次最多录入", "Largest single input", "字",
        "回复框和备注一次保存之间最多增加的字数（插入快捷短语也算）。",
        "The most characters that one input added to a reply or a note, canned phrases included.", _OWN,
    ),
    _formula(
        "input_blocked.count/1", "被拦截的粘贴等操作", "Blocked pastes and the like", "次",
        "页面拦截的粘贴、拖放、复制、剪切和右键菜单。",
        "Pastes, drops, copies, cuts and context menus that were stopped.", _OWN,
    ),
)  # fmt: skip
