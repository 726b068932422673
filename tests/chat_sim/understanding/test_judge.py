"""Findings, several needs at once, how verdicts add up over messages; what holds for every text."""

import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_sim.events import Finding
from chat_sim.persona import Courtesy, Need
from chat_sim.understanding.judge import RULES, Understood, settle
from tests.chat_sim.understanding.shopping import need, read

pytestmark = pytest.mark.unit

WATER = need("product", "这双鞋防水吗？", [{"accept": ["不防水"]}], products=["boot"])
PRICE = need(
    "price", "多少钱？", [{"kind": "price", "title": "售价", "accept": ["569元"]}], products=["boot"]
).model_copy(update={"id": "price"})
SHIP = need("shipping", "几天到？", [{"kind": "duration", "title": "送达", "accept": ["2-3天"]}]).model_copy(
    update={"id": "ship"}
)
RETURNS = need(
    "returns",
    "能退吗？",
    [{"accept": ["7天无理由"]}, {"kind": "price", "title": "运费", "accept": ["10元"]}],
    wrong=[{"id": "w", "title": "包邮退", "phrases": ["来回包邮"]}],
    courtesy=["apology"],
)


def told(one: Need, *texts: str) -> str:
    """The verdict of the last of several messages."""
    findings: list[Finding] = []
    courtesy: list[Courtesy] = []
    understood = Understood()
    for text in texts:
        understood = read(one, text)
        findings += understood.findings
        courtesy += understood.courtesy
    return settle(one, findings, courtesy, understood)


def test_a_finding_says_what_was_found_where_and_how_surely() -> None:
    (finding,) = read(WATER, "亲，这款 不防水 的哦").findings
    assert (finding.need, finding.fact, finding.verdict, finding.rule) == ("n", "f0", "right", "wording")
    assert "亲，这款 不防水 的哦"[finding.start : finding.end] == finding.text
    assert "防水" in finding.text
    assert finding.sure == Decimal("1.00")
    assert RULES == "chat/1"


def test_what_is_not_quite_the_wording_is_less_sure() -> None:
    (typed,) = read(WATER, "不放水的").findings
    assert (typed.rule, typed.verdict) == ("sound", "right")
    assert Decimal(0) < typed.sure < 1


def test_several_needs_in_one_message() -> None:
    understood = read([WATER, PRICE, SHIP], "这双不防水，569元，两三天就到")
    assert [(one.need, one.verdict) for one in understood.findings] == [
        ("n", "right"), ("price", "right"), ("ship", "right"),
    ]  # fmt: skip


def test_facts_add_up_over_messages() -> None:
    assert told(RETURNS, "支持7天无理由") == "partial"
    assert told(RETURNS, "支持7天无理由", "运费10元") == "partial"
    assert told(RETURNS, "支持7天无理由", "运费10元", "实在抱歉") == "met"


def test_the_last_word_counts() -> None:
    assert told(PRICE, "599元") == "wrong"
    assert told(PRICE, "599元", "不好意思，是569元") == "met"
    assert told(PRICE, "569元", "说错了，是599元") == "wrong"
    assert told(PRICE, "569元", "说错了，是599元", "好的") == "nothing"


def test_what_is_wrong_by_itself_is_taken_back_by_what_is_right() -> None:
    assert told(RETURNS, "抱歉，7天无理由，来回包邮") == "wrong"
    assert told(RETURNS, "抱歉，7天无理由，来回包邮", "更正一下，运费10元") == "met"


def test_waiting_does_nothing_but_for_small_talk() -> None:
    talk = need("small_talk", "今天真冷", [])
    other = need("product", "看看这张图", [])
    assert told(talk, "稍等") == "met"
    assert told(other, "稍等，我帮您查一下") == "nothing"
    assert told(other, "这是正常的") == "met"
    assert told(other, "～～！") == "nothing"


def test_courtesy_alone() -> None:
    sorry = need("complaint", "什么破鞋", [], courtesy=["apology"])
    assert told(sorry, "怎么了") == "nothing"
    assert told(sorry, "对不起") == "met"


def test_a_fact_that_must_be_denied() -> None:
    fades = need("product", "会掉色吗", [{"accept": ["掉色"], "denied": True}])
    assert told(fades, "不掉色") == "met"
    assert told(fades, "会掉色的") == "wrong"


def test_an_optional_fact_is_wrong_only_if_said_wrongly() -> None:
    one = need("price", "多少钱", [{"accept": ["有货"]}, {"kind": "price", "accept": ["569"], "required": False}])
    assert told(one, "有货的") == "met"
    assert told(one, "有货的，599元") == "wrong"


def test_figures_of_other_regions_and_products_are_not_meant() -> None:
    assert told(SHIP, "到兰州要4-5天") == "nothing"
    assert told(PRICE, "云履跑鞋539元") == "nothing"


def test_a_bare_answer_needs_one_question_only() -> None:
    other = need("product", "是真皮吗？", [{"accept": ["真皮"]}]).model_copy(update={"id": "leather"})
    assert [one.rule for one in read(WATER, "不的，不可以哦").findings] == ["answer"]
    assert read([WATER, other], "是的").findings == ()


SPEECH = st.text(
    st.sampled_from(
        "不没是防水包邮569元一二两三百天小时38码ＬM退换满减的吗？，。！~ 亲您如果可能说错了￥．％１２\n\u200b是疾风"
    )
    | st.characters(),
    max_size=60,
)
NEEDS = [WATER, PRICE, RETURNS]


@settings(max_examples=300, deadline=None)
@given(SPEECH)
def test_every_text_is_judged_within_itself(text: str) -> None:
    understood = read(NEEDS, text)
    for finding in understood.findings:
        assert 0 <= finding.start < finding.end <= len(text)
        assert finding.text == text[finding.start : finding.end]
        assert Decimal(0) < finding.sure <= 1
    facts = [(finding.need, finding.fact) for finding in understood.findings]
    assert len(facts) == len(set(facts))
    for one in NEEDS:
        assert settle(one, understood.findings, understood.courtesy, understood) in (
            "met",
            "partial",
            "wrong",
            "nothing",
        )
    assert understood == read(NEEDS, text)


@settings(max_examples=300, deadline=None)
@given(SPEECH)
def test_texts_that_are_equal_by_nfkc_are_judged_equally(text: str) -> None:
    def essence(one: Understood) -> object:
        return (
            [(f.need, f.fact, f.verdict, f.sure, f.rule) for f in one.findings],
            one.courtesy, one.forbidden, one.suggested, one.words, one.waiting_only,
        )  # fmt: skip

    assert essence(read(NEEDS, text)) == essence(read(NEEDS, unicodedata.normalize("NFKC", text)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "不" * 2_000,
        "1" * 2_000,
        "一" * 2_000,
        "是不是" * 600,
        "😀" * 500,
        "<b>569元</b>",
        "是٢",
        "没有不是" * 125,
    ],
)
def test_strange_texts(text: str) -> None:
    assert read(NEEDS, text) == read(NEEDS, text)


def test_who_lists_every_figure_has_answered_none() -> None:
    assert told(SHIP, "您好，2到3天送到，满99元包邮") == "met"
    assert told(SHIP, "、".join(f"{days}天" for days in range(1, 31)) + "，2到3天") == "nothing"


def test_digits_of_other_scripts_are_digits() -> None:
    assert told(PRICE, "٥٦٩元") == "met"
