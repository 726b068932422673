"""A message taken apart: sentences, clauses, what each character asserts, quantities. Cached by its text."""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from chat_sim.understanding.negation import Denial, denials, flip
from chat_sim.understanding.plain import Plain, plain
from chat_sim.understanding.quantities import Quantity, quantities
from chat_sim.understanding.sound import sound

QUESTION, CONDITION, ECHO, UNSURE, MAYBE, BASE, OTHERS, TOPIC = (1 << bit for bit in range(8))
"""Why words of a clause assert nothing: a question; a condition (如果…); the customer's own words (您说的…); not
knowing, or sending the customer to look for itself; 可能; what something is compared with (比B轻); somebody else's
goods (普通鞋); a bare topic (防水的话)."""

_ENDS = re.compile(r"[。!?;\n~…]+|\.{2,}|(?<!\d)\.(?!\d)|(?<=[\u3400-\u9fff])\.")
_BREAKS = re.compile(r",(?!\d{3}(?!\d))|(?<!\d),|(?<!\d):|(?<=[\u3400-\u9fff])--?(?=[\u3400-\u9fff])")
_NEW = re.compile(r"(?<=[的哦呢哈呀])(?=(?:请问|需不需要|要不要|还有什么|还需要|您看|您还|您要|您需|亲[,您]))")
"""可以机洗的您要下单吗: a question that begins without a comma."""
_TAG = re.compile(r"^(?:您|亲|请)?(?:看|觉得)?(?:对吗|是吗|对吧|是吧|是不是|对不对|没错吧|是这样吗|是这样吧)")
_TAGGED = re.compile(r".(?:是吧|对吧|是吗|对吗|是不是|对不对)(?:亲|呢|哦|您)*$")
_PROPOSAL = re.compile(
    r"(?:您看|您觉得)?(?:这样|先)?(?:可以吗|好吗|行吗|好不好|可以不|行不行|可以么|好么|行么|怎么样|如何|可好|可否|成吗)(?:亲|呢|哦|呀|您)*$"
)
_ASKS = re.compile(
    r"吗|(?<![什怎那这多])么(?:亲|呢|您|呀)*$|什么|怎么样|多少|哪[个款双里种位些一]|几[个双件码号天位点]|多大|多高|多重|谁"
)
_AMOUNT = re.compile(r"多少|什么|几|多")
"""付多少开多少 asks nothing, unless a particle says so."""
_DOUBT = re.compile(r"([\u3400-\u9fff])[不没]\1|有没有|是否|能否|可否|与否")
_WHATEVER = re.compile(r"(?:不管|无论|不论).*?(?:都|也|均|一律)")
_RHETORIC = re.compile(r"怎么会|怎么可能|哪会|哪能|岂会|岂能|难道|谁说|何必|不是.*[吗么]$")
_WHEREVER = re.compile(r"(怎么|哪里|哪儿|哪|谁)(?:[^,]{1,6}\1|[^,]{1,6}就)")
"""怎么付的怎么退 asks nothing."""
_IF = re.compile(r"如果|要是|假如|假设|倘若|若(?!干)|万一|假使")
_THEN = re.compile(r"的话|就|则|那么?(?!么)|可以|都|我们(?:会|来|可|给)|请|麻烦|随时|支持|包|直接|能(?!力)")
_ECHO = re.compile(
    r"(?:您|你|亲)(?:这边|刚才|刚刚|之前)*(?:是想?|想|要)?(?:问|咨询|了解|知道|提(?![供醒前])|说|指|以为|(?:担心|关心|理解|觉得)(?=的))(?:的|到|了|一下)*(?:是|到)?"
)
_UNSURE = re.compile(
    r"(?<![有么里是])不太?(?:清楚|知道|了解|确定|懂|明白|晓得)(?!的(?:地方|话|问题|可以|随时|您|都|[^,]{0,3}问))|不是(?:很|太|特别)?(?:清楚|了解|确定|懂|明白)|说不准|说不好|不好说|不敢(?:说|确定)|(?:无法|没办法|不能|没法)(?:确定|确认|回答|判断)|"
    r"没查到|查不到|(?<![别要])忘了|记不清|拿不准|没有?(?:相关)?(?:信息|资料)|不记得|我猜|得问|要问一下|我?问问|再说吧|看情况|到时候再"
)
_LOOK = re.compile(
    r"自己(?:去)?(?:看|查|算|找|选|决定)|自行(?:查看|查询|阅读|判断|了解)|(?:请|可以|麻烦)?(?:您|你)?(?:去)?看一?下?(?:商品)?(?:详情|页面|说明|介绍)|(?:查看|参考|参照|详见|见)(?:一下)?(?:商品|产品|宝贝)?(?:详情|页面|说明|介绍)|为准$|为准的?[哦呢亲]*$|详情页(?:都|里|上)?(?:都)?有(?:的|写的?)?(?:哦|呢|亲|介绍|说明)*$|页面(?:上|里)?(?:都)?有(?:的|写的?)?(?:哦|呢|亲|介绍|说明)*$"
)
_MAYBE = re.compile(r"可能|也许|或许|好像|似乎|估计|说不定|不一定|八成|大概率|看运气|据说|听说|印象中|应该吧|没准")
_BUT = re.compile(r"^(?:但|不过|可是|只是|然而)")
_COMPARED = re.compile(
    r"比起?([^,。是]{1,14}?)(?=[更要还稍略]|贵|便宜|轻|重|厚|薄|大|小|长|短|好|高|低|多|少|快|慢|软|硬|暖|保暖|透气|防水|耐|结实|舒|适|实惠|划算|清|浓|淡|香|甜|苦|新|老|宽|窄|,|$)|"
    r"(?:相比|相较|对比|相对)(?:于|起|之下)?([^,]{1,14})(?=,|$|来说|而言)|(?:跟|和|与)([^,]{1,14}?)(?:相?比|比起来|比较)|(?:不如|没有)([^,]{1,10}?)(?:那么|这么|那样)|不如([^,]{1,10}?)(?=轻|重|厚|薄|大|小|好|贵|便宜|高|低|暖|保暖|透气|防水)"
)
_OTHERS = re.compile(
    r"别的?家|其他(?:家|店|店铺|品牌|牌子)|同行|市面上(?:的)?|普通的?(?=[\u3400-\u9fff]{0,2}(?:鞋|款|衣|茶|产品|裤|袜|包))|外面卖?的|杂牌"
)
_EXCEPT = re.compile(r"除了?([^,]{1,14}?)(?:以外|之外|外|都|,|$)")
_TOPIC = re.compile(r"(?:的话|方面|这块|这一块|来说|来讲|而言|的问题|问题|功能|呢|嘛|这个)[,:]?$")
_QUOTED = re.compile(r"[“\"']([^”\"']{1,40})[”\"']")
_SAID = re.compile(r"(?:您|你|客户|别人|有人|网上|他们|所谓|听)(?:[^,。]{0,4})(?:说|问|提|讲|叫|写|谓)?的?[,:]?$")
_CORRECTED = re.compile(
    r"(?:说|写|打|看|搞|弄|讲|发|算|报|记|查)错了?|更正|纠正|口误|手误|笔误|(?:^|,|抱歉|不好意思|哦|啊|噢|额|呃)(?:哦|啊)?不对(?!称)|^不是,|(?:应该|准确说?|确切说?)的?是(?=.{0,12}$)|刚才(?:说|讲|发|报)的?(?:不对|有误|不准)|"
    r"重新(?:说|报|算)一?下?|撤回|有误|搞混|记混|看岔"
)
_YES = re.compile(
    r"^(?:亲|您好|你好|嗯|嗯嗯|哦|啊|,|这款|这个|我们|目前|现在|当然|肯定|完全|确实|都)*(?:是(?=[可有支能会]))?(是|对|可以|有|支持|能|会|行|没错|没问题|包|没有问题|需要|要)(?:的|呢|哦|哈|啊|呀|亲|您|滴|噢|喔|,|放心)*$"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """[start, end) of the normalised text; `sentence` counts the sentences; `answer` is +1 or -1 for one that only
    says yes or no."""

    start: int
    end: int
    sentence: int
    answer: int = 0
    topic: bool = False


@dataclass(frozen=True, eq=False)
class Message:
    """A normalised text with what its parts are worth.

    `signs`: -1 for each character that is denied. `flags`: why a character asserts nothing, 0 if it asserts.
    `corrected`: where the last correction (说错了) begins, -1 without one.
    """

    plain: Plain
    clauses: tuple[Clause, ...]
    signs: tuple[int, ...]
    flags: tuple[int, ...]
    denials: tuple[Denial, ...]
    corrected: int

    @property
    def text(self) -> str:
        return self.plain.text

    def sign(self, start: int, end: int) -> int:
        """Of a phrase: -1 if a negator outside it denies it (便宜不了 is not denied by its own 不了)."""
        value = 1
        for first, last, ranges in self.denials:
            if not (start <= first and last <= end) and any(a <= start < b for a, b in ranges):
                value = -value
        return value

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        return quantities(self.plain.text)

    @cached_property
    def sounds(self) -> str:
        return sound(self.plain.text)

    @cached_property
    def characters(self) -> frozenset[str]:
        return frozenset(self.plain.text)

    @cached_property
    def of_clause(self) -> tuple[int, ...]:
        """Index of its clause for each character; separators belong to the clause before them."""
        places = [0] * len(self.plain.text)
        for index, clause in enumerate(self.clauses):
            end = self.clauses[index + 1].start if index + 1 < len(self.clauses) else len(places)
            places[clause.start : end] = [index] * (end - clause.start)
        return tuple(places)


@lru_cache(maxsize=2_048)
def message(text: str) -> Message:
    """`text` taken apart."""
    whole = plain(text)
    values = [1] * len(whole.text)
    flags = [0] * len(whole.text)
    denied: list[Denial] = []
    clauses: list[Clause] = []
    for number, (start, end, asked) in enumerate(_sentences(whole.text)):
        parts = _parts(whole.text, start, end)
        sentence = [_clause(whole.text, a, b, number, values, flags, denied) for a, b in parts]
        _flag_sentence(whole.text, parts, asked, flags)
        clauses.extend(sentence)
    for match in _QUOTED.finditer(whole.text):
        if _SAID.search(whole.text[max(0, match.start() - 10) : match.start()]):
            _flag(flags, *match.span(1), ECHO)
    corrections = [match.start() for match in _CORRECTED.finditer(whole.text)]
    return Message(
        whole, tuple(clauses), tuple(values), tuple(flags), tuple(denied), corrections[-1] if corrections else -1
    )


def _sentences(text: str) -> list[tuple[int, int, bool]]:
    """[start, end) without its end marks, and whether it ends in a question mark."""
    found: list[tuple[int, int, bool]] = []
    start = 0
    for match in _ENDS.finditer(text):
        if match.start() > start:
            found.append((start, match.start(), "?" in match[0]))
        start = match.end()
    if start < len(text):
        found.append((start, len(text), False))
    return found


def _breaks(text: str, start: int, end: int) -> list[re.Match[str]]:
    return sorted((*_BREAKS.finditer(text, start, end), *_NEW.finditer(text, start, end)), key=lambda one: one.start())


def _parts(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Clauses of a sentence."""
    parts: list[tuple[int, int]] = []
    at = start
    for match in _breaks(text, start, end):
        if match.start() > at:
            parts.append((at, match.start()))
        at = match.end()
    if at < end:
        parts.append((at, end))
    return parts


def _clause(
    text: str, start: int, end: int, sentence: int, values: list[int], flags: list[int], denied: list[Denial]
) -> Clause:  # fmt: skip
    body = text[start:end]
    told, denies = denials(body)
    flip(values, told, start)
    for first, last, ranges in told:
        denied.append((start + first, start + last, tuple((start + a, start + b) for a, b in ranges)))
    for match in _COMPARED.finditer(body):
        group = next((at for at in range(1, 6) if match[at]), 0)
        if group:
            _flag(flags, start + match.start(group), start + match.end(group), BASE)
    for pattern, bit in ((_OTHERS, OTHERS), (_MAYBE, MAYBE)):
        if found := pattern.search(body):
            _flag(flags, start + (0 if bit == OTHERS else found.start()), end, bit)
    for match in _EXCEPT.finditer(body):
        _flag(flags, start + match.start(1), start + match.end(1), OTHERS)
    topic = _TOPIC.search(body) is not None and _IF.search(body) is None
    yes = _YES.match(body) is not None and denies == 0
    return Clause(start, end, sentence, denies or int(yes), topic)


def _flag_sentence(text: str, parts: list[tuple[int, int]], asked: bool, flags: list[int]) -> None:
    bodies = [text[start:end] for start, end in parts]
    last = len(parts) - 1
    for index, ((start, end), body) in enumerate(zip(parts, bodies, strict=True)):
        _flag_question(body, start, end, asked and index == last, flags)
        if _TAG.match(body) and index and not _RHETORIC.search(body):
            _flag(flags, *parts[index - 1], QUESTION)
        found = _IF.search(body)
        if found is not None:
            then = _THEN.search(body, found.end() + 1)
            if then is not None:
                _flag(flags, start + found.start(), start + then.start(), CONDITION)
            elif last:
                _flag(flags, start + found.start(), end, CONDITION)
        topic = body.find("的话")
        if found is None and topic > 0:
            _flag(flags, start, start + topic, TOPIC)
        echo = _ECHO.search(body)
        if echo is not None and echo.start() <= 4 and not _echo_answered(body, echo.end()):
            _flag(flags, start, end, ECHO)
    _flag_unsure(parts, bodies, flags)


def _echo_answered(body: str, end: int) -> bool:
    """您说的防水是没有的: what was said is answered in the same clause."""
    told, denies = denials(body)
    return (
        bool(denies)
        or any(last > end for _, _, ranges in told for _, last in ranges)
        or re.search(r"是(?:可以|支持|有|能)", body[end:]) is not None
    )


def _flag_question(body: str, start: int, end: int, asked: bool, flags: list[int]) -> None:
    if _RHETORIC.search(body) or _WHEREVER.search(body):
        return
    if _TAGGED.search(body):
        _flag(flags, start, end, QUESTION)
        return
    proposal = _PROPOSAL.search(body)
    if proposal is not None:
        rest = body[: proposal.start()]
        if _DOUBT.search(rest) is None and _ASKS.search(rest) is None:
            return
    whatever = _WHATEVER.search(body)
    if whatever is not None:
        _flag(flags, start + whatever.start(), start + whatever.end(), QUESTION)
        return
    doubt = _DOUBT.search(body)
    if doubt is not None:
        _flag(flags, start if asked or doubt.start() < 6 else start + doubt.start(), end, QUESTION)
    elif asked or (_ASKS.search(body) and (not _AMOUNT.search(body) or body.endswith(("呢", "吗", "么")))):
        _flag(flags, start, end, QUESTION)


def _flag_unsure(parts: list[tuple[int, int]], bodies: list[str], flags: list[int]) -> None:
    """Not knowing covers the sentence up to 但; sending away covers its clause."""
    for index, body in enumerate(bodies):
        if _UNSURE.search(body):
            for later in range(index, len(parts)):
                if later > index and _BUT.match(bodies[later]):
                    break
                _flag(flags, *parts[later], UNSURE)
            for earlier in range(index - 1, -1, -1):
                _flag(flags, *parts[earlier], UNSURE)
                if _BUT.match(bodies[earlier]):
                    break
        elif _LOOK.search(body):
            _flag(flags, *parts[index], UNSURE)


def _flag(flags: list[int], start: int, end: int, bit: int) -> None:
    for at in range(start, end):
        flags[at] |= bit
