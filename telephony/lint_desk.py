"""Key points, required acts, records and numbers of a voice task."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from server.core.errors import Fault
from telephony.content import DeskAct
from telephony.draft import (
    DraftDesk,
    DraftInbound,
    DraftKeyPoint,
    DraftOutbound,
    DraftRecord,
    DraftRetell,
    DraftSummary,
    TelephonyDraft,
)
from telephony.lint_faults import doubt, wrong
from telephony.lint_words import real_mobile, real_paper

_OF_ARTICLES: tuple[DeskAct, ...] = ("search", "article")
_OF_RECORDS: tuple[DeskAct, ...] = ("look_up", "verify", "suspend", "change_address", "after_sales")


def desk(draft: TelephonyDraft) -> Iterator[Fault]:
    """Everything about knowledge base and business system, and what the turns ask of them."""
    for number, part in enumerate(draft.parts):
        path = f"parts.{number}"
        match part:
            case DraftInbound():
                for at, turn in enumerate(part.turns):
                    here = f"{path}.turns.{at}"
                    yield from _points(turn.key_points, [turn.reference], here)
                    for act, required in enumerate(turn.required):
                        yield from _required(draft.desk, required.act, required.target, f"{here}.required.{act}")
            case DraftOutbound():
                yield from _points(part.key_points, list(part.reference.values()), path)
            case DraftRetell():
                yield from _points(part.key_points, [part.source.text], path)
            case DraftSummary():
                yield from _points(part.key_points, [part.reference], path)
    yield from _records(draft)
    yield from _real(draft)


def _points(points: Sequence[DraftKeyPoint], references: Sequence[str], path: str) -> Iterator[Fault]:
    """A point that the reference itself doesn't make."""
    text = "".join(references)
    if not text.strip():
        return
    for number, point in enumerate(points):
        phrases = [phrase for phrase in point.phrases if phrase.strip()]
        if phrases and not any(phrase.strip() in text for phrase in phrases):
            yield doubt(
                f"{path}.key_points.{number}.phrases",
                f"要点“{point.title}”的关键词在参考答案里一个也没有出现",
                f"No phrase of the key point {point.title!r} occurs in the reference",
            )


def _required(rows: DraftDesk, act: DeskAct, target: str, path: str) -> Iterator[Fault]:
    articles = {article.id for article in rows.articles}
    records = {record.id: record for record in rows.records}
    if act in _OF_ARTICLES:
        if not articles:
            yield wrong(path, "要求查知识库，但知识库里没有文章", "The knowledge base has no article to be found")
        elif target and target not in articles:
            yield _no_target(path, target)
    elif act in _OF_RECORDS:
        if not records:
            yield wrong(path, "要求查业务系统，但里面没有记录", "The business system has no record to be found")
        elif target and target not in records:
            yield _no_target(path, target)
        elif act == "verify" and not (records[target].verify if target else any(r.verify for r in records.values())):
            yield wrong(
                path,
                "要求核对后四位，但记录里没有填写后四位",
                "The last four are to be verified, but the record has none",
            )
    elif act == "transfer":
        if not rows.transfers or (target and target not in rows.transfers):
            yield wrong(
                path,
                f"转接去向“{target}”不在列表中：{'、'.join(rows.transfers) or '（空）'}",
                f"{target!r} is no transfer: {', '.join(rows.transfers) or '(none)'}",
            )
    elif act == "hold" and target:
        yield wrong(path, "保持不需要对象，请清空", "Hold has no target: leave it empty")


def _no_target(path: str, target: str) -> Fault:
    return wrong(
        path, f"必做操作的对象“{target}”不存在，请重新选择", f"The required act's target {target!r} doesn't exist"
    )


def _records(draft: TelephonyDraft) -> Iterator[Fault]:
    """Records that look the same in a list of hits."""
    targets = {
        act.target
        for part in draft.parts
        if isinstance(part, DraftInbound)
        for turn in part.turns
        for act in turn.required
    }
    for (_, one), (number, other) in combinations(enumerate(draft.desk.records), 2):
        if not one.number.strip() or _shown(one) != _shown(other):
            continue
        fault = wrong if {one.id, other.id} & targets else doubt
        yield fault(
            f"desk.records.{number}.number",
            f"与另一条记录“{one.number} {one.customer}”的单号、客户、电话完全相同，选手分不清",
            f"Same number, customer and telephone as another record ({one.number}): nobody can tell them apart",
        )


def _shown(record: DraftRecord) -> tuple[str, str, str, str]:
    return record.kind, record.number.strip(), record.customer.strip(), record.phone.strip()


def _real(draft: TelephonyDraft) -> Iterator[Fault]:
    """Numbers that may belong to somebody."""
    for path, text in _numbers(draft):
        if number := real_mobile(text):
            yield doubt(
                path,
                f"{number} 可能是某人的手机号码：请改用没有放号的号段，如 142、143、160、168 开头",
                f"{number} may be somebody's: use a prefix that is given to nobody, such as 142, 143, 160 or 168",
            )
        if paper := real_paper(text):
            yield doubt(
                path,
                f"{paper} 的校验码正确，可能是某人的身份证号：请改掉最后一位",
                f"{paper} has a right check digit and may be somebody's identity number: change its last digit",
            )


def _numbers(draft: TelephonyDraft) -> Iterator[tuple[str, str]]:
    for number, part in enumerate(draft.parts):
        path = f"parts.{number}"
        if isinstance(part, DraftInbound):
            yield f"{path}.card.caller_number", part.card.caller_number
            for at, turn in enumerate(part.turns):
                if turn.customer is not None:
                    yield f"{path}.turns.{at}.customer.text", turn.customer.text
                yield f"{path}.turns.{at}.reference", turn.reference
        elif isinstance(part, DraftOutbound):
            yield f"{path}.card.number", part.card.number
            for at, line in enumerate(part.persona.lines):
                yield f"{path}.persona.lines.{at}.text", line.text
    for at, record in enumerate(draft.desk.records):
        yield f"desk.records.{at}.phone", record.phone
        for value in record.fields.values():
            yield f"desk.records.{at}.fields", value
