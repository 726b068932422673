"""Conversations as tables: a row each, and a row for every message, made of the sheet. Names no contestant."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from chat_sim.sheet import ChatSheet, SheetConversation, SheetMessage, SheetOrder
from server.core.export import ExportCell, ExportColumn, ExportTable
from server.core.outcome import Outcome
from server.core.text import Text
from server.kpi.formulas import Formula
from server.kpi.registry import formula

_FIGURES = (
    ("accept_wait", "accept_wait.mean/1"),
    ("first_response", "first_response.mean/1"),
    ("avg_response", "average_response.round_first/1"),
    ("avg_response_last", "average_response.round_last/1"),
    ("response_rate", "response_rate.within_180s/1"),
    ("reply_ratio", "reply_ratio.messages/1"),
    ("session", "service_time.session/1"),
    ("accuracy", "accuracy.needs/1"),
    ("wrong", "wrong_facts.count/1"),
    ("greeting", "courtesy.greeting/1"),
    ("waiting", "courtesy.waiting/1"),
    ("apology", "courtesy.apology/1"),
    ("closing", "courtesy.closing/1"),
    ("forbidden", "forbidden_words.count/1"),
    ("recommended", "recommendations.made/1"),
    ("accepted", "recommendations.accepted/1"),
    ("sales", "sales.paid/1"),
)
"""Keys of a conversation's measures with their formulas, in the order of the columns."""
_BY = {"customer": Text(zh="客户", en="customer"), "agent": Text(zh="坐席", en="agent")}
_VERDICTS = {
    "met": Text(zh="满足", en="met"),
    "partial": Text(zh="部分满足", en="partly met"),
    "wrong": Text(zh="有误", en="wrong"),
}
_REASONS = {
    "ordered": Text(zh="已下单", en="ordered"),
    "solved": Text(zh="已解决", en="solved"),
    "unsolved": Text(zh="未解决", en="not solved"),
    "transferred": Text(zh="已转交", en="transferred"),
    "customer_gone": Text(zh="客户已离开", en="customer gone"),
}
_STATUS = {
    "sent": Text(zh="待付款", en="unpaid"),
    "paid": Text(zh="已付款", en="paid"),
    "cancelled": Text(zh="已取消", en="taken back"),
    "refused": Text(zh="客户拒付", en="refused by the customer"),
    "closed": Text(zh="未付款关闭", en="closed unpaid"),
}
_COURTESY = {
    "greeting": Text(zh="开头用语", en="greeting"),
    "waiting": Text(zh="等候用语", en="waiting phrase"),
    "apology": Text(zh="致歉用语", en="apology"),
    "closing": Text(zh="结束用语", en="closing phrase"),
}
_Column = tuple[ExportColumn, Callable[[SheetConversation], ExportCell]]


def tables(outcome: Outcome) -> tuple[ExportTable, ...]:
    """A row per conversation, a row per message; times in seconds of stage time."""
    sheet = ChatSheet.model_validate(outcome.sheet)
    numbered = list(enumerate(sheet.conversations, 1))
    columns = _columns()
    return (
        ExportTable(
            key="conversations",
            title=Text(zh="会话", en="Conversations"),
            columns=(_number(), *(column for column, _ in columns)),
            rows=tuple((number, *(value(one) for _, value in columns)) for number, one in numbered),
        ),
        ExportTable(
            key="messages",
            title=Text(zh="对话记录", en="Messages"),
            columns=(
                _number(),
                ExportColumn(title=Text(zh="客户", en="Customer"), width=14),
                ExportColumn(title=Text(zh="时间（秒）", en="At (s)"), width=10, form="0.0"),
                ExportColumn(title=Text(zh="发送方", en="By"), width=10),
                ExportColumn(title=Text(zh="内容", en="Message"), width=70),
                ExportColumn(title=Text(zh="判断", en="Judged"), width=40),
            ),
            rows=tuple(row for number, one in numbered for row in _messages(number, one)),
        ),
    )


def _number() -> ExportColumn:
    return ExportColumn(title=Text(zh="会话序号", en="No."), width=9, form="0")


