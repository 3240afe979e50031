"""From the characters of a literal to its value, as the CEL language definition has it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType

INT_MIN, INT_MAX = -(2**63), 2**63 - 1
UINT_MAX = 2**64 - 1

_OPENING = re.compile(r"""([bB]?)([rR]?)(\"{3}|'{3}|"|')""")
_ESCAPE = re.compile(
    r"\\(?:[abfnrtv\\?\"'`]"
    r"|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2})"
)
_SIMPLE = MappingProxyType(
    {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
)
_SURROGATES = range(0xD800, 0xE000)
_LAST_CODE_POINT = 0x10FFFF


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a literal has no value.

    Attributes:
        start: Offset of the first wrong character in the literal.
        end: Offset past the last one.
    """

    message: str
    start: int
    end: int


def read_string(written: str) -> str | Flaw:
    """Read a string literal with its prefix and quotes."""
    pieces = _pieces(written, octets=False)
    return pieces if isinstance(pieces, Flaw) else "".join(map(chr, pieces))


def read_bytes(written: str) -> bytes | Flaw:
    """Read a bytes literal; characters that are not escapes stand for their UTF-8."""
    pieces = _pieces(written, octets=True)
    return pieces if isinstance(pieces, Flaw) else bytes(pieces)


def _pieces(written: str, *, octets: bool) -> list[int] | Flaw:
    """Find the code points, or the octets, that a literal between quotes stands for."""
    opening = _OPENING.match(written)
    if opening is None:
        return Flaw("not a quoted literal", 0, len(written))
    raw, end = bool(opening[2]), len(written) - len(opening[3])
    place, pieces = opening.end(), list[int]()
    while place < end:
        step = _escaped(written, place, octets) if not raw and written[place] == "\\" else None
        if step is None:
            step = _plain(written, place, octets)
        if isinstance(step, Flaw):
            return step
        values, place = step
        pieces += values
    return pieces


def _plain(written: str, place: int, octets: bool) -> tuple[list[int], int] | Flaw:  # noqa: FBT001 - private
    """Read one character that stands for itself."""
    character = written[place]
    if ord(character) in _SURROGATES:
        return Flaw("a lone surrogate is not a character", place, place + 1)
    if character == "\r":
        return Flaw("a bare carriage return in a literal; write \\r", place, place + 1)
    values = list(character.encode()) if octets else [ord(character)]
    return values, place + 1


def _escaped(written: str, place: int, octets: bool) -> tuple[list[int], int] | Flaw:  # noqa: FBT001 - private
    """Read one escape sequence."""
    escape = _ESCAPE.match(written, place)
    if escape is None:
        return Flaw("unknown escape sequence", place, place + 2)
    kind, digits = escape[0][1], escape[0][2:]
    if kind in "uU" and octets:
        return Flaw(f"\\{kind} is not allowed in bytes; write its octets", place, escape.end())
    if kind in "xXuU":
        value = int(digits, 16)
    elif kind.isdigit():
        value = int(kind + digits, 8)
    else:
        value = ord(_SIMPLE.get(kind, kind))
    if value in _SURROGATES or value > _LAST_CODE_POINT:
        return Flaw("the escape is not a Unicode character", place, escape.end())
    return [value], escape.end()


def read_integer(written: str, *, negative: bool = False) -> int | Flaw:
    """Read an int or uint literal, decimal or hexadecimal; a ``u`` at its end makes it a uint."""
    unsigned = written[-1] in "uU"
    digits = written.rstrip("uU")
    value = int(digits, 16) if digits.startswith("0x") else int(digits)
    signed = -value if negative else value
    if unsigned and value > UINT_MAX:
        return Flaw("the number does not fit into a uint of 64 bits", 0, len(written))
    if not unsigned and not INT_MIN <= signed <= INT_MAX:
        return Flaw("the number does not fit into an int of 64 bits", 0, len(written))
    return signed


def read_double(written: str) -> float | Flaw:
    """Read a double literal; one beyond the range of a double is a mistake, not infinity."""
    value = float(written)
    if value == float("inf"):
        return Flaw("the number is beyond the range of a double", 0, len(written))
    return value
