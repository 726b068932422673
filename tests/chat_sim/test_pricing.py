"""The price engine: worked baskets to the cent, what is wrong with an order, and what holds for any shop."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_sim.pricing import GOODS, SHIPPING, fault, quote
from chat_sim.seat import Quote
from chat_sim.shop import OrderLine, Shop

pytestmark = pytest.mark.unit

REDUCTION = {"id": "r", "kind": "full_reduction", "title": "满599减50", "step": 2, "threshold": "599", "off": "50"}


def product(id_: str, price: str, **more: Any) -> dict[str, Any]:
    """A product with one SKU of its own id, of which there are five."""
    skus = more.pop("skus", [{"id": id_, "name": "标准", "stock": 5}])
    head = {"id": f"p-{id_}", "name": f"商品{id_}", "category": "类", "skus": skus, "list_price": price}
    return {**head, "price": price, **more}


def shop(products: Sequence[dict[str, Any]], promotions: Sequence[dict[str, Any]] = (), **shipping: Any) -> Shop:
    """A shop of these."""
    return Shop.model_validate(
        {"name": "店", "products": products, "promotions": promotions, "shipping": shipping}, strict=False
    )


def lines(*skus: str, **quantities: int) -> list[OrderLine]:
    """One piece of each SKU, or so many."""
    return [OrderLine(sku=sku, quantity=1) for sku in skus] + [
        OrderLine(sku=sku, quantity=quantity) for sku, quantity in quantities.items()
    ]


def shown(found: Quote) -> list[tuple[str, str, str]]:
    """Steps as title, change, after."""
    return [(step.title.zh, str(step.change), str(step.after)) for step in found.steps]


OUTDOOR = shop([product("shoe", "569"), product("sock", "86"), product("bag", "199")], [REDUCTION])


@pytest.mark.parametrize(
    ("basket", "total"),
    [
        (("shoe",), "569.00"),
        (("shoe", "sock"), "605.00"),
        (("shoe", "bag"), "718.00"),
        (("shoe", "sock", "bag"), "804.00"),
    ],
)
def test_anchors_of_the_seed(basket: tuple[str, ...], total: str) -> None:
    assert str(quote(OUTDOOR, lines(*basket), "", False).total) == total


def test_the_working_of_an_anchor_in_both_languages() -> None:
    found = quote(OUTDOOR, lines("shoe", "sock"), "", False)
    assert shown(found) == [
        (GOODS.zh, "655.00", "655.00"),
        ("满599减50", "-50.00", "605.00"),
        (SHIPPING.zh, "0.00", "605.00"),
    ]
    goods, reduction, shipping = (step.working for step in found.steps)
    assert goods.zh == "「商品shoe」569.00 × 1 + 「商品sock」86.00 × 1 = 655.00"
    assert reduction.zh == "商品 655.00 满 599.00，减 50.00；655.00 − 50.00 = 605.00"
    assert reduction.en == "Goods, 655.00, reach 599.00: less 50.00; 655.00 − 50.00 = 605.00"
    assert (shipping.zh, shipping.en) == ("全店包邮", "Free of charge")
    assert found.hints == ()


def test_what_is_missing_is_said_and_is_enough() -> None:
    (hint,) = quote(OUTDOOR, lines("shoe"), "", False).hints
    assert (hint.zh, hint.en) == ("再买 30.00 元商品可减 50.00 元（满599减50）", "30.00 more for 50.00 off")
    fitting = shop([product("shoe", "569"), product("cap", "30"), product("tag", "29.99")], [REDUCTION])
    assert quote(fitting, lines("shoe", "cap"), "", False).total == Decimal(549)
    assert quote(fitting, lines("shoe", "tag"), "", False).total == Decimal("598.99")


def test_a_reduction_repeats_for_every_full_threshold() -> None:
    every = {**REDUCTION, "threshold": "300", "off": "40", "repeats": True, "title": "每满300减40"}
    found = quote(shop([product("a", "190")], [every]), lines(a=5), "", False)
    assert shown(found)[1] == ("每满300减40", "-120.00", "830.00")
    assert found.steps[1].working.zh == "商品 950.00 满 3 个 300.00：3 × 40.00 = 120.00；950.00 − 120.00 = 830.00"
    assert found.hints[0].zh == "再买 250.00 元商品再减 40.00 元（每满300减40）"


def test_the_second_piece_at_half_price_counts_over_the_variants_of_a_product() -> None:
    half = {"id": "h", "kind": "nth_price", "title": "第二件半价", "step": 1, "nth": 2, "percent": 50}
    skus = [{"id": "red", "name": "红", "stock": 9}, {"id": "green", "name": "绿", "stock": 9}]
    tea = shop([product("tea", "88.05", skus=skus), product("cup", "30")], [half])
    found = quote(tea, lines(green=2, red=1), "", False)
    # Half of 88.05 is 44.025, rounded half up to 44.03: 2 × 88.05 + 44.03.
    assert (str(found.goods), str(found.total)) == ("264.15", "220.13")
    assert [(line.sku, str(line.unit), str(line.amount)) for line in found.lines] == [
        ("red", "88.05", "88.05"),
        ("green", "88.05", "132.08"),
    ]
    assert found.hints[0].zh == "再买 1 件「商品tea」，1 件按 50% 计（第二件半价）"
    assert quote(tea, lines("red", "cup"), "", False).total == Decimal("118.05")


def test_a_members_price_comes_before_the_second_piece() -> None:
    promotions = [
        {"id": "h", "kind": "nth_price", "title": "第二件半价", "step": 2},
        {"id": "m", "kind": "member_price", "title": "会员价", "step": 1, "percent": 90},
    ]
    tea = shop([product("own", "100", member_price="80"), product("other", "10")], promotions)
    found = quote(tea, lines(own=2, other=1), "", True)
    assert shown(found) == [
        (GOODS.zh, "210.00", "210.00"),
        ("会员价", "-41.00", "169.00"),
        ("第二件半价", "-40.00", "129.00"),
        (SHIPPING.zh, "0.00", "129.00"),
    ]
    assert quote(tea, lines(own=2, other=1), "", False).total == Decimal(160)


def test_unit_prices_come_first_whatever_their_step() -> None:
    promotions = [REDUCTION, {"id": "m", "kind": "member_price", "title": "会员价", "step": 9, "percent": 90}]
    found = quote(shop([product("a", "620")], promotions), lines("a"), "", True)
    assert shown(found)[1:] == [("会员价", "-62.00", "558.00"), (SHIPPING.zh, "0.00", "558.00")]


COUPON = {"id": "c", "kind": "coupon", "title": "新客券", "step": 3, "code": "NEW30", "threshold": "300", "off": "30"}


def test_a_coupon_comes_with_its_code_after_the_reduction() -> None:
    both = shop([product("a", "600")], [REDUCTION, COUPON])
    assert quote(both, lines("a"), "", False).total == Decimal(550)
    found = quote(both, lines("a"), " new30 ", False)
    assert shown(found)[1:3] == [("满599减50", "-50.00", "550.00"), ("新客券", "-30.00", "520.00")]
    assert found.steps[2].working.zh == "优惠券 NEW30：商品 550.00 满 300.00，减 30.00；550.00 − 30.00 = 520.00"


def test_a_coupon_below_its_threshold_or_unknown_is_told() -> None:
    both = shop([product("a", "260"), product("b", "500")], [{**COUPON, "products": ["p-a"]}])
    found = quote(both, lines("a", "b"), "NEW30", False)
    assert found.total == Decimal(760)
    assert found.hints[0].zh == "再买 40.00 元参加活动的商品可用优惠券 NEW30（新客券）"
    assert quote(both, lines("b"), "NEW30", False).hints[0].zh == "优惠券 NEW30 不适用于这些商品"
    assert quote(both, lines("b"), "OLD30", False).hints[0].zh == "没有优惠券 OLD30"


def test_of_an_exclusive_group_the_better_one_applies_and_says_so() -> None:
    group = [{**REDUCTION, "group": "g"}, {**COUPON, "group": "g", "off": "60"}]
    both = shop([product("a", "600")], group)
    found = quote(both, lines("a"), "NEW30", False)
    assert shown(found)[1:-1] == [("新客券", "-60.00", "540.00")]
    assert found.steps[1].working.zh.endswith("与「满599减50」只能享受一项，取更优惠的")
    assert quote(both, lines("a"), "", False).total == Decimal(550)
    equal = shop([product("a", "600")], [group[0], {**group[1], "off": "50"}])
    assert [step.title.zh for step in quote(equal, lines("a"), "NEW30", False).steps][1] == "满599减50"


def test_tiers_are_a_group_and_hints_name_the_next() -> None:
    tiers = [
        {**REDUCTION, "id": "t1", "title": "满300减20", "threshold": "300", "off": "20", "group": "t"},
        {**REDUCTION, "group": "t"},
    ]
    found = quote(shop([product("a", "310")], tiers), lines("a"), "", False)
    assert found.total == Decimal(290)
    assert [hint.zh for hint in found.hints] == ["再买 289.00 元商品可减 50.00 元（满599减50）"]


def test_a_reduction_is_shared_out_to_the_cent_before_a_scoped_coupon() -> None:
    promotions = [
        {**REDUCTION, "threshold": "0", "off": "10"},
        {**COUPON, "threshold": "0", "off": "100", "products": ["p-a"]},
    ]
    three = shop([product("a", "10"), product("b", "10"), product("c", "10")], promotions)
    found = quote(three, lines("a", "b", "c"), "NEW30", False)
    # 10.00 off three times 10.00: 3.34, 3.33, 3.33; so 6.66 of a is left, which is all that the coupon can take.
    assert shown(found)[1:3] == [("满599减50", "-10.00", "20.00"), ("新客券", "-6.66", "13.34")]


def test_gifts_are_free_by_amount_or_by_pieces_and_as_long_as_there_are_any() -> None:
    by_amount = {"id": "g", "kind": "gift", "title": "满100送袜", "step": 4, "threshold": "100", "gift": "sock"}
    stock = [{"id": "sock", "name": "灰", "stock": 3}]
    both = shop([product("a", "99"), product("s", "20", skus=stock)], [by_amount])
    below = quote(both, lines("a"), "", False)
    assert [line.gift for line in below.lines] == [False]
    assert below.hints[0].zh == "再买 1.00 元商品可得赠品（满100送袜）"
    found = quote(both, lines(a=1, sock=1), "", False)
    gift = found.lines[-1]
    assert (gift.sku, gift.name, gift.quantity, gift.unit, gift.amount, gift.gift) == (
        "sock", "商品s 灰", 1, Decimal(0), Decimal(0), True,
    )  # fmt: skip
    assert found.total == Decimal(119)
    assert shown(found)[1] == ("满100送袜", "0.00", "119.00")
    for left, gifts in ((2, 1), (1, 0)):
        told = quote(both, lines(a=1, sock=1), "", False, stock={"sock": left})
        assert sum(line.gift for line in told.lines) == gifts
        assert ([hint.zh for hint in told.hints] == ["赠品已赠完（满100送袜）"]) is (gifts == 0)
    pieces = shop([product("a", "1"), product("s", "20", skus=stock)], [{**by_amount, "threshold": "0", "pieces": 2}])
    assert quote(pieces, lines("a"), "", False).hints[0].zh == "再买 1 件商品可得赠品（满100送袜）"
    assert quote(pieces, lines(a=2), "", False).lines[-1].gift


def test_shipping_is_by_what_is_left_after_promotions() -> None:
    paid = shop(
        [product("a", "60"), product("b", "40")],
        [{**COUPON, "threshold": "0", "off": "2"}],
        fee="8",
        free_from="99",
        regions=[{"name": "西藏", "cities": ["拉萨"], "days": "5-7", "extra_fee": "12"}],
    )
    assert shown(quote(paid, lines("a", "b"), "", False))[-1] == (SHIPPING.zh, "0.00", "100.00")
    found = quote(paid, lines("a", "b"), "NEW30", False)
    assert shown(found)[-1] == (SHIPPING.zh, "8.00", "106.00")
    assert found.shipping == Decimal(8)
    assert found.steps[-1].working.zh == "优惠后 98.00 未满 99.00，运费 8.00"
    assert [hint.zh for hint in found.hints] == ["再买 1.00 元包邮"]
    far = quote(paid, lines("a", "b"), "", False, city="拉萨市")
    assert (far.total, far.steps[-1].working.zh) == (Decimal(112), "优惠后 100.00 满 99.00，包邮；西藏加收 12.00")
    assert quote(paid, lines("a", "b"), "", False, city="上海").total == Decimal(100)


def test_an_empty_basket_costs_nothing() -> None:
    found = quote(shop([product("a", "60")], fee="8"), [], "", False)
    assert (found.total, found.steps, found.lines) == (Decimal(0), (), ())


@pytest.mark.parametrize("line", [OrderLine(sku="none", quantity=1), OrderLine(sku="shoe", quantity=0)])
def test_no_price_is_made_for_what_is_wrong(line: OrderLine) -> None:
    with pytest.raises(ValueError, match=line.sku):
        quote(OUTDOOR, [line], "", False)


@pytest.mark.parametrize(
    ("order", "coupon", "stock", "said"),
    [
        ([], "", {}, "还没有商品"),
        (lines("none"), "", {}, "没有编号为 none"),
        (lines(shoe=0), "", {}, "数量是 0"),
        (lines(shoe=-3), "", {}, "数量是 -3"),
        (lines(shoe=6), "", {}, "库存只有 5 件"),
        (lines("shoe", "shoe"), "", {"shoe": 1}, "不够 2 件"),
        (lines("shoe"), "", {"shoe": 0}, "库存只有 0 件"),
        ([*lines(shoe=6), *lines(shoe=5)], "", {"shoe": 90}, "限购 10 件，现在是 11 件"),
        (lines("shoe"), "NOPE", {}, "没有优惠券 NOPE"),
    ],
)
def test_what_is_wrong_with_an_order(order: list[OrderLine], coupon: str, stock: dict[str, int], said: str) -> None:
    found = fault(OUTDOOR, order, coupon, stock)
    assert found is not None
    assert said in found.zh
    assert found.en


def test_a_right_order_has_no_fault() -> None:
    assert fault(OUTDOOR, lines(shoe=5, sock=1), "", {"sock": 1}) is None
    assert fault(shop([product("a", "1")], [COUPON]), lines("a"), "new30", {}) is None
    assert fault(OUTDOOR, lines("shoe"), "  ", {}) is None


# --- any shop

PRICES = st.decimals("0.01", "2000", places=2)
AMOUNTS = st.decimals("0", "1500", places=2)


@st.composite
def promotions(draw: st.DrawFn, products: int) -> list[dict[str, Any]]:
    """Up to five, in any order, some of them exclusive."""
    made = []
    for number in range(draw(st.integers(0, 5))):
        scope = draw(st.lists(st.sampled_from([f"p-s{n}" for n in range(products)]), unique=True, max_size=products))
        head = {
            "id": f"m{number}",
            "title": f"m{number}",
            "step": draw(st.integers(1, 4)),
            "group": draw(st.sampled_from(["", "g"])),
            "products": scope,
        }
        kind = draw(st.sampled_from(["full_reduction", "gift", "coupon", "nth_price", "member_price"]))
        more: dict[str, dict[str, Any]] = {
            "full_reduction": {"threshold": draw(AMOUNTS), "off": draw(AMOUNTS), "repeats": draw(st.booleans())},
            "gift": {"threshold": draw(AMOUNTS), "pieces": draw(st.integers(0, 4)), "gift": "s0"},
            "coupon": {"code": "CODE", "threshold": draw(AMOUNTS), "off": draw(AMOUNTS)},
            "nth_price": {"nth": draw(st.integers(2, 4)), "percent": draw(st.integers(0, 99))},
            "member_price": {"percent": draw(st.integers(1, 100))},
        }
        made.append({**head, "kind": kind, **more[kind]})
    return made


@st.composite
def cases(draw: st.DrawFn) -> tuple[Shop, list[OrderLine], str, bool]:
    """A shop and an order in it."""
    count = draw(st.integers(1, 4))
    products = [
        product(f"s{n}", str(draw(PRICES)), member_price=draw(st.one_of(st.none(), PRICES))) for n in range(count)
    ]
    made = shop(
        products,
        draw(promotions(count)),
        fee=draw(AMOUNTS),
        free_from=draw(st.one_of(st.none(), AMOUNTS)),
    )
    order = draw(
        st.lists(
            st.builds(OrderLine, sku=st.sampled_from([f"s{n}" for n in range(count)]), quantity=st.integers(1, 6)),
            min_size=1,
            max_size=5,
        )
    )
    return made, order, draw(st.sampled_from(["", "CODE", "OTHER"])), draw(st.booleans())


@given(cases())
def test_a_total_is_never_negative_and_never_above_goods_and_shipping(
    case: tuple[Shop, list[OrderLine], str, bool],
) -> None:
    found = quote(*case)
    assert 0 <= found.shipping <= found.total <= found.goods + found.shipping
    paid = [line for line in found.lines if not line.gift]
    assert sum(line.unit * line.quantity for line in paid) == found.goods
    assert all(0 <= line.amount <= line.unit * line.quantity for line in paid)
    assert all(line.amount == line.unit == 0 for line in found.lines if line.gift)


@given(cases())
def test_steps_add_up_exactly(case: tuple[Shop, list[OrderLine], str, bool]) -> None:
    found = quote(*case)
    assert found.steps[0].before == 0
    assert found.steps[-1].after == found.total
    assert sum(step.change for step in found.steps) == found.total
    for before, step in zip(found.steps, found.steps[1:], strict=False):
        assert (step.before, step.after) == (before.after, step.before + step.change)
    assert all(step.change <= 0 for step in found.steps[1:-1])
    assert all(value == round(value, 2) for step in found.steps for value in (step.before, step.change, step.after))
    unit_prices = [line.amount for line in found.lines]
    whole_order = {"full_reduction", "coupon", "gift"}
    kinds = {promotion.id: promotion.kind for promotion in case[0].promotions}
    off = sum(step.change for step in found.steps[1:-1] if kinds[step.title.zh] in whole_order)
    assert sum(unit_prices) + off + found.shipping == found.total


@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_lines_and_how_they_are_split_do_not_matter(
    case: tuple[Shop, list[OrderLine], str, bool], random: Any
) -> None:
    made, order, coupon, member = case
    pieces = [OrderLine(sku=line.sku, quantity=1) for line in order for _ in range(line.quantity)]
    random.shuffle(pieces)
    assert quote(made, pieces, coupon, member) == quote(made, order, coupon, member)


@given(cases())
def test_a_quotation_is_pure(case: tuple[Shop, list[OrderLine], str, bool]) -> None:
    before = case[0].model_dump_json()
    first = quote(*case)
    assert quote(*case) == first
    assert case[0].model_dump_json() == before
    assert Quote.model_validate_json(first.model_dump_json(by_alias=True)) == first


@given(cases())
def test_of_a_group_one_applies_and_it_is_the_best(case: tuple[Shop, list[OrderLine], str, bool]) -> None:
    made, order, coupon, member = case
    found = quote(made, order, coupon, member)
    grouped = [promotion for promotion in made.promotions if promotion.group]
    titles = [step.title.zh for step in found.steps]
    assert sum(promotion.title in titles for promotion in grouped) <= 1
    for one in grouped:
        others = tuple(promotion for promotion in made.promotions if promotion is one or not promotion.group)
        alone = quote(made.model_copy(update={"promotions": others}), order, coupon, member)
        if one.title in [step.title.zh for step in alone.steps]:
            assert any(promotion.title in titles for promotion in grouped)
            assert found.total - found.shipping <= alone.total - alone.shipping


@given(cases(), st.integers(1, 5))
def test_without_thresholds_more_pieces_never_cost_less(
    case: tuple[Shop, list[OrderLine], str, bool], more: int
) -> None:
    made, order, coupon, member = case
    nth = [one for one in made.promotions if one.kind == "nth_price"][:1]
    kept = tuple(one for one in made.promotions if one.kind == "member_price" and not one.group) + tuple(
        one.model_copy(update={"group": ""}) for one in nth
    )
    plain = made.model_copy(
        update={"promotions": kept, "shipping": made.shipping.model_copy(update={"free_from": None})}
    )
    larger = [*order, OrderLine(sku=order[0].sku, quantity=more)]
    assert quote(plain, larger, coupon, member).total >= quote(plain, order, coupon, member).total
    assert quote(plain, order, coupon, True).total <= quote(plain, order, coupon, False).total


@given(cases(), AMOUNTS)
def test_a_coupon_that_comes_last_takes_off_what_it_says_and_no_more(
    case: tuple[Shop, list[OrderLine], str, bool], off: Decimal
) -> None:
    made, order, _, member = case
    free = made.shipping.model_copy(update={"fee": Decimal(0)})
    before = made.model_copy(
        update={"promotions": tuple(p for p in made.promotions if p.kind != "coupon"), "shipping": free}
    )
    last = {"id": "last", "kind": "coupon", "title": "last", "step": 9, "code": "CODE", "off": off}
    (coupon,) = shop([product("x", "1")], [last]).promotions
    after = before.model_copy(update={"promotions": (*before.promotions, coupon)})
    without, with_it = quote(before, order, "", member).total, quote(after, order, "CODE", member).total
    assert with_it == max(Decimal(0), without - off)


@given(cases(), st.dictionaries(st.sampled_from(["s0", "s1"]), st.integers(0, 9)))
def test_gifts_never_exceed_the_stock(case: tuple[Shop, list[OrderLine], str, bool], stock: dict[str, int]) -> None:
    found = quote(*case, stock=stock)
    ordered = sum(line.quantity for line in case[1] if line.sku == "s0")
    gifts = sum(line.quantity for line in found.lines if line.gift)
    assert gifts <= max(0, stock.get("s0", 5) - ordered)
