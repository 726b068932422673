"""Whether a telephone number, a postcode or an e-mail address can be right, and what is wrong with it if not."""

import re
import unicodedata
from collections.abc import Callable, Mapping

from server.core.text import Text
from typing_test import places
from typing_test.policy import FieldKind

_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0(?:10|2\d)\d{8}|0[3-9]\d{2}[1-9]\d{6,7}")
_EMAIL = re.compile(r"[A-Za-z0-9_+&#/-]+(?:\.[A-Za-z0-9_+&#/-]+)*@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}")


def fault(kind: FieldKind, text: str) -> Text | None:
    """Why `text` can't be right for a field of this kind; None if it can."""
    check = _CHECKS.get(kind)
    return check(unicodedata.normalize("NFKC", text).strip()) if check else None


def postcode_doubt(address: str, postcode: str) -> Text | None:
    """Why a postcode of six digits is doubtful for an address; None if nothing speaks against it."""
    province = places.province_of(unicodedata.normalize("NFKC", address).strip())
    if province is None:
        return Text(
            zh="地址没有写明省份，无法核对邮政编码：请从省、自治区或直辖市写起",
            en="The address names no province, so the postcode can't be checked: begin it with the province",
        )
    zones = places.PROVINCES[province]
    if unicodedata.normalize("NFKC", postcode).strip()[:2] in zones:
        return None
    return Text(
        zh=f"{province}的邮政编码以 {'、'.join(zones)} 开头，这里是 {postcode[:2]}：请核对地址和邮政编码",
        en=f"Postcodes of {province} begin with {', '.join(zones)}, not {postcode[:2]}: check address and postcode",
    )


def _phone(text: str) -> Text | None:
    number = re.sub(r"[\s()-]", "", text)
    size = len(number)
    if not (number.isascii() and number.isdigit()):
        return Text(zh="电话号码里只能有数字和横杠", en="A telephone number consists of digits and hyphens")
    if number.startswith("400"):
        if size == 10:
            return None
        return Text(zh=f"400 电话应为 10 位，现在是 {size} 位", en=f"A 400 number has 10 digits, this one has {size}")
    if number.startswith("1"):
        if size != 11:
            return Text(zh=f"手机号码应为 11 位，现在是 {size} 位", en=f"A mobile has 11 digits, this one has {size}")
        if not _MOBILE.fullmatch(number):
            return Text(zh="手机号码的第二位应为 3 至 9", en="The second digit of a mobile is 3 to 9")
        return None
    if not number.startswith("0"):
        return Text(
            zh="固定电话要带区号（如 010、0571）；手机号码以 1 开头，400 电话以 400 开头",
            en="A landline needs its area code (010, 0571); mobiles begin with 1, 400 numbers with 400",
        )
    if not _LANDLINE.fullmatch(number):
        return Text(
            zh=f"固定电话应为 3 位区号加 8 位号码，或 4 位区号加 7 至 8 位号码，现在共 {size} 位",
            en=f"A landline has an area code of 3 digits and 8 more, or of 4 and 7 to 8 more; this has {size} in all",
        )
    return None


def _postcode(text: str) -> Text | None:
    if re.fullmatch(r"[0-9]{6}", text):
        return None
    if re.fullmatch(r"[0-9]{5}", text):
        return Text(
            zh="邮政编码应为 6 位，现在是 5 位：表格可能丢掉了开头的 0",
            en="A postcode has 6 digits, this one has 5: a spreadsheet may have dropped the leading 0",
        )
    return Text(zh="邮政编码应为 6 位数字", en="A postcode has 6 digits")


def _email(text: str) -> Text | None:
    if _EMAIL.fullmatch(text):
        return None
    if text.count("@") != 1:
        return Text(zh="电子邮箱应当有且只有一个 @", en="An e-mail address has exactly one @")
    return Text(
        zh="电子邮箱的格式不对，应当像 name_01@mail.cn：@ 前后都有内容，后面有点，没有汉字、空格和连续的点",
        en="This is no e-mail address such as name_01@mail.cn: something on both sides of @, a dot after it, no spaces",
    )


_CHECKS: Mapping[FieldKind, Callable[[str], Text | None]] = {
    "phone": _phone,
    "postcode": _postcode,
    "email": _email,
}
