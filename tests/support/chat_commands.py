"""Commands of a chat page as a fuzzer would send them, for `tests.support.chats`."""

from typing import Any

from hypothesis import strategies as st


def _of(kind: str, /, **values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"type": st.just(f"chat_sim.{kind}"), **values})


_OWN = st.sampled_from(["c1", "c1", "c2", "c3", "zz"])
_TEXTS = st.sampled_from(
    [
        "您好，欢迎光临",
        "建议选42码",
        "这款防泼水",
        "防泼水，橡胶大底",
        "完全防水",
        "199元",
        "有货",
        "非常抱歉，给您换新",
        "请稍等，我帮您查一下",
        "搭配羊毛袜更舒服",
        "随便你",
        "再见",
        "？",
        " ",
        "字" * 501,
    ]
) | st.text(max_size=30)
_LINES = st.lists(
    st.fixed_dictionaries(
        {
            "sku": st.sampled_from(["shoe-42", "shoe-42", "sock-1", "shoe-43", "zz"]),
            "quantity": st.sampled_from([1, 1, 1, 2, 0, -1, 2**31]),
        }
    ),
    max_size=3,
)
_COUPONS = st.sampled_from(["", "NEW10", "new10", "OLD"])
_REVS = st.integers(1, 9)
CHAT_OFTEN = st.one_of(
    _of("send", conversation=_OWN, text=_TEXTS, rev=_REVS),
    _of("accept", conversation=_OWN),
    st.just(
        {
            "type": "chat_sim.set_order",
            "conversation": "c1",
            "lines": [{"sku": "shoe-42", "quantity": 1}],
            "coupon": "NEW10",
            "rev": 10,
        }
    ),
    _of("send_order", conversation=_OWN),
)
"""What a conversation is made of."""
CHAT = st.one_of(
    CHAT_OFTEN,
    CHAT_OFTEN,
    _of("set_nickname", nickname=st.sampled_from(["小暖", " ", "很" * 30])),
    _of("save_field", item=_OWN, field=st.sampled_from(["reply", "note"]), text=st.text(max_size=30), rev=_REVS),
    _of("show", conversations=st.lists(_OWN, max_size=4)),
    _of("send_product", conversation=_OWN, product=st.sampled_from(["sock", "pole", "shoe", "zz"])),
    _of("set_order", conversation=_OWN, lines=_LINES, coupon=_COUPONS, rev=_REVS),
    _of("cancel_order", order=st.sampled_from(["o1", "o2", "zz"])),
    _of("calculate", lines=_LINES, coupon=_COUPONS, member=st.booleans()),
    _of("search", query=st.sampled_from(["尺码", "退换", ""]) | st.text(max_size=9)),
    _of("open_article", id=st.sampled_from(["a1", "zz", None])),
    _of("open_product", id=st.sampled_from(["shoe", "zz", None])),
    _of("open_picture", n=st.integers(1, 30)),
    _of(
        "close",
        conversation=_OWN,
        reason=st.sampled_from(["ordered", "solved", "unsolved", "transferred", "customer_gone"]),
        remark=st.text(max_size=9),
    ),
    _of("blocked", item=_OWN, field=st.just("reply"), kind=st.just("paste"), length=st.integers(0, 900)),
)
"""Everything that a page can send, sense or nonsense."""
