"""An empty task of 在线服务: a shop with one empty product, one customer with one empty need."""

from chat_sim.draft import (
    ChatDraft,
    DraftCanned,
    DraftChatPersona,
    DraftForbidden,
    DraftNeed,
    DraftProduct,
    DraftShop,
    DraftSku,
)
from server.core.text import Text

DURATION_MS = 30 * 60_000
INSTRUCTIONS = Text(
    zh="您是网店的在线客服。请先按店铺特点起一个花名，再接入等待的客户；可以同时接待几位客户。"
    "答复前先查商品资料、优惠和知识库，适时推荐搭配的商品，把想买的客户引导到付款，最后礼貌地结束会话。",
    en="You are the chat desk of an online shop. Choose a working name that suits the shop, then accept waiting "
    "customers, several at a time. Look things up before you answer, recommend what goes with it, lead to payment, "
    "and close politely.",
)
_CANNED = (
    ("开头", "您好，欢迎光临，请问有什么可以帮您？"),
    ("等候", "请您稍等，我马上为您查询。"),
    ("致歉", "非常抱歉给您带来不便。"),
    ("结束", "感谢您的光临，祝您生活愉快，再见！"),
)
_FORBIDDEN = (
    ("不知道", "推脱"),
    ("不清楚", "推脱"),
    ("自己看", "生硬"),
    ("爱买不买", "冒犯"),
    ("随便你", "冒犯"),
    ("不归我管", "推脱"),
)


def blank(title: Text) -> ChatDraft:
    """A task with nothing but the usual phrases."""
    return ChatDraft(
        title=title,
        duration_ms=DURATION_MS,
        instructions=INSTRUCTIONS,
        shop=DraftShop(products=(DraftProduct(id="P1", skus=(DraftSku(id="P1-1"),)),)),
        personas=(DraftChatPersona(id="C1", needs=(DraftNeed(id="N1"),)),),
        canned=tuple(DraftCanned(id=f"q{n}", group=group, text=text) for n, (group, text) in enumerate(_CANNED, 1)),
        forbidden=tuple(DraftForbidden(word=word, reason=reason) for word, reason in _FORBIDDEN),
    )
