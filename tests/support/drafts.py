"""Drafts for tests: a card that nothing speaks against, and changes to it."""

from typing import Any

from server.core.authoring import DraftAudio
from server.core.frozen import sha256_hex
from server.core.text import Text
from typing_test.author import author
from typing_test.draft import DictationDraft, DraftAnswer

TITLE = Text(zh="登记客户信息", en="A customer card")
CARD = {
    "name": DraftAnswer(text="章文彬", hint="立早章，文化的文，彬彬有礼的彬"),
    "address": DraftAnswer(text="湖北省武汉市武昌区首义路86号5栋2单元801室", hint="首都的首，义务的义"),
    "postcode": DraftAnswer(text="430060"),
    "phone": DraftAnswer(text="02790350472", alternatives=("027-90350472",)),
    "email": DraftAnswer(text="wenbin_88@hanbei.net"),
}


def recording(draft: DictationDraft, part: str, **changes: Any) -> DraftAudio:
    """A recording of a part, listened to and confirmed."""
    facts: dict[str, Any] = {
        "sha256": sha256_hex(f"recording of {part}"),
        "duration_ms": 60_000,
        "source": "recorded",
        "peak_dbfs": -3.0,
        "rms_dbfs": -20.0,
        "text_sha256": author.text_sha256(draft, part),
        "confirmed": True,
    }
    return DraftAudio(**{**facts, **changes})


def with_answer(draft: DictationDraft, key: str, part: str = "c01", **changes: Any) -> DictationDraft:
    """The draft with a changed answer; its recording is taken to say it."""
    item = draft.item(part)
    answers = {**item.answers, key: item.answers[key].model_copy(update=changes)}
    changed = draft.replaced(item.model_copy(update={"answers": answers}))
    if item.audio is None:
        return changed
    said = item.audio.model_copy(update={"text_sha256": author.text_sha256(changed, part)})
    return author.with_audio(changed, part, said)


def with_recording(draft: DictationDraft, part: str = "c01", **changes: Any) -> DictationDraft:
    """The draft with a recording of a part."""
    return author.with_audio(draft, part, recording(draft, part, **changes))


def faultless() -> DictationDraft:
    """A draft of one card without any fault."""
    blank = author.blank(TITLE)
    return with_recording(blank.replaced(blank.items[0].model_copy(update={"answers": CARD})))
