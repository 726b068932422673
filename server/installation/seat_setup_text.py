"""Words inside a cmd script: what people typed does no harm there, and the bytes are what cmd reads.

The scripts are GBK with CRLF, after `chcp 936`. In UTF-8 they would break on the very machines that they are for: where
Chinese is the system's language cmd takes pairs of bytes above 0x80 for one character while it looks for the ends of
lines, so that a line with an odd number of UTF-8 bytes swallows its own end.
"""

import re
from collections.abc import Iterable

ENCODING = "gbk"
_LACKING = "□"
_SPECIAL = "%&^!|<>\"'()`;,=@~*?:\\/$[]{}+#"
_WIDE = {ord(character): chr(ord(character) + 0xFEE0) for character in _SPECIAL}
_OPERATORS = frozenset(b"\\^|")
"""Second bytes of GBK that cmd would act on where the code page could not be changed."""


def harmless(text: str) -> str:
    """A text typed by people, for an `echo` or a file name: nothing is left that cmd or Windows reads as a command.

    Special characters become their full-width forms; what GBK lacks becomes □.
    """
    printable = "".join(character for character in text if character.isprintable())
    return "".join(_sayable(character) for character in printable.translate(_WIDE)).strip(" .")


def harmless_url(url: str) -> str:
    """An address made by the server itself; raises ValueError for one that cmd would not take as it is."""
    if not re.fullmatch(r"https?://[A-Za-z0-9._\-:\[\]]+(/[A-Za-z0-9/_\-]*)?", url):
        raise ValueError(url)
    return url


def script(lines: Iterable[str]) -> bytes:
    """The file: GBK, CRLF."""
    return "".join(f"{line}\r\n" for line in lines).encode(ENCODING)


def _sayable(character: str) -> str:
    try:
        raw = character.encode(ENCODING)
    except UnicodeEncodeError:
        return _LACKING
    return _LACKING if len(raw) == 2 and raw[1] in _OPERATORS else character
