"""What a plain scalar means: the core schema of YAML 1.2.2, section 10.3.2, and no more.

``on``, ``yes``, ``1_000``, dates and sexagesimals are therefore strings.
"""

from __future__ import annotations

import math
import re
from typing import Final

INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**63 - 1

_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_DECIMAL: Final = re.compile(r"[-+]?[0-9]+")
_OCTAL: Final = re.compile(r"0o[0-7]+")
_HEXADECIMAL: Final = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_INFINITY: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)")
_NOT_A_NUMBER: Final = frozenset({".nan", ".NaN", ".NAN"})
_LONGEST_INTEGER: Final = 80
"""More digits than 64 bits ever need, and few enough for ``int`` to be quick."""


def resolve(text: str) -> bool | int | float | str | None:
    """Read a plain scalar.

    Raises:
        OverflowError: It is a number beyond 64 bits, or a float beyond a double.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "-+.0123456789":
        return text
    if _DECIMAL.fullmatch(text):
        return _integer(text, text.lstrip("+-"), 10)
    if _OCTAL.fullmatch(text):
        return _integer(text, text[2:], 8)
    if _HEXADECIMAL.fullmatch(text):
        return _integer(text, text[2:], 16)
    return _float_or_text(text)


def _integer(text: str, digits: str, base: int) -> int:
    digits = digits.lstrip("0") or "0"
    if len(digits) > _LONGEST_INTEGER:
        raise OverflowError
    value = int(digits, base) * (-1 if text.startswith("-") else 1)
    if not INT_MIN <= value <= INT_MAX:
        raise OverflowError
    return value


def _float_or_text(text: str) -> float | str:
    if _INFINITY.fullmatch(text):
        return -math.inf if text.startswith("-") else math.inf
    if text in _NOT_A_NUMBER:
        return math.nan
    if not _FLOAT.fullmatch(text):
        return text
    value = float(text)
    if math.isinf(value):
        raise OverflowError
    return value
