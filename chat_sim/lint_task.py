"""What holds for a whole 在线服务 task: phrases, limits, how marks are made, when customers come (ms)."""

from collections.abc import Iterator
from decimal import Decimal

from chat_sim.content import ChatContent
from chat_sim.lint_faults import doubt, wrong
from chat_sim.understanding.judge import understand
from server.core.errors import Fault

TABLE_PCT = Decimal(80)
"""What the weights of 表3 (seed 001) add up to."""
_LATE_MS = 60_000


def task(content: ChatContent) -> Iterator[Fault]:
    """Everything that no single customer is to blame for."""
    yield from _rubric(content)
    yield from _phrases(content)
    yield from _forbidden(content)
    keys = [indicator.key for indicator in content.indicators]
    if not keys:
        yield doubt(
            "indicators",
            "没有服务指标：服务指标一项没有建议分，全部由裁判评定",
            "There are no indicators: nothing is proposed for that part of the mark",
        )
    for number, indicator in enumerate(content.indicators):
        rising = indicator.key in ("reply_ratio", "accuracy", "rating")
        if rising != (indicator.full > indicator.zero):
            yield doubt(
                f"indicators.{number}.full",
                "满分值与零分值的方向反了：" + ("这个指标越大越好" if rising else "这个指标越小越好"),
                "Full and zero are the wrong way round: " + ("more is better" if rising else "less is better"),
            )


def arrival(content: ChatContent, arrives_ms: int) -> Iterator[Fault]:
    """Whether a customer comes in time to be served."""
    if arrives_ms >= content.duration_ms:
        yield wrong(
            "arrives_ms",
            f"到达时间在作答结束（{content.duration_ms // 60_000} 分钟）之后，选手见不到：请提前，或延长时间",
            "Arrives after the end of the task: let it come earlier",
        )
    elif arrives_ms > content.duration_ms - _LATE_MS:
        yield doubt(
            "arrives_ms",
            "离结束不到 1 分钟才到达，来不及服务：请提前",
            "Arrives within the last minute: nobody can serve it in time",
        )


def _rubric(content: ChatContent) -> Iterator[Fault]:
    policy = content.rubric
    rows = sum((row.weight_pct for row in policy.rows), Decimal(0))
    if policy.gap == "open":
        yield doubt(
            "rubric.gap",
            f"表3 的权重合计只有 {TABLE_PCT}%，剩下的 {100 - TABLE_PCT}% 还没有决定："
            "请选择补充评分项、按比例折算，或照原样计分",
            f"表3 adds up to {TABLE_PCT} %: decide whether rows are added, weights are scaled, or it stays so",
        )
    elif policy.gap == "rows" and TABLE_PCT + rows != 100:
        yield wrong(
            "rubric.rows",
            f"补充的评分项合计 {rows}%，应正好是 {100 - TABLE_PCT}%",
            f"The added rows come to {rows} %, they should come to {100 - TABLE_PCT} %",
        )
    elif policy.gap != "rows" and policy.rows:
        yield doubt("rubric.rows", "没有选“补充评分项”，这些评分项不会使用", "These rows are not used")
    keys = [row.key for row in policy.rows]
    if len(set(keys)) < len(keys):
        yield wrong("rubric.rows", "补充的评分项编号重复", "A key of the added rows stands there twice")


def _phrases(content: ChatContent) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    most = content.policy.most_characters
    persona = content.personas[0]
    for number, canned in enumerate(content.canned):
        path = f"canned.{number}.text"
        if len(canned.text) > most:
            yield wrong(path, f"快捷短语超过每条消息最多的 {most} 字，发不出去", f"Longer than {most} characters")
        if words := understand(content, persona, (), canned.text).forbidden:
            yield wrong(path, f"快捷短语里有服务禁语“{'、'.join(words)}”", f"Holds forbidden words: {', '.join(words)}")
        if canned.text in seen:
            yield doubt(path, f"与第 {seen[canned.text] + 1} 条快捷短语相同", "The same phrase stands there twice")
        seen.setdefault(canned.text, number)


def _forbidden(content: ChatContent) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, one in enumerate(content.forbidden):
        if one.word in seen:
            yield doubt(f"forbidden.{number}.word", "这个禁语重复", "This word stands there twice")
        seen.add(one.word)
