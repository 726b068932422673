"""Words that give a line away: what presumes an answer, greetings, endings, numbers that may be somebody's."""

import re

# A line of a fixed order comes after any reply: it may neither point at one nor answer a question.
_ANSWERS = (
    r"(?:是的|对的|对啊|对呀|没错|不是的|有的|没有的|可以的|好的|好吧|好啊|行吧|行啊|那行|嗯|哦|噢|那好|也行|同意"
    r"|(?:没有|有|不是|是|对|行|可以)(?=[，。,!！]))"
)
_POINTING = (
    r"(?:那(?!边|里|儿|天|时)|所以|然后|因此|这样的话|这么说|既然|原来如此|怪不得|不过|但是|可是|它|他|她|这个|这种)"
)
_BACK = (
    r"你刚才|您刚才|刚才(?:说|讲|提|报|介绍)|你刚刚|您刚刚|刚刚(?:说|讲|提|介绍)|前面(?:说|讲|提)|(?:你|您)(?:说|讲|提到|介绍|推荐|报)的"
    r"|(?:按|照|依)(?:你|您)|就按|听你这么|听您这么|你这么一说|您这么一说|你说得|您说得|第[一二三四五]个(?:套餐|方案)?"
    r"|后面那个|前面那个|最便宜的那|就这个|就这么|就它了|你问的|您问的|(?:回答|告诉)过(?:你|您)"
)
_STARTS = re.compile(rf"^[“\"]?(?:{_ANSWERS}|{_POINTING})")
_PRESUMES = re.compile(_BACK)
_TOLD = re.compile(
    r"^(?:我是|我叫|我姓|我今年|我家有|我家是|我住|我的(?:手机|电话|身份证|名字|号码)|身份证(?:号)?是|电话是|后四位是)"
)
_FIXED = re.compile(r"你刚才|您刚才|你刚刚|您刚刚|就按(?:你|您)说的|听(?:你|您)这么说|(?:你|您)这么一说")

GREETING = re.compile(r"您好|你好|早上好|上午好|中午好|下午好|晚上好|欢迎")
ENDING = re.compile(r"再见|祝您|祝你|感谢您的来电|感谢您的接听|感谢来电|拜拜|生活愉快")

_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_SAFE_MOBILES = ("142", "143", "154", "160", "161", "163", "164", "168", "169")
_PAPER = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_PROVINCES = frozenset(
    str(code)
    for codes in (
        range(11, 16),
        range(21, 24),
        range(31, 38),
        range(41, 47),
        range(50, 55),
        range(61, 66),
        (71, 81, 82),
    )
    for code in codes
)
"""Of GB/T 2260; no district has a code that ends with 99."""


def presumed(text: str, persona: bool) -> str:
    """The words of a customer's line that presume what was said; "" if there are none.

    In an inbound call the hint says what the contestant asks, so that only a clear look back counts.
    """
    text = text.strip()
    if not persona:
        return match.group() if (match := _FIXED.search(text)) else ""
    for rule in (_STARTS, _TOLD, _PRESUMES):
        if match := rule.search(text):
            return match.group().lstrip('“"')
    return ""


def real_mobile(text: str) -> str:
    """A mobile number that somebody may have; "" if there is none. Prefixes that no operator has are safe."""
    compact = re.sub(r"(?<=\d)[ -](?=\d)", "", text)
    return next((each for each in _MOBILE.findall(compact) if not each.startswith(_SAFE_MOBILES)), "")


def real_paper(text: str) -> str:
    """A number of an identity card that is right in province and check digit; "" if there is none."""
    for each in _PAPER.findall(text):
        if each[:2] not in _PROVINCES or each[4:6] == "99":
            continue
        total = sum(int(digit) * weight for digit, weight in zip(each, _WEIGHTS, strict=False))
        if _CHECKS[total % 11] == each[-1].upper():
            return str(each)
    return ""
