"""Fictitious cards: real places with their postcodes, names of 百家姓, numbers and addresses that reach nobody.

Chance comes from a seed alone. Numbers are right in form and given to nobody: mobile prefixes that no operator
has (of 14x to 16x, operators have 141, 144 to 153, 155 to 159, 162 and 165 to 167), local numbers of
eight digits that begin with 90 to 94 (local numbers begin with 2 to 8), and 400 numbers under the free 400-4.
"""

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from typing_test import names, places
from typing_test.draft import DraftAnswer
from typing_test.names import Spelled
from typing_test.places import Place
from typing_test.policy import FieldKind

Level = Literal["easy", "middle", "hard"]

_MOBILES = ("142", "143", "154", "160", "161", "163", "164", "168", "169")
_LANDLINES = ("90", "91", "92", "93", "94")
_FREE_400 = "4004"
_STEMS = (
    "beihai", "caoyun", "chenlu", "dongli", "fuhe", "guyun", "hanbei", "hehua", "jianhu", "lanting", "luming",
    "mingcha", "nanshu", "pingyu", "qinglan", "ruixue", "shanhu", "songyue", "tianhui", "xinghe", "yanqiu", "zhuxi",
)  # fmt: skip
_TRIES = 200


@dataclass(frozen=True, slots=True)
class Card:
    """Answers by kind of field, and tags that say what is hard about them."""

    answers: Mapping[FieldKind, DraftAnswer]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Name:
    surname: Spelled
    given: tuple[Spelled, ...]

    @property
    def text(self) -> str:
        return self.surname.text + "".join(each.text for each in self.given)


def card(seed: int, level: Level, taken: Collection[str] = ()) -> Card:
    """A card of a level; no name, number, address or e-mail of it stands in `taken`."""
    chance = random.Random(f"{level} {seed}")
    for _ in range(_TRIES):
        made = _card(chance, level)
        if not {answer.text for answer in made.answers.values()} & set(taken):
            break
    return made


def _card(chance: random.Random, level: Level) -> Card:
    tags: list[str] = []
    name = _name(chance, level, tags)
    place = chance.choice(places.PLACES)
    said_as = {name.text: " ".join([name.surname.pinyin, *(each.pinyin for each in name.given)])}
    special = dict(name.surname.readings)
    answers: dict[FieldKind, DraftAnswer] = {
        "name": DraftAnswer(
            text=name.text,
            hint="，".join([name.surname.hint, *(each.hint for each in name.given)]),
            readings={**said_as, **special} if special else {},
        ),
        "address": _address(chance, level, place, tags),
        "postcode": DraftAnswer(text=place.postcode),
        "phone": _phone(chance, level, place, tags),
        "email": DraftAnswer(text=_email(chance, level, name, tags)),
    }
    if place.postcode.startswith("0"):
        tags.append("邮编零开头")
    return Card(answers, tuple(tags))


def _name(chance: random.Random, level: Level, tags: list[str]) -> _Name:
    kinds = {
        "easy": ((names.COMMON, "常见姓"),),
        "middle": ((names.COMMON, "常见姓"), (names.LESS_COMMON, "同音字"), (names.COMPOUND, "复姓")),
        "hard": ((names.COMPOUND, "复姓"), (names.POLYPHONIC, "多音姓")),
    }
    surnames, tag = chance.choice(kinds[level])
    tags.append(tag)
    surname = chance.choice(surnames)
    stock = [each for each in names.GIVEN if each.text not in surname.text]
    given = [chance.choice(names.HARD_GIVEN)] if level == "hard" else []
    most = 1 if level == "hard" and len(surname.text) > 1 else 2
    while len(given) < most:
        one = chance.choice(stock)
        if one not in given:
            given.append(one)
    return _Name(surname, tuple(given))


def _address(chance: random.Random, level: Level, place: Place, tags: list[str]) -> DraftAnswer:
    number = chance.randint(11, 299)
    block = chance.randint(2, 18)
    floor = chance.randint(2, 17)
    room = f"{floor}0{chance.randint(1, 6)}"
    if level == "easy":
        rest = f"{number}号{block}号楼{room}室"
    elif level == "middle":
        rest = f"{number}号{block}栋{chance.randint(1, 5)}单元{room}室"
    elif chance.random() < 0.5:
        rest = f"{number}号{chance.choice('ABCD')}座{floor}层{room}室"
        tags.append("楼层")
    else:
        rest = f"{number}-{chance.randint(1, 9)}号{block}栋{floor}楼{room}室"
        tags.append("门牌连字符")
    tags.append("自治区" if place.province.endswith("自治区") else "直辖市" if not place.city else "省内城市")
    text = place.full + rest
    return DraftAnswer(
        text=text,
        alternatives=(place.short + rest,),
        hint=place.hint,
        readings={each: said for each, said in places.PLACE_READINGS.items() if each in text},
    )


def _phone(chance: random.Random, level: Level, place: Place, tags: list[str]) -> DraftAnswer:
    kind = chance.random()
    if level != "easy" and kind < 0.2:
        tags.append("400电话")
        end = _digits(chance, 6)
        return DraftAnswer(text=_FREE_400 + end, alternatives=(f"400-{_FREE_400[3]}{end[:2]}-{end[2:]}",))
    if place.area_code and level != "easy" and kind < 0.6:
        tags.append("固定电话")
        local = chance.choice(_LANDLINES) + _digits(chance, 6)
        return DraftAnswer(text=place.area_code + local, alternatives=(f"{place.area_code}-{local}",))
    tags.append("手机")
    return DraftAnswer(text=chance.choice(_MOBILES) + _digits(chance, 8))


def _email(chance: random.Random, level: Level, name: _Name, tags: list[str]) -> str:
    surname, given = name.surname.latin, [each.latin for each in name.given]
    initials = "".join(each[0] for each in given)
    year = str(chance.randint(1985, 2012))
    two = f"{chance.randint(6, 99):02}"
    if level == "easy":
        local = chance.choice([f"{surname}{given[-1]}{two}", f"{surname}{initials}{year}"])
        tags.append("邮箱数字")
    elif level == "middle":
        sign, tag = chance.choice([("_", "下划线"), (".", "点号")])
        local = chance.choice([f"{surname}{sign}{initials}{two}", f"{given[-1]}{sign}{year}"])
        tags.append(tag)
    else:
        sign, tag = chance.choice([("_", "下划线"), (".", "点号"), ("-", "连字符")])
        local = f"{surname}{sign}{initials}{two}" if len(surname) < 8 else f"{given[-1]}{sign}{surname[0]}{two}"
        local = local[0].upper() + local[1:]
        tags.extend([tag, "大写字母"])
    domain = chance.choice(_STEMS) + chance.choice(["you", "66", "2020", "mail"])
    return f"{local}@{domain}.{chance.choice(['com', 'cn', 'net'])}"


def _digits(chance: random.Random, count: int) -> str:
    return "".join(chance.choice("0123456789") for _ in range(count))
