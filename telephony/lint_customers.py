"""The customer's side of a voice task: lines that presume, how long they last, a rule that can be met (ms)."""

from collections.abc import Iterator

from server.core.errors import Fault
from telephony.draft import DraftInbound, DraftLine, DraftOutbound, DraftPersona, TelephonyDraft
from telephony.lint_faults import doubt, wrong
from telephony.lint_recordings import syllables
from telephony.lint_words import ENDING, GREETING, presumed

MOST_MS = 3 * 60_000
"""All lines of a simulated customer together last this long at most (seed 001, 九(二)2: the call has 10 minutes)."""
_SYLLABLE_MS = 230


def customers(draft: TelephonyDraft) -> Iterator[Fault]:
    """Everything about what customers say, and about the contestant's first and last words."""
    for number, part in enumerate(draft.parts):
        path = f"parts.{number}"
        if isinstance(part, DraftInbound):
            yield from _inbound(part, path)
        elif isinstance(part, DraftOutbound):
            yield from _persona(part, path)
            yield from _script(part, path)


def length_ms(line: DraftLine) -> int:
    """How long a line lasts: its recording, or what it takes to say it."""
    return line.audio.duration_ms if line.audio is not None else syllables(line.text) * _SYLLABLE_MS


def spoken_ms(persona: DraftPersona) -> int:
    """The longest that a simulated customer speaks in a call without being nudged."""
    ending = max(length_ms(line) for line in persona.endings.values())
    return sum(length_ms(line) for line in (persona.opening, *persona.lines)) + ending


def _inbound(part: DraftInbound, path: str) -> Iterator[Fault]:
    for number, turn in enumerate(part.turns):
        if turn.customer is not None and (words := presumed(turn.customer.text, persona=False)):
            yield _presumes(f"{path}.turns.{number}.customer.text", words)
    references = [(number, turn.reference) for number, turn in enumerate(part.turns) if turn.reference.strip()]
    if not references or len(part.turns) < 2:
        return
    if references[0][0] == 0 and not GREETING.search(references[0][1]):
        yield doubt(
            f"{path}.turns.0.reference",
            "第一轮的参考答案没有问候语（如“您好”）",
            "The first turn's reference has no greeting (such as 您好)",
        )
    last = len(part.turns) - 1
    if references[-1][0] == last and not ENDING.search(references[-1][1]):
        yield doubt(
            f"{path}.turns.{last}.reference",
            "最后一轮的参考答案没有结束语（如“祝您生活愉快，再见”）",
            "The last turn's reference has no ending (such as 再见)",
        )


def _persona(part: DraftOutbound, path: str) -> Iterator[Fault]:
    persona = part.persona
    here = f"{path}.persona"
    for number, line in enumerate(persona.lines):
        if words := presumed(line.text, persona=True):
            yield _presumes(f"{here}.lines.{number}.text", words)
    seen: dict[str, int] = {}
    for number, line in enumerate(persona.lines):
        text = line.text.strip()
        if text and text in seen:
            yield doubt(
                f"{here}.lines.{number}.text",
                f"与第 {seen[text] + 1} 句台词完全相同",
                f"The same as line {seen[text] + 1}",
            )
        seen.setdefault(text, number)
    if (total := spoken_ms(persona)) > MOST_MS:
        yield wrong(
            f"{here}.lines",
            f"客户的台词共约 {total / 1000:.0f} 秒，最多 {MOST_MS // 60_000} 分钟：请删去或缩短几句",
            f"The customer's lines take {total / 1000:.0f} s, {MOST_MS // 1000} s at most: shorten them",
        )
    yield from _rule(persona, here)
    if persona.patience_ms <= persona.pause_ms:
        yield wrong(
            f"{here}.patience_ms",
            "耐心应长于停顿：否则选手一停客户就催促",
            "Patience must be longer than the pause by which a turn ends",
        )
    if not persona.nudges and part.other_side == "simulated":
        yield doubt(
            f"{here}.nudges",
            "没有催促语：选手沉默时客户不提醒就会挂断",
            "There is no nudge: a silent contestant is cut off without a word",
        )


def _rule(persona: DraftPersona, here: str) -> Iterator[Fault]:
    rule, lines = persona.rule, len(persona.lines)
    for key, replies, zh, en in (
        ("deal_replies", rule.deal_replies, "成交", "A deal"),
        ("interest_replies", rule.interest_replies, "有意向", "Interest"),
    ):
        if replies > lines:
            yield wrong(
                f"{here}.rule.{key}",
                f"{zh}需要回答 {replies} 句，客户只有 {lines} 句台词：永远达不到",
                f"{en} takes {replies} replies, but there are {lines} lines: it can never happen",
            )
    if rule.interest_replies > rule.deal_replies and not rule.deal_registered:
        yield doubt(
            f"{here}.rule.interest_replies",
            f"有意向需要 {rule.interest_replies} 句，多于成交的 {rule.deal_replies} 句：不会出现“有意向”",
            "Interest takes more replies than a deal: it will never be the outcome",
        )


def _script(part: DraftOutbound, path: str) -> Iterator[Fault]:
    opening, ending = part.reference.get("opening", ""), part.reference.get("ending", "")
    if opening.strip() and not GREETING.search(opening):
        yield doubt(
            f"{path}.reference.opening",
            "参考开场白没有问候语（如“您好”）",
            "The reference opening has no greeting (such as 您好)",
        )
    if ending.strip() and not ENDING.search(ending):
        yield doubt(
            f"{path}.reference.ending",
            "参考结束语没有告别的话（如“祝您生活愉快，再见”）",
            "The reference ending has no farewell (such as 再见)",
        )
    product = part.reference.get("product", "")
    unnamed = [package.name for package in part.packages if package.name.strip() and package.name not in product]
    if product.strip() and unnamed:
        yield doubt(
            f"{path}.reference.product",
            f"参考的产品介绍没有提到：{'、'.join(unnamed)}",
            f"The reference's product part doesn't name: {', '.join(unnamed)}",
        )


def _presumes(path: str, words: str) -> Fault:
    return doubt(
        path,
        f"“{words}”像是接着选手的话说的：客户的台词顺序固定，选手怎样回答都会播放这一句，请改成任何时候都说得通的话",
        f"{words!r} presumes what was said: the order of lines is fixed, so each must fit after any reply",
    )
