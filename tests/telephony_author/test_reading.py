"""How lines are spoken: digits and signs become what a person says."""

import pytest

from server.core.errors import Invalid
from server.speech.engines import SpeechError
from telephony.author import author
from telephony.draft import DraftLine
from telephony.reading import count, is_reading, script, unsayable
from tests.telephony_author.drafting import empty, invented

pytestmark = pytest.mark.unit


def said(text: str) -> str:
    return "".join(segment.text for segment in script(text, {}))


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("单号是YD20260001。", "单号是歪弟二零二六，零零零幺。"),
        ("电话14212345678，后四位是0098。", "电话幺四二，幺二三四，五六七八，后四位是零零九八。"),
        ("后四位876X，好。", "后四位八七六艾克斯，好。"),
        ("座机027-90350472", "座机零二七，九零三五，零四七二，"),
        ("服务热线400-457-6793。", "服务热线四零零，四五七，六七九三。"),
        ("12月7日16:30起飞", "十二月七日十六点三十分起飞"),
        ("2026年3月2号，下午2:05", "二零二六年三月二号，下午两点零五分"),
        ("共12800元，打7折，8.5折", "共一万二千八百元，打七折，八五折"),
        ("99.5元/月，优惠20%", "九十九点五元每月，优惠百分之二十"),
        ("300M宽带，2个人，3-5天", "三百兆宽带，两个人，三到五天"),
        ("3栋2单元1205室，2点", "三栋二单元幺二零五室，两点"),
        ("￥1,280", "一千二百八十元"),
        ("“您好”（稍等）……", "您好，稍等，"),
        ("订单602503197001", "订单六零二五，零三幺九，七零零幺"),
    ],
)
def test_what_a_person_says(text: str, spoken: str) -> None:
    assert said(text) == spoken


@pytest.mark.parametrize(
    ("number", "spoken"),
    [
        ("0", "零"),
        ("10000", "一万"),
        ("20000", "两万"),
        ("10010", "一万零一十"),
        ("20350000", "二千零三十五万"),
        ("0.5", "零点五"),
    ],
)
def test_numbers_are_counted(number: str, spoken: str) -> None:
    assert count(number) == spoken


@pytest.mark.parametrize("text", ["我说ア", "😀", "，。", "共200000000元"])
def test_a_text_without_a_rule_is_refused(text: str) -> None:
    with pytest.raises(SpeechError):
        script(text, {})
    assert unsayable(text)


def test_readings_of_words_go_before_the_usual_ones() -> None:
    segments = script("单先生，您好。", {"单": "shan4"})
    assert [(segment.text, segment.pinyin) for segment in segments if segment.pinyin] == [("单", "shan4")]
    assert is_reading("单", "shan4")
    assert not is_reading("单", "shan4 yu4")
    assert not is_reading("单", "xyz9")


def test_a_script_names_the_field_that_cannot_be_read() -> None:
    draft = invented("outbound")
    _, line = draft.recording("out1.l01")
    for changes, path in (
        ({"text": "多少钱ア"}, "parts.0.persona.lines.0.text"),
        ({"readings": {"单": "dan"}}, "parts.0.persona.lines.0.readings"),
    ):
        broken = draft.with_line("out1.l01", line.model_copy(update=changes))
        with pytest.raises(Invalid) as refused:
            author.script(broken, "out1.l01")
        assert [fault["path"] for fault in refused.value.extra["faults"]] == [path]
    with pytest.raises(Invalid) as refused:
        author.script(empty("retell"), "re1.source")
    assert [fault["path"] for fault in refused.value.extra["faults"]] == ["parts.0.source.text"]


def test_a_recording_is_of_its_text_and_readings() -> None:
    draft = invented("retell")
    sha = author.text_sha256(draft, "re1.source")
    other = draft.with_line("re1.source", DraftLine(id="source", text=draft.recording("re1.source")[1].text))
    assert author.text_sha256(other, "re1.source") == sha
    read = DraftLine(id="source", text=draft.recording("re1.source")[1].text, readings={"单": "shan4"})
    assert author.text_sha256(draft.with_line("re1.source", read), "re1.source") != sha
