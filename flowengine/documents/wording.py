"""The words that every diagnostic of this layer is put in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from types import NoneType
from typing import Final

LONGEST_SHOWN: Final = 60
"""Characters of a value that a message may show."""
MOST_LISTED: Final = 20

_TYPES: Final = {
    "array": "a list",
    "object": "a mapping",
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}

_FOUND: Final[tuple[tuple[type, str], ...]] = (
    (NoneType, "nothing"),
    (bool, "a boolean"),
    (int, "a whole number"),
    (float, "a number"),
    (str, "a string"),
    (list, "a list"),
)
"""In this order: a bool is an int to Python."""


def shown(value: object) -> str:
    """Quote a value for a message: one line, no control characters, at most 60 characters."""
    text = value if isinstance(value, str) else _written(value)
    cut = text[:LONGEST_SHOWN] + ("…" if len(text) > LONGEST_SHOWN else "")
    return "'" + "".join(c if c.isprintable() else _escaped(c) for c in cut) + "'"


def bare(value: str) -> str:
    """Make a name fit to stand in an example: as ``shown``, without the quotes."""
    return shown(value)[1:-1]


def _written(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def expected_type(name: str) -> str:
    """Name a type of JSON Schema as something that was expected."""
    return _TYPES.get(name, name)


def found_type(value: object) -> str:
    """Name the type of a plain value as something that was found, never its content."""
    found = (name for type_, name in _FOUND if isinstance(value, type_))
    return next(found, "a mapping")


def alternatives(words: Sequence[str]) -> str:
    """Join words as ``a, b or c``, the first twenty of them."""
    listed = list(words[:MOST_LISTED])
    if len(words) > MOST_LISTED:
        return ", ".join([*listed, "…"])
    if len(listed) < 2:  # noqa: PLR2004 - one word needs no 'or'
        return "".join(listed)
    return ", ".join(listed[:-1]) + " or " + listed[-1]


def listed(words: Iterable[str]) -> str:
    """Join words as ``a, b, c``, the first twenty of them."""
    every = list(words)
    return ", ".join(every[:MOST_LISTED]) + (", …" if len(every) > MOST_LISTED else "")


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Give the hint that names the nearest of the known names, or None if none is near."""
    if len(name) > LONGEST_SHOWN:
        return None
    by_lower = {each.lower(): each for each in known}
    near = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return f"did you mean {shown(by_lower[near[0]])}?" if near else None


def count(number: int, noun: str) -> str:
    """Say ``1 item`` or ``2 items``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
