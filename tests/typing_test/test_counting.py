"""Which characters count, how many are right, and the alignment that shows it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.text import Text
from typing_test.counting import align, correct_count, counted, read
from typing_test.policy import CountingPolicy, FieldSpec

pytestmark = pytest.mark.unit

POLICY = CountingPolicy()
SPEC = FieldSpec(key="name", label=Text(zh="客户姓名"))
EMAIL = FieldSpec(key="email", label=Text(zh="电子邮箱"), case_sensitive=False)


def correct(key: str, answer: str) -> int:
    return correct_count(read(key, SPEC, POLICY), read(answer, SPEC, POLICY))


TYPED = st.text(alphabet="北京市海淀区ABab12 ，。@._-＠１Ａ　…\u200b\n", max_size=25)


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("张 三", "张三"),
        ("１３９　０１０９", "1390109"),
        ("Ａ栋１２号", "A栋12号"),
        ("你好，世界。", "你好世界"),
        ("a＠b．com", "a@b.com"),
        ("x-y_z+1#2&3/4", "x-y_z+1#2&3/4"),
        ("……“引号”（括号）", "引号括号"),
        ("a\u200bb\tc\n", "abc"),
        ("e\u0301", "é"),
        ("①㎏", "①㎏"),
        ("", ""),
    ],
)
def test_what_counts(text: str, counts: str) -> None:
    assert counted(text, SPEC, POLICY) == counts


def test_case_counts_by_field() -> None:
    assert counted("Ab@C.com", EMAIL, POLICY) == "ab@c.com"
    assert counted("Ab", SPEC, POLICY) == "Ab"
    assert counted("İ", EMAIL, POLICY) == "İ"


def test_keep_list_is_the_policys() -> None:
    without = CountingPolicy(keep="")
    assert counted("a@b.com", EMAIL, without) == "abcom"


def test_correct_characters_are_the_longest_common_subsequence() -> None:
    assert correct("欧阳雪", "欧杨雪") == 2
    assert correct("13800138000", "1380138000") == 10
    assert correct("abc", "") == 0


def test_alignment_reads_in_order() -> None:
    runs = align(read("欧阳雪", SPEC, POLICY), read("欧 杨雪！", SPEC, POLICY))
    assert [(run.kind, run.text) for run in runs] == [
        ("correct", "欧"),
        ("ignored", " "),
        ("missing", "阳"),
        ("surplus", "杨"),
        ("correct", "雪"),
        ("ignored", "！"),
    ]


@given(key=TYPED, answer=TYPED)
def test_alignment_accounts_for_every_character(key: str, answer: str) -> None:
    expected, typed = read(key, SPEC, POLICY), read(answer, SPEC, POLICY)
    runs = align(expected, typed)
    of_kind = {kind: "".join(run.text for run in runs if run.kind == kind) for kind in ("correct", "missing")}
    shown = "".join(run.text for run in runs if run.kind != "missing")
    assert shown == unicodedata.normalize("NFC", answer)
    hits = correct(key, answer)
    assert len(of_kind["correct"]) == hits
    assert len(of_kind["missing"]) == len(counted(key, SPEC, POLICY)) - hits
    assert all(one.kind != two.kind for one, two in zip(runs, runs[1:], strict=False))


@given(key=TYPED, answer=TYPED)
def test_full_width_forms_change_nothing(key: str, answer: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in answer)
    half = correct(key, answer)
    assert correct(key, wide) == half
