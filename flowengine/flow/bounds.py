"""How large a value may be: what authors declare of it, and what the engine knows of its facts.

Two numbers bound a declared value: ``max_length`` every text in it (keys of maps aside),
``max_items`` every list and every map in it. A larger value is refused where it enters, and by
each expression that would read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from flowengine.expr import STRING, Environment, ListType, MapType, Program, RecordType, Type
from flowengine.expr.sizes import Size
from flowengine.flow.definition import LONGEST_RESPONSE, BoundsDefinition, Name, ResponseRule
from flowengine.flow.findings import Findings

_FACTS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "request.user_agent": 1024,  # the server cuts the rest off
        "request.context.data": 16_384,  # some clients send 4,000 characters
        **{
            f"auth_flow.parameters.{key}": LONGEST_RESPONSE
            for key in ("PREFERRED_CHALLENGE", "CHALLENGE_NAME", "DEVICE_KEY")
        },
    }
)
_METADATA: Final = "request.metadata"


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most that a value may be; None where nothing is declared.

    Attributes:
        max_length: Characters, of each text in it.
        max_items: Elements or entries, of each list or map in it.
    """

    max_length: int | None = None
    max_items: int | None = None

    def admit(self, value: Any, type_: Type) -> bool:  # noqa: ANN401 - a JSON value
        """Say whether a value of a type is no larger."""
        match type_:
            case ListType(element):
                return self._few(value) and all(self.admit(one, element) for one in value)
            case MapType(_, element):
                return self._few(value) and all(self.admit(one, element) for one in value.values())
            case RecordType(_, fields):
                return all(self.admit(value[key], field.type) for key, field in fields.items())
            case _:
                return not isinstance(value, str) or self._short(len(value))

    def larger(self, other: Bounds) -> Bounds:
        """Give the bounds of what may come from either of two places."""
        return Bounds(
            _larger(self.max_length, other.max_length), _larger(self.max_items, other.max_items)
        )

    def sizes(self, type_: Type, path: str) -> Iterator[tuple[str, int]]:
        """Give the size of what is at a path and below it, as expressions count it."""
        for place, part in _places(type_, path):
            most = self.max_length if part == STRING else self.max_items
            if most is not None:
                yield place, most

    def _few(self, value: list[Any] | dict[str, Any]) -> bool:
        return self.max_items is None or len(value) <= self.max_items

    def _short(self, length: int) -> bool:
        return self.max_length is None or length <= self.max_length


UNBOUNDED: Final = Bounds()


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes of a scope's names, by path, and where an author can declare each."""

    most: Mapping[str, int] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)

    def joined(self, *others: Sizes) -> Sizes:
        """Put several together."""
        most, places = dict(self.most), dict(self.places)
        for other in others:
            most.update(other.most)
            places.update(other.places)
        return Sizes(most, places)


def declared_sizes(bounds: Bounds, type_: Type, path: str, owner: str) -> Sizes:
    """Give the sizes of a declared name.

    Args:
        owner: What declares it: ``input 'risk'``.
    """
    places = {
        place: f"{'max_length' if part == STRING else 'max_items'} of {owner}"
        for place, part in _places(type_, path)
    }
    return Sizes(dict(bounds.sizes(type_, path)), places)


def literal_sizes(value: Any, type_: Type, path: str) -> Sizes:  # noqa: ANN401 - a JSON value
    """Give the sizes of a value that is known."""
    texts, items = [0], [0]
    _measure(value, type_, texts, items)
    bounds = Bounds(max(texts), max(items))
    return Sizes(dict(bounds.sizes(type_, path)))


def fact_sizes(metadata: Iterable[ResponseRule]) -> Sizes:
    """Give the sizes of the engine's own facts, and of the ClientMetadata that a flow declares."""
    rules = tuple(metadata)
    found = response_sizes(rules, _METADATA, "metadata")
    whole = {f"{_METADATA}[]": max((_longest(rule) for rule in rules), default=0)}
    if not any(rule.family for rule in rules):
        whole[_METADATA] = len(rules)
    return Sizes({**_FACTS, **whole, **found.most}, found.places)


def response_sizes(
    rules: Iterable[ResponseRule], path: str = "responses", noun: str = "response key"
) -> Sizes:
    """Give the sizes of the declared keys of an answer."""
    most, places = {}, {}
    for rule in rules:
        if not rule.family:
            place = f"{path}.{rule.key}"
            most[place] = _longest(rule)
            places[place] = f"max_length of {noun} '{rule.key}'"
    return Sizes(most, places)


def _longest(rule: ResponseRule) -> int:
    return min(rule.max_length, max(map(len, rule.enum), default=rule.max_length))


def read_bounds(
    written: BoundsDefinition, type_: Type | None, owner: str, findings: Findings
) -> Bounds:
    """Read what is declared of a value, and refuse what bounds nothing in it.

    Args:
        type_: None where the value has no declared type.
    """
    parts = {part == STRING for _, part in _places(type_, "")} if type_ is not None else set()
    for name, is_text in ((written.max_length, True), (written.max_items, False)):
        if name is not None and is_text not in parts:
            findings.error(
                "unusable-rule",
                f"{'max_length' if is_text else 'max_items'} bounds nothing: {owner} is declared "
                f"without a {'text' if is_text else 'list or map'} in it",
                name.span,
            )
    return Bounds(_number(written.max_length), _number(written.max_items))


def exceeds(environment: Environment, program: Program, type_: Type, bounds: Bounds) -> bool:
    """Say whether an expression's value may be larger than a bound, as far as is declared."""
    return _exceeds(environment, environment.largest(program), type_, bounds)


def _exceeds(environment: Environment, size: Size, type_: Type, bounds: Bounds) -> bool:
    match type_:
        case ListType(element) | MapType(_, element):
            if bounds.max_items is not None and size.most > bounds.max_items:
                return True
            return size.element is None or _exceeds(environment, size.element, element, bounds)
        case RecordType(_, fields):
            if size.path is None:
                return bounds != UNBOUNDED
            return any(
                _exceeds(
                    environment,
                    environment.size_of(each.type, f"{size.path}.{name}"),
                    each.type,
                    bounds,
                )
                for name, each in fields.items()
            )
        case _:
            long = bounds.max_length is not None and size.most > bounds.max_length
            return type_ == STRING and long


def _places(type_: Type, path: str) -> Iterator[tuple[str, Type]]:
    """Give each text, list and map at a path and below it, by path."""
    match type_:
        case ListType(element) | MapType(_, element):
            yield path, type_
            yield from _places(element, f"{path}[]")
        case RecordType(_, fields):
            for name, each in fields.items():
                yield from _places(each.type, f"{path}.{name}")
        case _ if type_ == STRING:
            yield path, type_
        case _:
            pass


def _measure(value: Any, type_: Type, texts: list[int], items: list[int]) -> None:  # noqa: ANN401
    match type_:
        case ListType(element) | MapType(_, element):
            items.append(len(value))
            for one in value.values() if isinstance(value, dict) else value:
                _measure(one, element, texts, items)
        case RecordType(_, fields):
            for key, each in fields.items():
                _measure(value[key], each.type, texts, items)
        case _ if isinstance(value, str):
            texts.append(len(value))
        case _:
            pass


def _number(written: Name | None) -> int | None:
    return None if written is None else int(written.text)


def _larger(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else max(one, other)
