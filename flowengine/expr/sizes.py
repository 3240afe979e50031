"""How large a value can be: what is declared of it, or what is taken for granted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flowengine.expr.helpers import LARGEST
from flowengine.expr.types import (
    BYTES,
    STRING,
    EnumType,
    ListType,
    MapType,
    OptionalType,
    RecordType,
    Type,
)

CHARACTERS = 256
"""Of a text or octets that nobody declared a size of."""

ITEMS = 64
"""Of a list or map that nobody declared a size of."""

UNBOUNDED = 2**62
"""More than any value has."""


@dataclass(frozen=True, slots=True)
class Size:
    """The most that a value can be.

    Attributes:
        most: Characters, octets, elements or entries; 1 of anything else.
        text: A text or octets, of which a tenth counts.
        element: Of a list's elements, a map's values, or what an optional value has.
        key: Of a map's keys.
        total: Characters of all elements together, where that is less than each may have.
        path: Where the value comes from: ``user.groups``, its elements ``user.groups[]``.
    """

    most: int = 1
    text: bool = False
    element: Size | None = None
    key: Size | None = None
    total: int | None = None
    path: str | None = None

    @property
    def weight(self) -> int:
        """The cost of looking at all of it once; at least 1."""
        if self.text:
            return max(1, tenth(self.most))
        if self.total is not None:
            return self.most + tenth(self.total)
        inner = sum(part.weight for part in (self.element, self.key) if part is not None)
        return max(1, self.most * max(1, inner))


SCALAR = Size()


def text_of(most: int) -> Size:
    """Give the size of a text, which no result exceeds."""
    return Size(min(most, LARGEST), text=True)


def list_of(most: int, element: Size) -> Size:
    """Give the size of a list, which no result exceeds."""
    return Size(min(most, LARGEST), element=element)


def larger(one: Size, other: Size) -> Size:
    """Give the size of what may be either."""
    return Size(
        max(one.most, other.most),
        text=one.text or other.text,
        element=_larger_part(one.element, other.element),
        key=_larger_part(one.key, other.key),
        path=one.path if one.most >= other.most else other.path,
    )


def _larger_part(one: Size | None, other: Size | None) -> Size | None:
    if one is None or other is None:
        return one or other
    return larger(one, other)


def tenth(size: int) -> int:
    """Give a tenth, rounded up."""
    return -(-size // 10)


class Declared:
    """The sizes of the host's values, and a note of those that were asked for.

    Attributes:
        used: The bound of each path that anything was found from.
    """

    def __init__(self, sizes: Mapping[str, int], otherwise: int | None = None) -> None:
        """Take what is declared, by path.

        Args:
            otherwise: Of what is not declared; None for what is taken for granted.
        """
        self._sizes = sizes
        self._otherwise = otherwise
        self.used: dict[str, int] = {}

    def of(self, kind: Type, path: str | None) -> Size:  # noqa: PLR0911 - one per kind of type
        """Give the size of a value of a type that comes from a path, or from nowhere."""
        match kind:
            case ListType():
                element = self.of(kind.element, _below(path))
                return Size(self._most(path, ITEMS), element=element, path=path)
            case MapType():
                key, value = self.of(kind.key, None), self._of_values(kind, path)
                return Size(self._most(path, ITEMS), element=value, key=key, path=path)
            case OptionalType():
                return Size(element=self.of(kind.element, path), path=path)
            case EnumType():
                return Size(max(map(len, kind.values), default=0), text=True, path=path)
            case RecordType():
                return Size(path=path)
            case _ if kind in (STRING, BYTES):
                return Size(self._most(path, CHARACTERS), text=True, path=path)
            case _:
                return Size(path=path)

    def _of_values(self, kind: MapType, path: str | None) -> Size:
        """Give the size of whichever value of a map is largest."""
        value = self.of(kind.value, _below(path))
        for one in self._sizes if path is not None else ():
            if one.startswith(f"{path}.") and "[]" not in one[len(f"{path}.") :]:
                value = larger(value, self.of(kind.value, one))
        return value

    def of_key(self, kind: Type, path: str) -> Size | None:
        """Give the size of one key's value in a map; None where nothing is declared of it."""
        begins = f"{path}[]"
        known = path in self._sizes or any(one.startswith(begins) for one in self._sizes)
        return self.of(kind, path) if known else None

    def _most(self, path: str | None, otherwise: int) -> int:
        otherwise = self._otherwise or otherwise
        if path is None:
            return otherwise
        return self.used.setdefault(path, self._sizes.get(path, otherwise))


def _below(path: str | None) -> str | None:
    return None if path is None else f"{path}[]"
