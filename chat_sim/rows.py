"""Drafts of 在线服务 as rows of its table."""

from chat_sim import cells
from chat_sim.columns import (
    ARTICLES,
    COURTESY,
    CUSTOMERS,
    EACH,
    FORBIDDEN,
    NEED_KINDS,
    NEEDS,
    PHRASES,
    PRODUCTS,
    PROMOTION_KINDS,
    PROMOTIONS,
    RATING,
    REGIONS,
    SHOP,
    TITLE,
    TITLES,
    columns_of,
)
from chat_sim.draft import (
    AnyDraftPromotion,
    ChatDraft,
    DraftChatPersona,
    DraftCoupon,
    DraftFullReduction,
    DraftGift,
    DraftMemberPrice,
    DraftNeed,
    DraftNthPrice,
    DraftProduct,
)
from server.core.authoring import SHEET


def rows(draft: ChatDraft, part: str) -> list[dict[str, str]]:
    """A customer with its needs; with the first one come the shop and everything else that has a row."""
    persona = draft.persona(part)
    made = [*_common(draft)] if persona.id == draft.personas[0].id else []
    made.append((CUSTOMERS, _customer(persona)))
    made += [(NEEDS, _need(persona.id, need)) for need in persona.needs]
    return [
        {column: {TITLE: draft.title.zh, SHEET: sheet}.get(column, row.get(column, "")) for column in TITLES}
        for sheet, row in made
    ]


def _row(sheet: str, *values: str) -> dict[str, str]:
    return dict(zip(columns_of(sheet)[1:], values, strict=True))


def _common(draft: ChatDraft) -> list[tuple[str, dict[str, str]]]:
    shop, plain = draft.shop, cells.plain
    shipping = shop.shipping
    made = [
        (
            SHOP,
            _row(
                SHOP,
                shop.name,
                shop.intro,
                shop.style,
                str(draft.duration_ms // 60_000),
                draft.instructions.zh,
                shipping.carrier,
                plain(shipping.fee),
                plain(shipping.free_from),
                shipping.dispatch,
                str(draft.policy.most_open),
                str(draft.policy.most_characters),
            ),
        )
    ]
    made += [(PRODUCTS, _product(product)) for product in shop.products]
    made += [(PROMOTIONS, _promotion(promotion)) for promotion in shop.promotions]
    made += [
        (REGIONS, _row(REGIONS, one.name, cells.joined(one.cities, "、"), one.days, plain(one.extra_fee)))
        for one in shipping.regions
    ]
    made += [
        (ARTICLES, _row(ARTICLES, one.id, one.title, one.body, cells.joined(one.keywords, "、"), one.updated))
        for one in shop.articles
    ]
    made += [(PHRASES, _row(PHRASES, one.group, one.text)) for one in draft.canned]
    made += [(FORBIDDEN, _row(FORBIDDEN, one.word, one.reason)) for one in draft.forbidden]
    return made


def _product(one: DraftProduct) -> dict[str, str]:
    skus = (f"{sku.id}={sku.name.replace('=', '＝')}={sku.stock}" for sku in one.skus)
    return _row(
        PRODUCTS,
        one.id,
        one.name,
        cells.joined(one.aliases, "、"),
        one.category,
        _yes(one.add_on),
        one.summary,
        cells.named(one.attributes),
        cells.joined(skus, "；"),
        cells.plain(one.list_price),
        cells.plain(one.price),
        cells.plain(one.member_price),
        "、".join(one.goes_with),
        str(one.most),
    )


def _promotion(one: AnyDraftPromotion) -> dict[str, str]:
    threshold, off, count, gift, quantity, code, percent = "", "", "", "", "", "", ""
    kind = PROMOTION_KINDS[one.kind]
    match one:
        case DraftFullReduction():
            threshold, off = cells.plain(one.threshold), cells.plain(one.off)
            kind = EACH if one.repeats else kind
        case DraftGift():
            threshold, count = cells.plain(one.threshold), str(one.pieces)
            gift, quantity = one.gift, str(one.quantity)
        case DraftCoupon():
            threshold, off, code = cells.plain(one.threshold), cells.plain(one.off), one.code
        case DraftNthPrice():
            count, percent = str(one.nth), str(one.percent)
        case DraftMemberPrice():
            percent = str(one.percent)
    return _row(
        PROMOTIONS,
        one.id,
        one.title,
        kind,
        str(one.step),
        one.group,
        "、".join(one.products),
        threshold,
        off,
        count,
        gift,
        quantity,
        code,
        percent,
    )


def _customer(one: DraftChatPersona) -> dict[str, str]:
    orders = "；".join(
        "=".join(
            text.replace("；", "，").replace("=", "＝")
            for text in (
                order.number,
                order.date,
                order.items,
                cells.plain(order.amount),
                order.status,
                order.tracking,
            )
        )
        for order in one.file.orders
    )
    taken = (
        "=".join(
            (
                said.product,
                "接受" if said.accepts else "拒绝",
                said.says.replace("=", "＝"),
                cells.pieces([said.adds]) if said.adds else "",
            )
        )
        for said in one.suggestions
    )
    buys = one.purchase
    bought = (
        ("",) * 10
        if buys is None
        else (
            cells.pieces(buys.items),
            buys.coupon,
            str(buys.least_met),
            cells.plain(buys.budget),
            cells.spelled(buys.pay_ms),
            buys.ready,
            buys.paid,
            buys.wrong_items,
            buys.too_dear,
            buys.declines,
        )
    )
    rating = {zh: cells.plain(getattr(one.rating, key)) for key, zh in RATING.items()}
    return _row(
        CUSTOMERS,
        one.id,
        one.name,
        one.profile,
        cells.clocked(one.arrives_ms),
        one.file.city,
        _yes(one.file.member),
        one.file.remark,
        orders,
        cells.spelled(one.think_ms),
        str(one.typing_ms),
        cells.spelled(one.patience_ms),
        cells.joined(one.nudges, "｜"),
        one.leaves,
        one.offended,
        one.no_thanks,
        cells.joined(taken, "｜"),
        *bought,
        one.closing,
        cells.named(rating),
    )


def _need(persona: str, one: DraftNeed) -> dict[str, str]:
    return _row(
        NEEDS,
        persona,
        one.id,
        NEED_KINDS[one.kind],
        one.title,
        cells.joined(one.asks, "｜"),
        _yes(one.with_next),
        cells.facts(one.facts),
        cells.wrongs(one.wrong),
        cells.joined(one.neutral, "、"),
        "、".join(COURTESY[kind] for kind in one.courtesy),
        cells.joined(one.reminders, "｜"),
        one.partly,
        one.corrected,
        one.met,
        cells.spelled(one.silent_ms) if one.silent_ms else "",
        one.reference,
        "、".join(one.articles),
        "、".join(one.products),
    )


def _yes(flag: bool) -> str:
    return "是" if flag else "否"
