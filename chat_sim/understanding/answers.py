"""Bare answers: 可以的, 不支持哦 to a customer's yes-or-no question say what was asked, or its contrary."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from chat_sim.persona import Need
from chat_sim.understanding.message import Clause, Message, message
from chat_sim.understanding.named import Names, subjects
from chat_sim.understanding.plain import plain
from chat_sim.understanding.statements import statement
from chat_sim.understanding.wordings import wording

_SURE = 80
_DOUBT = re.compile(r"([\u3400-\u9fff]{1,2}?)[不没]\1")
_YES_NO = re.compile(r"吗|([\u3400-\u9fff])[不没]\1|有没有|是否|能否|可否|[么吧不没]$")
_OTHER = re.compile(r"还是|什么|多少|怎么|哪|几|谁|多久")
_AGAIN = re.compile(r"^(.{1,6}?)(?:就|是|也|都)*(不行|不可以|不能|不支持|可以|能|行)(?:的|了|哦|呢|啊|亲)*$")
"""拆了就不行: takes up a part of the question and answers it."""
_WAITS = re.compile(r"稍等|稍候|等一下|等下|查一下|查询|帮您查|帮您看|核实一下|确认一下")
_AGREES = re.compile(r"^(?:亲|嗯)*(?:ok|okay|好)(?:呢|哦|亲)*$")
_TAKEN_UP = re.compile(
    r"^(?:亲|您好|你好|嗯|,|都|也|就|我们|这个|这款|目前|现在|肯定|当然|是)*(不|没有?|不会|不能|不可以)?([\u3400-\u9fff]{1,2}?)(不了|不上)?"
    r"(?:的|了|哦|呢|啊|呀|哈|亲|您|滴|噢|喔|哟)*$"
)
_FRAME = re.compile(r"^(?:请问|那|亲|你们?|您|,)+|[的了呢]+$")
_ECHOED = 4
"""Characters of a question from which on a reply says yes by repeating it (周五前能到吗: 周五前能到)."""
_ONLY = re.compile(
    r"(?:亲|您好|抱歉|不好意思|我们|这个|这款|目前|现在|暂时|都|这边)*(?:只能|只支持|只可以|仅支持|仅能|只提供|只做)"
)
_TAIL = re.compile(r"[吗么吧不没呀啊呢嘛?。!~ ]+$")


class Answer(NamedTuple):
    """A fact that a bare answer says; place in the normalised text, `sure` in percent."""

    fact: str
    right: bool
    start: int
    end: int
    sure: int


def answered(whole: Message, need: Need, needs: Sequence[Need], names: Names) -> Answer | None:
    """What a bare answer says of `need`: only if its last question is one of yes or no, that no other open need asks
    one, and if the fact is of what was asked. The first bare answer of the message counts."""
    facts = [fact for fact in need.facts if fact.kind == "statement"]
    question = _question(need.asks)
    if not facts or question is None or sum(_question(one.asks) is not None for one in needs) != 1:
        return None
    virtual = message(question)
    told = subjects(virtual, names)
    phrases = [phrase for one in need.wrong if one.kind == "statement" for phrase in one.phrases]
    barred = any(statement(virtual, wording(phrase, names), told, frozenset())[0] for phrase in phrases)
    bare, yes = _bare(whole, question, barred)
    if bare is None and not barred:
        bare, yes = _otherwise(whole, need)
    if yes and whole.corrected < 0 and any(one.answer == -yes and not whole.flags[one.start] for one in whole.clauses):
        return None
    if bare is None or _WAITS.search(whole.text) or _after_other_words(whole, bare):
        return None
    for fact in facts:
        for phrase in fact.accept:
            agree, contrary = statement(virtual, wording(phrase, names), told, frozenset())
            match = agree or contrary
            if match is not None and match.rule != "other figure":
                says = match.agrees == (yes > 0)
                return Answer(fact.id, says != fact.denied, bare.start, bare.end, min(_SURE, match.sure))
    required = [fact for fact in need.facts if fact.required]
    if len(required) == 1 and required[0].kind == "statement":
        denies = {_denies(phrase, names) != required[0].denied for phrase in required[0].accept}
        if len(denies) == 1:
            return Answer(required[0].id, denies == {yes < 0}, bare.start, bare.end, _SURE - 10)
    return None


def _bare(whole: Message, question: str, barred: bool) -> tuple[Clause | None, int]:
    """The first clause that says yes or no only, or takes up the verb of the question (送的, 不漏); and which."""
    core = _FRAME.sub("", question)
    for clause in whole.clauses:
        if whole.flags[clause.start]:
            continue
        at = whole.text.find(core, clause.start, clause.end) if len(core) >= _ECHOED else -1
        if at >= 0 and not whole.denials and not barred:
            return clause, 1
        if clause.answer:
            return clause, clause.answer
        if clause is not whole.clauses[-1] and _AGREES.match(whole.text[clause.start : clause.end]):
            return clause, 1
        again = _AGAIN.match(whole.text[clause.start : clause.end])
        if again is not None and again[1].removesuffix("了") in question:
            return clause, -1 if again[2].startswith("不") else 1
        taken = _TAKEN_UP.match(whole.text[clause.start : clause.end])
        if taken is not None and taken[2] in question:
            return clause, -1 if taken[1] or taken[3] else 1
    return None, 0


def _otherwise(whole: Message, need: Need) -> tuple[Clause | None, int]:
    """只能打印 to 可以手写吗: another way than the one asked for is the only one."""
    if sum(fact.required for fact in need.facts) != 1:
        return None, 0
    for clause in whole.clauses:
        if not whole.flags[clause.start] and _ONLY.match(whole.text, clause.start, clause.end):
            return clause, -1
    return None, 0


def _denies(phrase: str, names: Names) -> bool:
    """Whether a wording says no."""
    units = [unit for unit in wording(phrase, names).units if not unit.weak]
    return any(unit.sign < 0 for unit in units) if units else phrase.startswith(("不", "没", "无", "未"))


def _after_other_words(whole: Message, bare: Clause) -> bool:
    """A bare answer stands first: after other words of substance it answers something else."""
    before = whole.text[: bare.start]
    return len(re.sub(r"[您你]好|亲|在的|[,。!~;\n哦呢呀啊嗯的]|感谢|咨询|欢迎光临|这边|看到了", "", before)) > 6


@lru_cache(maxsize=4_096)
def _question(asks: tuple[str, ...]) -> str | None:
    """The only yes-or-no question of a customer as a statement: 防不防水 is 防水; None if it asks none or several."""
    found: list[str] = []
    for said in asks:
        for sentence in re.split(r"(?<=[?。!;,\n~])", plain(said).text):
            if _OTHER.search(sentence):
                continue
            if not sentence.endswith("?") and not _YES_NO.search(re.sub(r"[。!;,\n~ ]+$", "", sentence)):
                continue
            stated = sentence.replace("有没有", "有").replace("是否", "").replace("能否", "能").replace("可否", "可")
            found.append(_TAIL.sub("", _DOUBT.sub(r"\1", stated)))
    return found[0] or None if len(found) == 1 else None
