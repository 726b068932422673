"""Every rule of the linter, with a card that breaks only this one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from server.core.authoring import DraftAudio
from server.core.errors import Invalid
from server.core.text import Text
from tests.support.drafts import faultless, recording, with_answer, with_recording
from tests.support.papers import paper
from typing_test.author import author
from typing_test.content import DictationContent
from typing_test.draft import DictationDraft
from typing_test.module import module

pytestmark = pytest.mark.unit

ANSWERS = "items.0.answers"
AUDIO = "items.0.audio"
Change = Callable[[DictationDraft], DictationDraft]


def answer(key: str, **changes: Any) -> Change:
    return lambda draft: with_answer(draft, key, **changes)


def sound(**changes: Any) -> Change:
    return lambda draft: with_recording(draft, **changes)


def untitled(draft: DictationDraft) -> DictationDraft:
    return draft.model_copy(update={"title": Text(zh=" ")})


def without_recording(draft: DictationDraft) -> DictationDraft:
    return author.with_audio(draft, "c01", None)


def changed_since(draft: DictationDraft) -> DictationDraft:
    audio = author.audio(draft, "c01")
    return author.with_audio(with_answer(draft, "postcode", text="430061"), "c01", audio)


def renamed_field(draft: DictationDraft) -> DictationDraft:
    spec = draft.fields[0].model_copy(update={"kind": "text", "label": Text(zh="姓名A")})
    changed = draft.model_copy(update={"fields": (spec, *draft.fields[1:])})
    return with_recording(changed)


SEVERE: list[tuple[str, Change, str]] = [
    ("title", untitled, "没有标题"),
    (f"{ANSWERS}.address.text", answer("address", text="  "), "没有填写客户地址"),
    (f"{ANSWERS}.name.text", answer("name", text="……", hint=""), "没有一个有效字"),
    (f"{ANSWERS}.name.text", answer("name", text="章" * 41), "字段上限 40"),
    (f"{ANSWERS}.phone.text", answer("phone", text="1543808663", alternatives=()), "应为 11 位，现在是 10 位"),
    (f"{ANSWERS}.phone.text", answer("phone", text="12438086639", alternatives=()), "第二位"),
    (f"{ANSWERS}.phone.text", answer("phone", text="90350472", alternatives=()), "区号"),
    (f"{ANSWERS}.phone.text", answer("phone", text="027-9035047", alternatives=()), "3 位区号加 8 位"),
    (f"{ANSWERS}.phone.text", answer("phone", text="40049350", alternatives=()), "应为 10 位，现在是 8 位"),
    (f"{ANSWERS}.phone.text", answer("phone", text="0279035047O", alternatives=()), "只能有数字"),
    (f"{ANSWERS}.postcode.text", answer("postcode", text="43006"), "开头的 0"),
    (f"{ANSWERS}.postcode.text", answer("postcode", text="43006A"), "6 位数字"),
    (f"{ANSWERS}.email.text", answer("email", text="wenbin.hanbei.net"), "一个 @"),
    (f"{ANSWERS}.email.text", answer("email", text="wenbin@hanbei"), "格式不对"),
    (f"{ANSWERS}.email.text", answer("email", text="wen..bin@hanbei.net"), "格式不对"),
    (f"{ANSWERS}.phone.alternatives.0", answer("phone", alternatives=("……",)), "没有一个有效字"),
    (f"{ANSWERS}.phone.alternatives.0", answer("phone", alternatives=("0" * 31,)), "字段上限 30"),
    (AUDIO, without_recording, "没有录音"),
    (AUDIO, sound(confirmed=False), "试听并确认"),
    (AUDIO, changed_since, "文字有改动"),
]
DOUBTFUL: list[tuple[str, Change, str]] = [
    (f"{ANSWERS}.postcode.text", answer("postcode", text="510620"), "湖北省的邮政编码以 43、44 开头"),
    (f"{ANSWERS}.postcode.text", answer("address", text="首义路86号", hint=""), "没有写明省份"),
    (f"{ANSWERS}.name.hint", answer("name", hint="立早章，文化的文，彬彬有礼的斌，彬"), "没有“斌”这个字"),
    (f"{ANSWERS}.name.hint", answer("name", hint="立早章，文化的文，文武双全的全，彬"), "不在答案"),
    (f"{ANSWERS}.name.hint", answer("name", hint="立早章，文化的文"), "“彬”没有说明"),
    (f"{ANSWERS}.name.hint", answer("name", hint="立早章，文化的文，彬，VIP"), "“VIP”没有朗读规则"),
    (f"{ANSWERS}.name.text", answer("name", text="章 文彬"), "不计字"),
    (f"{ANSWERS}.name.text", answer("name", text="章文彬Z"), "没有朗读规则"),
    (f"{ANSWERS}.name.readings", answer("name", readings={"章文彬": "zhang1 wen2"}), "读音"),
    (f"{ANSWERS}.name.readings", answer("name", readings={"章": "zhang"}), "读音"),
    (f"{ANSWERS}.name.text", renamed_field, "字段名中的“A”"),
    (f"{ANSWERS}.phone.alternatives.0", answer("phone", alternatives=("０２７９０３５０４７２",)), "完全相同"),
    (AUDIO, sound(duration_ms=15_000), "15 秒"),
    (AUDIO, sound(duration_ms=1_000_000), "1000 秒"),
    (AUDIO, sound(clipped_samples=500), "削波"),
    (AUDIO, sound(rms_dbfs=-50.0), "音量过小"),
    (AUDIO, sound(peak_dbfs=-30.0), "音量过小"),
]
ALLOWED: list[Change] = [
    answer("phone", text="15438086639", alternatives=()),
    answer("phone", text="4004935072", alternatives=("400-493-5072",)),
    answer("phone", text="0571-9035047", alternatives=()),
    answer("email", text="Wen.bin-8+x@mail.hanbei.com.cn"),
    answer("name", text="单文彬", hint="简单的单，作姓氏读作善，文化的文，彬彬有礼的彬"),
    answer("name", text="欧阳彬", hint="复姓欧阳，欧洲的欧，太阳的阳，木字旁，彬彬有礼的彬"),
    answer("address", text="湖北武汉武昌区首义路86号"),
    answer("address", text="陕西省西安市小寨西路13号", hint="左耳旁的陕，山寨的寨"),
]


def test_the_card_is_faultless() -> None:
    assert author.faults(faultless()) == []


@pytest.mark.parametrize(("path", "change", "words"), SEVERE)
def test_what_must_be_mended(path: str, change: Change, words: str) -> None:
    draft = change(faultless())
    severe = [fault for fault in author.faults(draft) if fault.severe]
    assert [fault.path for fault in severe] == [path]
    assert words in severe[0].text.zh
    assert severe[0].text.en
    with pytest.raises(Invalid) as refused:
        author.content(draft)
    assert [fault["path"] for fault in refused.value.extra["faults"]] == [path]


@pytest.mark.parametrize(("path", "change", "words"), DOUBTFUL)
def test_what_is_doubtful(path: str, change: Change, words: str) -> None:
    draft = change(faultless())
    found = author.faults(draft)
    assert [(fault.path, fault.severe) for fault in found] == [(path, False)]
    assert words in found[0].text.zh
    assert found[0].text.en
    assert author.content(draft).title == draft.title


@pytest.mark.parametrize("change", ALLOWED)
def test_what_is_right(change: Change) -> None:
    found = [fault for fault in author.faults(change(faultless())) if "postcode" not in fault.path]
    assert found == []


def test_cards_that_share_a_name_or_a_number() -> None:
    draft = faultless()
    second = draft.items[0].model_copy(update={"id": "c02", "title": Text(zh="第 2 条", en="Item 2")})
    double = draft.model_copy(update={"items": (*draft.items, second)})
    double = with_answer(double, "address", part="c02", text="湖北省武汉市武昌区首义路88号")
    paths = [f"items.1.answers.{key}.text" for key in ("name", "phone", "email")]
    assert [(fault.path, fault.severe) for fault in author.faults(double)] == [(path, False) for path in paths]
    assert "第 1 条" in author.faults(double)[0].text.zh


def test_a_recording_of_an_unknown_text_is_not_stale() -> None:
    assert author.faults(with_recording(faultless(), text_sha256="")) == []


def test_one_reading_may_be_half_as_long() -> None:
    assert author.faults(with_recording(faultless(), duration_ms=15_000, readings=1)) == []


@pytest.mark.parametrize("kind", ["warmup", "lesson", "contest"])
def test_the_demo_papers_are_faultless(kind: str) -> None:
    assert author.faults(author.draft(demo(kind))) == []


@pytest.mark.parametrize("kind", ["warmup", "lesson", "contest"])
def test_a_demo_paper_becomes_itself_again(kind: str) -> None:
    content = demo(kind)
    items = tuple(
        item.model_copy(update={"audio": item.audio.model_copy(update={"file": ""})}) for item in content.items
    )
    assert author.content(author.draft(content)) == content.model_copy(update={"items": items})


def test_a_paper_beyond_the_limits_of_a_draft_is_refused() -> None:
    with pytest.raises(Invalid, match="beyond"):
        author.draft(paper(items=51))


def test_what_a_text_says_decides_whether_its_recording_is_stale() -> None:
    draft = faultless()
    said = author.text_sha256(draft, "c01")
    retitled = draft.replaced(draft.items[0].model_copy(update={"title": Text(zh="别的标题"), "level": "hard"}))
    assert author.text_sha256(retitled, "c01") == said
    for change in ({"text": "章文斌"}, {"hint": "立早章"}, {"readings": {"章": "zhang1"}}):
        assert author.text_sha256(with_answer(draft, "name", **change), "c01") != said
    assert author.text_sha256(with_answer(draft, "phone", alternatives=()), "c01") == said


def test_an_unknown_part_is_refused() -> None:
    draft = faultless()
    audio: DraftAudio = recording(draft, "c01")
    for act in (author.text_sha256, author.script, author.audio, author.rows):
        with pytest.raises(Invalid):
            act(draft, "zz")
    with pytest.raises(Invalid):
        author.with_audio(draft, "zz", audio)
    with pytest.raises(Invalid):
        author.invent(draft, "zz", 1)


def demo(kind: str) -> DictationContent:
    path: Path = next(each.path for each in module.demo_papers() if each.kind == kind)
    return DictationContent.model_validate_json(path.read_bytes())
