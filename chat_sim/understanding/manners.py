"""Phrases of courtesy (开头、等候、致歉、结束用语), and messages that only ask to wait."""

import re
from collections.abc import Mapping
from functools import lru_cache

from chat_sim.content import CourtesyWords
from chat_sim.persona import Courtesy
from chat_sim.understanding.message import Message, message
from chat_sim.understanding.sound import sound

_BUILT_IN: Mapping[Courtesy, re.Pattern[str]] = {
    "greeting": re.compile(
        r"您好|你好|早上好|上午好|中午好|下午好|晚上好|大家好|亲亲?好|欢迎(?:您|你|亲)*(?:光临|来到|咨询|进店|惠顾)|很?高兴(?:能)?(?:为|给)?(?:您|你)(?:服务|解答|效劳)|"
        r"我是(?:您的|本店|今天的|店铺)?(?:专属)?(?:客服|小客服|店小二|顾问)|客服[^,。]{1,8}(?:为|给)(?:您|你)服务|竭诚为您|(?:^|,)(?:亲[亲,]*)?(?:我)?在的|(?:^|,)(?:hi|hello|哈喽|嗨)(?![a-z])|有什么(?:可以|能)(?:帮|为)|请问有什么"
    ),
    "waiting": re.compile(
        r"稍等|稍候|稍后(?:为|给|帮|回|就|马上)|稍微等|等一下|等下|等一等|等会|等我(?!们家)|请等|等待片刻|片刻|久等|耐心等|请(?:您)?耐心|"
        r"(?:我|这边|现在|马上|立刻|立即|正在|先)+(?:就|来|去|在|先|立刻|马上)*(?:帮|给|为|替)(?:您|你)(?:去|来|先|再)*(?:查|看|核实|核对|确认|问|核查|咨询|了解)|"
        r"(?:我|这边)(?:先|去|来|马上|现在|立刻|这就|帮您|给您)+(?:查|看|核实|核对|确认|问|核查)(?:一下|下|看|一看|询)?|(?:给|留)我(?:一点|点|几|一|两)[^,]{0,3}(?:时间|分钟)|请?给我[一两]?分钟"
    ),
    "apology": re.compile(
        r"抱歉|对不起|对不住|不好意思|道歉|致歉|歉意|(?:请|望|恳请)(?:您|你)?(?:多多|能够?)?(?:谅解|见谅|原谅|海涵|包涵|体谅|理解)|多多(?:包涵|谅解|见谅)|"
        r"(?:给|为)(?:您|你)(?:带来|添|造成)(?:了|这么|这样的?)*(?:的)?(?:不便|麻烦|困扰|不好的|不愉快|不佳)|(?:是|确实是?)(?:我们|我方|我|这边|小店)(?:的)?(?:错|疏忽|失误|过失|不对|不周|没做好|工作没)|"
        r"(?:我们|服务)(?:的)?(?:疏忽|失误|不周)|让(?:您|你)(?:受委屈|失望|费心|不愉快|有不好|久等)|sorry|赔(?:个)?不是|深感(?:歉|遗憾)"
    ),
    "closing": re.compile(
        r"再见|拜拜|bye|回见|祝(?:您|你|亲|愿)|欢迎(?:您|你|亲)*(?:的)?(?:再次|下次|再|常|随时)(?:光临|来|惠顾|咨询|回来|联系|找)?|"
        r"(?:感谢|谢谢)(?:您|你|亲)*(?:的|对我们的|对本店的|对小店的)*(?:光临|惠顾|支持|咨询|选购|购买|信任|信赖|来访|厚爱|下单|理解和支持|选择)|期待(?:您|你|与您|和您)?(?:的)?(?:再次|下次|再|光临)|"
        r"(?:生活|购物|心情|工作|周末|旅途|出行|节日|使用)愉快|(?:有|如有|还有)(?:任何|什么|其他|别的|需要)?(?:的)?(?:问题|需要|疑问|不明白)[^,。]{0,6}(?:随时|再来|再联系|可以再|都可以|尽管)|随时(?:联系|找|咨询|来找|呼叫|喊)(?:我|客服|我们)?|"
        r"还有(?:什么|其他|别的|其它)[^,。]{0,8}(?:可以|能|需要)?[^,。]{0,4}(?:帮|为您|效劳|需要|咨询|了解)"
    ),
}
_REFUSED = re.compile(r"(?:不用|不需要|没必要|不必|别|没什么好|凭什么|何必|不会|无须|没啥好)[^,。]{0,4}$")
_SAID: Mapping[Courtesy, tuple[str, ...]] = {
    "greeting": ("您好", "欢迎光临"),
    "waiting": ("稍等", "请稍候"),
    "apology": ("抱歉", "对不起", "不好意思", "道歉"),
    "closing": ("再见", "祝您", "欢迎下次光临"),
}
"""Words that are recognised by their sound too."""
_SMALL = re.compile(
    r"亲+|好+的?|嗯+|哦+|噢+|的|呢|哈+|啊|呀|哟|呦|吧|了|您|你|请|先|收到|明白了?|了解|没问题|可以|这边|我|马上|就|来|谢谢|[!~,^_)(.]|感谢|是|这就|立刻|ok|行|麻烦|一下|下"
)
_CLAIMS = re.compile(r"\d|[元块]|不[是会能支用]|有货|没货|可以[^,]{2,}|支持|包邮")
_OFFERS = re.compile(r"(?:请问)?(?:您|你)?(?:有|需要)什么(?:可以|能|需要)?(?:帮助?|为|效劳|服务)[您你到忙的助]*")
_LITTLE = 8
"""Characters beside a greeting that are no answer yet: a name, what can be done for the customer."""


