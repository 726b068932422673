"""Automatic marks of a dictation: correct ÷ expected characters, as the counting policy says (seed 001, 十(二)1)."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import reduce
from typing import Any

from server.core.contract import Facts, Journalled
from server.core.outcome import EvidencePointer, Measure, Outcome, ProposedMark
from server.core.text import Text
from typing_test.content import DictationContent, Item
from typing_test.counting import align, correct_count, read
from typing_test.events import DictationEvent, FieldSaved
from typing_test.policy import CountingPolicy, FieldSpec
from typing_test.sheet import FieldScore, ItemScore, ScoreSheet
from typing_test.state import DictationState, FieldState, PlayerState, apply, typed

SCORER_VERSION = "typing_test/1"
CRITERION = "accuracy"
_CENT = Decimal("0.01")


def two_decimals(value: Decimal) -> Decimal:
    """Rounded half up to 0.01."""
    return value.quantize(_CENT, ROUND_HALF_UP)


def score_field(spec: FieldSpec, item: Item, text: str, policy: CountingPolicy) -> FieldScore:
    """The accepted wording with the best ratio of correct characters, and the alignment to it."""
    answer = item.answers[spec.key]
    wordings = (answer.text, *answer.alternatives)
    readings = [read(wording, spec, policy) for wording in wordings]
    typed_reading = read(text, spec, policy)
    correct = [correct_count(reading, typed_reading) for reading in readings]
    best = 0
    for number in range(1, len(readings)):
        # Ratios compared as whole numbers; of equal ones the earlier wording stands.
        if correct[number] * len(readings[best].counts) > correct[best] * len(readings[number].counts):
            best = number
    return FieldScore(
        key=spec.key,
        label=spec.label,
        expected=wordings[best],
        alternative=best - 1 if best else None,
        typed=text,
        expected_count=len(readings[best].counts),
        correct_count=correct[best],
        surplus_count=len(typed_reading.counts) - correct[best],
        alignment=align(readings[best], typed_reading),
        hint=answer.hint,
    )


def score_item(content: DictationContent, item: Item, texts: Mapping[str, str], player: PlayerState) -> ItemScore:
    """One item: its fields and their sums."""
    fields = tuple(score_field(spec, item, texts.get(spec.key, ""), content.counting) for spec in content.fields)
    return ItemScore(
        id=item.id,
        title=item.title,
        scored=item.scored,
        expected_count=sum(f.expected_count for f in fields),
        correct_count=sum(f.correct_count for f in fields),
        surplus_count=sum(f.surplus_count for f in fields),
        fields=fields,
        listened_ms=player.listened_ms,
        pauses=player.pauses,
        seeks=player.seeks,
    )


def score_sheet(content: DictationContent, state: DictationState) -> ScoreSheet:
    """The whole sheet of a final state."""
    policy = content.counting
    items = tuple(
        score_item(
            content,
            item,
            {spec.key: typed(state, item.id, spec.key) for spec in content.fields},
            state.players.get(item.id, PlayerState()),
        )
        for item in content.items
    )
    scored = [item for item in items if item.scored]
    expected = sum(item.expected_count for item in scored)
    correct = sum(item.correct_count for item in scored)
    surplus = sum(item.surplus_count for item in scored)
    deducted = min(surplus, correct) if policy.surplus_deduction == "per_character" else 0
    accuracy, marks, working = mark(correct - deducted, expected, policy)
    if not scored:
        working = Text(zh="本卷没有计分条目，只作热身", en="Nothing in this paper is scored: a warm-up")
    return ScoreSheet(
        policy=policy,
        expected_count=expected,
        correct_count=correct,
        surplus_count=surplus,
        deducted_count=deducted,
        accuracy=accuracy,
        marks=marks,
        max_marks=Decimal(policy.max_marks if scored else 0),
        working=working,
        items=items,
    )


def mark(correct: int, expected: int, policy: CountingPolicy) -> tuple[Decimal, Decimal, Text]:
    """Accuracy, marks and the working of `correct` of `expected` characters; nothing expected gives 0."""
    ratio = Decimal(correct) / expected if expected else Decimal(0)
    if policy.rounding == "percent":
        accuracy = two_decimals(ratio * 100)
        marks = two_decimals(accuracy / 100 * policy.max_marks)
        shown = f"{accuracy}%"
    else:
        accuracy = two_decimals(ratio)
        marks = two_decimals(accuracy * policy.max_marks)
        shown = f"{accuracy}"
    sum_ = f"{correct} ÷ {expected} = {shown}；{shown} × {policy.max_marks} = {marks}"
    return accuracy, marks, Text(zh=f"准确率 {sum_} 分", en=f"Accuracy {sum_.replace('；', '; ')} marks")


def final_state(history: Sequence[Journalled[DictationEvent]]) -> DictationState:
    """The fold of a history; of all saves of a field only the last is looked at, for it replaces the others."""
    texts: dict[str, dict[str, FieldState]] = {}
    others: list[DictationEvent] = []
    for entry in reversed(history):
        event = entry.event
        if not isinstance(event, FieldSaved):
            others.append(event)
        elif event.field not in texts.setdefault(event.item, {}):
            texts[event.item][event.field] = FieldState(text=event.text, rev=event.rev)
    return reduce(apply, reversed(others), DictationState(texts=texts))


def score(content: DictationContent, history: Sequence[Journalled[DictationEvent]], facts: Facts) -> Outcome:
    """The automatic outcome: one mark, its measures, and the last save of every field as evidence."""
    saves = [(entry.seq, entry.event) for entry in history if isinstance(entry.event, FieldSaved)]
    last = {(event.item, event.field): seq for seq, event in saves}
    state = final_state(history)
    sheet = score_sheet(content, state)
    listened = sum(item.listened_ms for item in sheet.items)
    inserts = [event.largest_insert for _, event in saves]
    return Outcome(
        module="typing_test",
        scorer_version=SCORER_VERSION,
        policy=content.counting.model_dump(mode="json"),
        measures=(
            _measure("expected", "应完成字数", "Expected characters", sheet.expected_count, "字"),
            _measure("correct", "正确字数", "Correct characters", sheet.correct_count, "字"),
            _measure("surplus", "多字", "Surplus characters", sheet.surplus_count, "字"),
            _measure("listened", "收听时长", "Time listened", listened, "ms"),
            _measure("largest_insert", "单次最多录入", "Largest single input", max(inserts, default=0), "字"),
            _measure("blocked", "被拦截的粘贴等操作", "Blocked pastes and the like", state.blocked, "次"),
        ),
        marks=_marks(sheet),
        sheet=sheet.model_dump(mode="json", by_alias=True),
        evidence=tuple(
            EvidencePointer(criterion=CRITERION, kind="event", ref=str(seq)) for seq in sorted(last.values())
        ),
    )


def _marks(sheet: ScoreSheet) -> tuple[ProposedMark, ...]:
    """One mark, or none if nothing is scored."""
    if not sheet.max_marks:
        return ()
    return (ProposedMark(criterion=CRITERION, marks=sheet.marks, max_marks=sheet.max_marks, working=sheet.working),)


def _measure(key: str, zh: str, en: str, value: int, unit: str) -> Measure:
    formula = f"typing_test.{key}/1"
    return Measure(key=key, title=Text(zh=zh, en=en), value=Decimal(value), unit=unit, formula=formula)


def history_of(content: DictationContent, answers: Mapping[str, Any]) -> list[Journalled[DictationEvent]]:
    """A history that ends with these answers ({item: {field: text}}); unknown items and fields raise ValueError."""
    keys = {spec.key for spec in content.fields}
    history: list[Journalled[DictationEvent]] = []
    for item_id, texts in answers.items():
        if content.item(item_id) is None:
            raise ValueError(f"answers.{item_id}: 试卷中没有这一条目 (no such item)")
        if not isinstance(texts, Mapping):
            raise ValueError(f"answers.{item_id}: 应为“字段: 文本”的对象 (must be an object of field: text)")
        for key, text in texts.items():
            if key not in keys:
                raise ValueError(f"answers.{item_id}.{key}: 没有这一字段 (no such field)")
            if not isinstance(text, str):
                raise ValueError(f"answers.{item_id}.{key}: 应为文本 (must be a string)")
            event = FieldSaved(item=item_id, field=key, text=text, rev=1)
            history.append(Journalled(seq=len(history) + 1, at_ms=0, stage_ms=0, event=event))
    return history


def again(content: DictationContent, outcome: Outcome) -> DictationContent | None:
    """The items that were not wholly right, with their share of the time; None if all were."""
    sheet = ScoreSheet.model_validate(outcome.sheet)
    wrong = {item.id for item in sheet.items if item.correct_count < item.expected_count}
    items = tuple(item for item in content.items if item.id in wrong)
    if not items:
        return None
    duration = max(60_000, content.duration_ms * len(items) // len(content.items))
    title = Text(zh=f"错题再练：{_bare(content.title.zh)}", en=f"Again: {_bare(content.title.en)}")
    return content.model_copy(update={"items": items, "duration_ms": duration, "title": title})


def _bare(title: str) -> str:
    """The title without what an earlier `again` put before it."""
    return title.removeprefix("错题再练：").removeprefix("Again: ")
