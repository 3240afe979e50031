"""What the members of a request may be, and holding a request against it.

The words of the refusals are those of Cognito's front end, without the values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, assert_never

from flowengine.errors import InvalidParameterError, SerializationError

LONGEST_STRING = 131_072
"""Characters; ``StringType`` of the API model, and keys and values of its maps."""
_LONGEST_SHOWN: Final = 64


@dataclass(frozen=True, slots=True)
class Text:
    """A string.

    Attributes:
        shortest: In characters, included.
        longest: In characters, included; None for no limit but the body's.
        pattern: As the API model writes it; it stands in the refusal.
        fits: Whether a text fits the pattern.
        values: The closed set, where there is one.
    """

    shortest: int = 0
    longest: int | None = None
    pattern: str = ""
    fits: Callable[[str], bool] | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number.

    Attributes:
        least: Included.
        most: Included.
    """

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Document:
    """Any JSON value but ``null``; what uses it reads it."""


@dataclass(frozen=True, slots=True)
class TextMap:
    """A map of strings to strings; ``null`` values are absent."""


@dataclass(frozen=True, slots=True)
class Structure:
    """Named members; unknown ones are ignored and ``null`` is absent.

    Attributes:
        required: The names that must be there.
        closed: Whether unknown members are refused instead.
    """

    members: Mapping[str, Shape]
    required: frozenset[str] = frozenset()
    closed: bool = False


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list; ``null`` elements are absent."""

    element: Shape


Shape = Text | Flag | Whole | Document | TextMap | Structure | ListOf


@dataclass(frozen=True, slots=True)
class _Reading:
    """One request as it is read; collects what does not fit."""

    faults: list[str] = field(default_factory=list, repr=False)

    def fault(self, path: str, constraint: str, shown: str = "") -> None:
        self.faults.append(f"Value {shown}at '{path}' failed to satisfy constraint: {constraint}")


def read_members(structure: Structure, members: Mapping[str, Any]) -> dict[str, Any]:
    """Give the known members of a request.

    Raises:
        SerializationError: One has another type than it must have.
        InvalidParameterError: Required ones are missing, or values break their limits; all of
            them are told at once.
    """
    reading = _Reading()
    found = _structure(reading, structure, members, "")
    count = len(reading.faults)
    if count:
        noun = "error" if count == 1 else "errors"
        raise InvalidParameterError(
            f"{count} validation {noun} detected: {'; '.join(reading.faults)}"
        )
    return found


def _read(reading: _Reading, shape: Shape, value: object, path: str) -> object:
    match shape:
        case Text():
            return _text(reading, shape, _string(value), path)
        case Flag() | Whole() | Document():
            return _scalar(reading, shape, value, path)
        case TextMap():
            return _text_map(reading, _members(value), path)
        case Structure():
            return _structure(reading, shape, _members(value), path)
        case ListOf():
            return _list(reading, shape, value, path)
        case _:
            assert_never(shape)


def _structure(
    reading: _Reading, structure: Structure, members: Mapping[str, Any], path: str
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, shape in structure.members.items():
        value = members.get(name)
        here = _join(path, name)
        if value is not None:
            found[name] = _read(reading, shape, value, here)
        elif name in structure.required:
            reading.fault(here, "Member must not be null", "null ")
    for name in members.keys() - structure.members.keys() if structure.closed else ():
        known = name.isidentifier() and len(name) <= _LONGEST_SHOWN
        reading.fault(_join(path, name) if known else path, "Member is not supported")
    return found


def _join(path: str, name: str) -> str:
    """Write a place as Cognito does: each name with a small first letter."""
    lowered = name[:1].lower() + name[1:]
    return f"{path}.{lowered}" if path else lowered


def _text(reading: _Reading, shape: Text, text: str, path: str) -> str:
    for constraint in _broken(shape, text):
        reading.fault(path, constraint)
    return text


def _scalar(reading: _Reading, shape: Flag | Whole | Document, value: object, path: str) -> object:
    match shape:
        case Flag():
            if not isinstance(value, bool):
                raise SerializationError(f"{_kind(value)} can not be converted to a Boolean")
            return value
        case Whole():
            return _whole(reading, shape, value, path)
        case Document():
            return value
        case _:
            assert_never(shape)


def _whole(reading: _Reading, shape: Whole, value: object, path: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise SerializationError(f"{_kind(value)} can not be converted to an Integer")
    if value < shape.least:
        reading.fault(path, f"Member must have value greater than or equal to {shape.least}")
    if value > shape.most:
        reading.fault(path, f"Member must have value less than or equal to {shape.most}")
    return value


def _broken(shape: Text, text: str) -> list[str]:
    """Give the constraints that a text breaks."""
    broken = []
    if "\0" in text:
        broken.append("Member must not have a null character")
    if len(text) < shape.shortest:
        least = f"Member must have length greater than or equal to {shape.shortest}"
        broken.append(least)
    if shape.longest is not None and len(text) > shape.longest:
        broken.append(f"Member must have length less than or equal to {shape.longest}")
    if shape.fits is not None and not shape.fits(text):
        broken.append(f"Member must satisfy regular expression pattern: {shape.pattern}")
    if shape.values and text not in shape.values:
        broken.append(f"Member must satisfy enum value set: [{', '.join(shape.values)}]")
    return broken


def _text_map(reading: _Reading, members: Mapping[str, Any], path: str) -> dict[str, str]:
    entry = Text(longest=LONGEST_STRING)
    found = {_string(key): _string(v) for key, v in members.items() if v is not None}
    for part, texts in (("keys", found.keys()), ("values", found.values())):
        broken = {constraint for text in texts for constraint in _broken(entry, text)}
        if broken:
            reading.fault(
                path, f"Map {part} must satisfy constraint: [{', '.join(sorted(broken))}]"
            )
    return found


def _list(reading: _Reading, shape: ListOf, value: object, path: str) -> list[object]:
    if not isinstance(value, list):
        raise SerializationError(f"{_kind(value)} found where a list was expected.")
    return [
        _read(reading, shape.element, element, f"{path}.{place}.member")
        for place, element in enumerate(value, start=1)
        if element is not None
    ]


def _members(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise SerializationError(f"{_kind(value)} found where a structure or map was expected.")
    return value


def _string(value: object) -> str:
    """Give a string that can be encoded: half of a surrogate pair is not text."""
    if not isinstance(value, str):
        raise SerializationError(f"{_kind(value)} can not be converted to a String")
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise SerializationError("A String has half of a surrogate pair")
    return value


def _kind(value: object) -> str:
    """Name a JSON value's type as the front end does, and never the value."""
    match value:
        case bool():
            return "TRUE_VALUE" if value else "FALSE_VALUE"
        case int() | float():
            return "NUMBER_VALUE"
        case str():
            return "STRING_VALUE"
        case list():
            return "Start of list"
        case _:
            return "Start of structure or map"
