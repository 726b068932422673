"""公民身份号码 (GB 11643): 18 characters, a birthday that exists, ISO 7064 MOD 11-2 check character."""

from datetime import date

from server.core.text import Text

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_EARLIEST = 1900


def normal(number: str) -> str:
    """Without spaces and hyphens, X in upper case, full-width digits as plain ones."""
    wide = {0xFF10 + n: str(n) for n in range(10)} | {0xFF38: "X", 0xFF58: "X"}
    return "".join(number.translate(wide).replace("-", "").split()).upper()


def check_character(first_17: str) -> str:
    """The 18th character of 17 digits."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True)) % 11]


def fault(number: str, today: date) -> Text | None:
    """What is wrong with a number as `normal` gives it, on `today`; None if nothing is."""
    if len(number) != 18:
        size = len(number)
        return Text(
            zh=f"身份证号应为 18 位，现在是 {size} 位，请向客户核对",
            en=f"An ID number has 18 characters, this one has {size}: ask the customer again",
        )
    body, last = number[:17], number[17]
    if not (body.isascii() and body.isdigit()) or last not in _CHECKS:
        return Text(
            zh="身份证号前 17 位应为数字，最后一位为数字或 X",
            en="An ID number has 17 digits and then a digit or X",
        )
    if born_fault := _birthday(body[6:14], today):
        return born_fault
    if check_character(body) != last:
        return Text(
            zh="身份证号的校验位不对，有数字听错或录错，请与客户逐位核对",
            en="The check character is wrong: some digit was misheard or mistyped, read it back to the customer",
        )
    return None


def _birthday(digits: str, today: date) -> Text | None:
    shown = f"{digits[:4]} 年 {int(digits[4:6])} 月 {int(digits[6:])} 日"
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return Text(
            zh=f"身份证号第 7 至 14 位不是存在的日期（{shown}），请核对",
            en="Digits 7 to 14 are no date that exists: check them",
        )
    if born.year < _EARLIEST or born > today:
        return Text(
            zh=f"身份证号中的出生日期（{shown}）不可能，请核对",
            en="The birthday in digits 7 to 14 is impossible: check it",
        )
    return None