def _columns() -> list[_Column]:
    """Columns of the conversations, after their number."""
    return [
        (ExportColumn(title=Text(zh="客户", en="Customer"), width=14), lambda one: one.name),
        (_seconds_column("到访（秒）", "Came (s)"), lambda one: _seconds(one.arrived_ms)),
        (_seconds_column("接入（秒）", "Accepted (s)"), lambda one: _seconds(one.accepted_ms)),
        (_seconds_column("结束（秒）", "Ended (s)"), lambda one: _seconds(one.ended_ms)),
        (
            ExportColumn(title=Text(zh="结束原因", en="Reason"), width=12),
            lambda one: None if one.reason is None else _REASONS[one.reason],
        ),
        (_count("客户消息", "Customer's messages"), lambda one: _said(one, "customer")),
        (_count("坐席消息", "Agent's messages"), lambda one: _said(one, "agent")),
        (_count("提出关键点", "Needs put"), lambda one: sum(need.asked_ms is not None for need in one.needs)),
        (_count("满足关键点", "Needs met"), lambda one: sum(need.met for need in one.needs)),
        *(_figure(key, formula(formula_id)) for key, formula_id in _FIGURES),
        (ExportColumn(title=Text(zh="订单", en="Order"), width=14), _order_words),
        (_count("客户评分", "Rating"), lambda one: one.rating.stars),
        (ExportColumn(title=Text(zh="结束说明", en="Remark"), width=24), lambda one: one.remark or None),
        (ExportColumn(title=Text(zh="备注", en="Note"), width=30), lambda one: one.note or None),
    ]


def _figure(key: str, meant: Formula) -> _Column:
    """A measure under its title; times in seconds, shares in per cent of Excel."""
    in_seconds = meant.unit == "ms"
    unit = Text(zh="秒", en="s") if in_seconds else Text(zh=meant.unit)
    units = {language: f"（{unit.inside(language)}）" if unit.zh else "" for language in ("zh-CN", "en")}
    form = "0.0" if in_seconds else "0.00" if meant.unit in ("", "元") else "0"
    title = Text(zh=f"{meant.title.zh}{units['zh-CN']}", en=f"{meant.title.en}{units['en']}")

    def value(one: SheetConversation) -> Decimal | None:
        found = next((measure.value for measure in one.measures if measure.key == key), None)
        return found / 1000 if found is not None and in_seconds else found

    return ExportColumn(title=title, width=13, form=form), value


def _seconds_column(zh: str, en: str) -> ExportColumn:
    return ExportColumn(title=Text(zh=zh, en=en), width=11, form="0.0")


def _count(zh: str, en: str) -> ExportColumn:
    return ExportColumn(title=Text(zh=zh, en=en), width=11, form="0")


def _seconds(ms: int | None) -> Decimal | None:
    return None if ms is None else Decimal(ms) / 1000


def _said(one: SheetConversation, by: str) -> int:
    return sum(message.by == by for message in one.messages)


def _order_words(one: SheetConversation) -> Text | None:
    """How the order that counts stands: the paid one, else the last."""
    if not one.orders:
        return None
    order = next((order for order in one.orders if order.status == "paid"), one.orders[-1])
    status = _STATUS[order.status]
    return Text(zh=f"{status.zh} {order.quote.total}", en=f"{status.en} {order.quote.total}")


def _messages(number: int, one: SheetConversation) -> Iterator[tuple[ExportCell, ...]]:
    orders = {order.order: order for order in one.orders}
    for message in one.messages:
        yield (
            number,
            one.name,
            _seconds(message.at_ms),
            _BY[message.by],
            _words(message, orders.get(message.order or "")),
            _judged(message, {need.id: need.title for need in one.needs}),
        )


def _words(message: SheetMessage, order: SheetOrder | None) -> Text:
    """What a message says, cards and pictures in words."""
    zh, en = ([message.text] if message.text else [] for _ in range(2))
    if message.product is not None:
        zh.append(f"［商品卡片 {message.product}］")
        en.append(f"[product card {message.product}]")
    if order is not None:
        items = "、".join(f"{line.name} × {line.quantity}" for line in order.quote.lines)
        zh.append(f"［订单卡片 {items}，合计 {order.quote.total}］")
        en.append(f"[order card {items}, total {order.quote.total}]")
    if message.picture is not None:
        zh.append(f"［图片 {message.picture.alt}］")
        en.append(f"[picture {message.picture.alt}]")
    return Text(zh=" ".join(zh), en=" ".join(en))


def _judged(message: SheetMessage, titles: dict[str, str]) -> Text | None:
    said: list[tuple[str, Text]] = [
        (titles.get(need, need), _VERDICTS[verdict])
        for need, verdict in message.verdicts.items()
        if verdict in _VERDICTS
    ]
    zh = [f"{title}：{verdict.zh}" for title, verdict in said]
    en = [f"{title}: {verdict.en}" for title, verdict in said]
    _add(zh, en, [_COURTESY[kind] for kind in message.courtesy])
    _add(zh, en, [Text(zh=f"禁语“{word}”", en=f"forbidden “{word}”") for word in message.forbidden])
    return Text(zh="；".join(zh), en="; ".join(en)) if zh else None


def _add(zh: list[str], en: list[str], texts: Sequence[Text]) -> None:
    zh.extend(text.zh for text in texts)
    en.extend(text.en for text in texts)
