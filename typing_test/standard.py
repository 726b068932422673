"""The standard card (客户信息卡): five fields, and a draft of one empty card."""

from server.core.text import Text
from typing_test.draft import DictationDraft, DraftAnswer, DraftItem
from typing_test.policy import FieldSpec

DURATION_MS = 5 * 60 * 1000
INSTRUCTIONS = Text(
    zh="请播放录音，填写客户信息。每条录音读两遍，可以拖动进度条重听。录音里说“大写”的字母请按大写录入，"
    "“横杠”“下划线”“点”都要录入；电话号码之间不必加横杠。",
    en="Play each recording and fill in the customer card. Each is read twice; you may move the slider to hear a "
    "passage again. Type hyphens (横杠), underscores (下划线) and dots (点) as you hear them; telephone numbers "
    "need no hyphens.",
)
FIELDS = (
    FieldSpec(key="name", label=Text(zh="客户姓名", en="Customer name"), kind="name", max_length=40),
    FieldSpec(
        key="address",
        label=Text(zh="客户地址", en="Customer address"),
        kind="address",
        max_length=120,
        case_sensitive=False,
    ),
    FieldSpec(
        key="postcode", label=Text(zh="邮政编码", en="Postcode"), kind="postcode", max_length=12, case_sensitive=False
    ),
    FieldSpec(
        key="phone", label=Text(zh="联系电话", en="Telephone"), kind="phone", max_length=30, case_sensitive=False
    ),
    FieldSpec(key="email", label=Text(zh="电子邮箱", en="E-mail"), kind="email", max_length=80, case_sensitive=False),
)


def item_title(number: int) -> Text:
    """ "第 1 条"; counted from 1."""
    return Text(zh=f"第 {number} 条", en=f"Item {number}")


def item_id(number: int) -> str:
    """ "c01"; counted from 1."""
    return f"c{number:02}"


def blank(title: Text) -> DictationDraft:
    """A draft with one empty card."""
    answers = {spec.key: DraftAnswer() for spec in FIELDS}
    item = DraftItem(id=item_id(1), title=item_title(1), answers=answers)
    return DictationDraft(title=title, duration_ms=DURATION_MS, instructions=INSTRUCTIONS, fields=FIELDS, items=(item,))
