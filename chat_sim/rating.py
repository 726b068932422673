"""客户评分: the stars that a simulated customer gives, with the working."""

from collections.abc import Collection, Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from chat_sim.events import Finding
from chat_sim.persona import Courtesy, Persona
from chat_sim.sheet import SheetRating
from server.core.frozen import Frozen
from server.core.text import Text

LEAST, MOST = Decimal(1), Decimal(5)


class RatingCounts(Frozen):
    """What a rating looks at, of one conversation.

    `nudges` that the customer sent; `unmet` needs that were put; `wrong` facts said (`wrong_in`, summed up over the
    messages); `forbidden` words; whether there was a phrase of `greeting` and of `closing` (`courtesy_at_ends`);
    `left`: the customer gave up waiting, or not all of its needs were put; `replied`: it got a message at all.
    """

    nudges: int = 0
    unmet: int = 0
    wrong: int = 0
    forbidden: int = 0
    greeting: bool = False
    closing: bool = False
    left: bool = False
    replied: bool = True


def wrong_in(findings: Iterable[Finding]) -> int:
    """How many wrong facts a message says: each fact of a need once."""
    return len({(found.need, found.fact) for found in findings if found.verdict == "wrong"})


def courtesy_at_ends(said: Sequence[Collection[Courtesy]]) -> tuple[bool, bool]:
    """Whether the first two messages greet, and the last two take leave; `said`: the phrases of each text, in order.

    Product cards and orders are no texts.
    """
    return any("greeting" in one for one in said[:2]), any("closing" in one for one in said[-2:])


def rate(persona: Persona, counts: RatingCounts) -> SheetRating:
    """By the customer's rule, held between 1 and 5, rounded half up; who got no reply at all gives 1 star."""
    rule = persona.rating
    working = [Text(zh=f"起始 {_plain(rule.start)} 分", en=f"Starts at {_plain(rule.start)}")]
    missed = (
        (rule.nudge, counts.nudges, "客户催促", "nudges"),
        (rule.unmet, counts.unmet, "需求未满足", "needs not met"),
        (rule.wrong, counts.wrong, "答错关键点", "wrong facts"),
        (rule.forbidden, counts.forbidden, "服务禁语", "forbidden words"),
        (rule.no_greeting, int(not counts.greeting), "没有开头用语", "no greeting"),
        (rule.no_closing, int(not counts.closing), "没有结束用语", "no closing words"),
        (rule.left, int(counts.left), "客户未问完就离开或被结束会话", "left, or was closed before it had said all"),
    )
    exact = rule.start
    for each, times, zh, en in missed:
        if times and each:
            exact -= each * times
            sum_ = f"{_plain(each)} × {times} = {_plain(each * times)}"
            working.append(Text(zh=f"{zh} −{sum_}", en=f"{en.capitalize()} −{sum_}"))
    held = min(MOST, max(LEAST, exact))
    if not counts.replied:
        held = LEAST
        working.append(Text(zh="从未得到回复，计 1 分", en="Never got a reply: 1"))
    elif held != exact:
        working.append(Text(zh=f"{_plain(exact)} 限制在 1–5 之间：{_plain(held)}", en=f"{_plain(exact)} held to 1–5"))
    stars = int(held.quantize(Decimal(1), ROUND_HALF_UP))
    working.append(
        Text(zh=f"{_plain(held)} 四舍五入为 {stars} 星", en=f"{_plain(held)} rounded half up: {stars} stars")
    )
    return SheetRating(stars=stars, exact=held, working=tuple(working))


def _plain(value: Decimal) -> str:
    """Without trailing zeros or an exponent."""
    return f"{value.normalize():f}"
