"""What fictitious cases are made of: companies, customers, numbers that are given to nobody."""

import random

SURNAMES = "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严金魏姜谢邹潘范彭鲁马苗方任袁柳史唐薛雷贺汤"
TITLES = ("先生", "女士")
_STEMS = [
    "青禾",
    "云栖",
    "南亭",
    "北岸",
    "松果",
    "蓝湖",
    "木棉",
    "星桥",
    "晴川",
    "远山",
    "白鹭",
    "竹溪",
    "海棠",
    "银杏",
    "长风",
    "小满",
]
_MOBILES = ("142", "143", "154", "160", "161", "163", "164", "168", "169")
"""Prefixes that no operator has."""


def company(chance: random.Random, kind: str) -> str:
    """演示 and a stem before the kind of business."""
    return f"演示{chance.choice(_STEMS)}{kind}"


def customer(chance: random.Random) -> str:
    """A surname with its title."""
    return chance.choice(SURNAMES) + chance.choice(TITLES)


def mobile(chance: random.Random) -> str:
    """Eleven digits that reach nobody."""
    return chance.choice(_MOBILES) + digits(chance, 8)


def digits(chance: random.Random, count: int) -> str:
    """Digits, the first not 0."""
    return chance.choice("123456789") + "".join(chance.choice("0123456789") for _ in range(count - 1))


def date(chance: random.Random) -> tuple[int, int, int]:
    """Year, month and a day that has others of its month after it."""
    return chance.randint(2025, 2027), chance.randint(1, 12), chance.randint(1, 18)
