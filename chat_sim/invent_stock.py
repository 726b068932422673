"""Fictitious wares, for a task whose shop is still empty."""

from decimal import Decimal

from chat_sim.draft import (
    DraftChatArticle,
    DraftCoupon,
    DraftFullReduction,
    DraftProduct,
    DraftRegion,
    DraftShipping,
    DraftShop,
    DraftSku,
)


def _skus(product: str, *variants: tuple[str, int]) -> tuple[DraftSku, ...]:
    return tuple(DraftSku(id=f"{product}-{n}", name=name, stock=stock) for n, (name, stock) in enumerate(variants, 1))


_PRODUCTS = (
    DraftProduct(
        id="P1",
        name="不粘炒锅",
        aliases=("炒锅",),
        category="锅具",
        summary="家用平底炒锅，带玻璃锅盖。",
        attributes={"适用灶具": "燃气灶和电磁炉通用", "锅体材质": "铝合金", "锅盖": "带玻璃锅盖"},
        skus=_skus("P1", ("28厘米", 20), ("30厘米", 12), ("32厘米", 0)),
        list_price=Decimal(219),
        price=Decimal(159),
        goes_with=("P3", "P4"),
    ),
    DraftProduct(
        id="P2",
        name="保温杯",
        aliases=("杯子",),
        category="杯壶",
        summary="真空保温，杯盖可以当水杯。",
        attributes={"内胆材质": "316不锈钢", "容量": "500毫升", "保温时间": "十二小时"},
        skus=_skus("P2", ("雾蓝色", 15), ("米白色", 9)),
        list_price=Decimal(129),
        price=Decimal(89),
        goes_with=("P4",),
    ),
    DraftProduct(
        id="P3",
        name="竹砧板",
        aliases=("菜板",),
        category="厨房小件",
        add_on=True,
        summary="整竹双面砧板。",
        attributes={"材质": "整竹", "厚度": "两厘米"},
        skus=_skus("P3", ("标准", 30)),
        list_price=Decimal(69),
        price=Decimal(49),
    ),
    DraftProduct(
        id="P4",
        name="硅胶锅铲",
        aliases=("锅铲",),
        category="厨房小件",
        add_on=True,
        summary="耐热硅胶，不伤涂层。",
        attributes={"耐热温度": "二百三十度"},
        skus=_skus("P4", ("标准", 40)),
        list_price=Decimal(39),
        price=Decimal(29),
    ),
)
SHOP = DraftShop(
    name="示例厨具店",
    intro="卖锅具、杯壶和厨房小件的网店。",
    style="居家、实在、亲切",
    products=_PRODUCTS,
    promotions=(
        DraftFullReduction(id="M1", title="满199减20", step=1, threshold=Decimal(199), off=Decimal(20)),
        DraftCoupon(id="M2", title="新客券", step=2, code="KITCHEN10", threshold=Decimal(150), off=Decimal(10)),
    ),
    shipping=DraftShipping(
        carrier="示例快递",
        fee=Decimal(8),
        free_from=Decimal(99),
        regions=(
            DraftRegion(name="江浙沪", cities=("杭州", "南京", "上海"), days="1-2"),
            DraftRegion(name="华北", cities=("北京", "天津", "石家庄"), days="2-3"),
            DraftRegion(name="西南", cities=("成都", "重庆", "昆明"), days="3-4"),
        ),
    ),
    articles=(
        DraftChatArticle(
            id="A1",
            title="退换货",
            body="签收后7天内商品完好可以退换。质量问题运费由本店承担，个人原因由顾客承担寄回的运费。",
            keywords=("退货", "换货", "运费"),
            updated="2026-03-01",
        ),
        DraftChatArticle(
            id="A2",
            title="发货与包邮",
            body="付款后48小时内发货。满99元包邮，不满99元运费8元。",
            keywords=("发货", "包邮", "几天到"),
            updated="2026-03-01",
        ),
        DraftChatArticle(
            id="A3",
            title="发票",
            body="默认开电子发票，签收后在订单页面申请，24小时内发到邮箱。",
            keywords=("发票", "报销"),
            updated="2026-03-01",
        ),
    ),
)