@lru_cache(maxsize=64)
def _own(phrases: tuple[str, ...]) -> re.Pattern[str] | None:
    flat = sorted({message(phrase).text for phrase in phrases} - {""}, key=lambda one: (-len(one), one))
    return re.compile("|".join(map(re.escape, flat))) if flat else None


Spans = dict[Courtesy, tuple[int, int]]


def courtesies(whole: Message, words: CourtesyWords) -> Spans:
    """Kinds of courtesy that the message has, each with the place of its first phrase."""
    found: Spans = {}
    own: Mapping[Courtesy, tuple[str, ...]] = {
        "greeting": words.greeting,
        "waiting": words.waiting,
        "apology": words.apology,
        "closing": words.closing,
    }
    for kind, built_in in _BUILT_IN.items():
        for pattern in (built_in, _own(own[kind])):
            match = _polite(whole.text, pattern) if pattern is not None else None
            if match is not None:
                found.setdefault(kind, match.span())
        for word in _SAID[kind] if kind not in found else ():
            at = whole.sounds.find(sound(word))
            refused = _REFUSED.search(whole.text[max(0, at - 8) : max(0, at)])
            if at >= 0 and refused is None and any(a == b for a, b in zip(whole.text[at:], word, strict=False)):
                found[kind] = (at, at + len(word))
                break
    return found


def _polite(text: str, pattern: re.Pattern[str]) -> re.Match[str] | None:
    """The first phrase that is not refused (不用抱歉)."""
    for match in pattern.finditer(text):
        if _REFUSED.search(text[max(0, match.start() - 8) : match.start()]) is None:
            return match
    return None


def greets_only(whole: Message, words: CourtesyWords, shop: str) -> bool:
    """It greets, and says little else: `shop` is a name that may be in it."""
    rest, own = whole.text.replace(message(shop).text, ""), _own(words.greeting)
    for pattern in (own, _OFFERS, _BUILT_IN["greeting"]):
        rest = pattern.sub("", rest) if pattern is not None else rest
    if rest == whole.text or _CLAIMS.search(rest):
        return False
    return sum(character.isalnum() for character in _SMALL.sub("", rest)) <= _LITTLE


def waits_only(whole: Message, words: CourtesyWords) -> bool:
    """Every clause asks to wait, is courtesy, or says nothing."""
    own = _own(words.waiting)
    waits = False
    for clause in whole.clauses:
        body = whole.text[clause.start : clause.end]
        body = body.replace("久等", "")
        waiting = _BUILT_IN["waiting"].search(body) or (own.search(body) if own is not None else None)
        if waiting is not None:
            rest = body[: waiting.start()] + body[waiting.end() :] if _CLAIMS.search(body) else ""
            if rest and _CLAIMS.search(rest) and len(_SMALL.sub("", rest)) > 4:
                return False
            waits = True
            continue
        for kind in ("greeting", "apology"):
            body = _BUILT_IN[kind].sub("", body)
        if any(character.isalnum() for character in _SMALL.sub("", body)):
            return False
    return waits
