"""What jsonschema found, in our words: one function for each keyword.

jsonschema's own words contain the offending value and never leave this layer. A schema may
help: ``"x-expected"`` says what a pattern or a union stands for, ``"x-message"`` says why
something is not allowed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeAlias, assert_never

from flowengine.documents.leading import LEADING_KEYS, leading_keys
from flowengine.documents.tree import Mapping, Node, Scalar, Sequence, Value
from flowengine.documents.validators import FORBIDDEN, SECOND_KEY, Misfit
from flowengine.documents.wording import (
    alternatives,
    bare,
    count,
    did_you_mean,
    expected_type,
    found_type,
    listed,
    shown,
)
from flowengine.source import Span

UNKNOWN_KEY: Final = "schema-unknown-key"
MISSING_KEY: Final = "schema-missing-key"
TYPE: Final = "schema-type"
VALUE: Final = "schema-value"
ONE_OF: Final = "schema-one-of"
TWO_LEADING_KEYS: Final = "two-leading-keys"

_MOST_KEYS: Final = 50
"""Unknown keys that are reported of one mapping."""

_BOOLEANS: Final = {"yes": "true", "on": "true", "no": "false", "off": "false"}
"""What YAML 1.1 took for booleans and 1.2 does not."""


@dataclass(frozen=True, slots=True)
class Place:
    """The value that a misfit speaks of.

    Attributes:
        key: Its key, or None for a list's item and for the document itself.
        is_sensitive: Its content may be in no message.
        is_flow: It is a list or a mapping written in brackets.
    """

    node: Node
    key: Scalar | None
    is_sensitive: bool
    is_flow: bool

    @property
    def kind(self) -> str:
        """The value's type, which may always be said."""
        return found_type(value_of_kind(self.node))

    @property
    def found(self) -> str:
        """The value where it may be shown and is short, else its type."""
        if self.is_sensitive or not isinstance(self.node, Scalar) or self.node.value is None:
            return self.kind
        return shown(self.node.text)


@dataclass(frozen=True, slots=True)
class Finding:
    """One diagnostic before it knows its source."""

    rule: str
    message: str
    span: Span
    hint: str | None = None


def value_of_kind(node: Node) -> Value | list[object] | dict[str, object]:
    """Give a value of the node's type without walking a collection."""
    match node:
        case Scalar():
            return node.value
        case Sequence():
            return []
        case Mapping():
            return {}
        case _:
            assert_never(node)


def wrong_type(place: Place, types: list[str], expected: str | None = None) -> Finding:
    """Say which types were expected; ``expected`` says it better where a schema does."""
    words = expected or alternatives(list(dict.fromkeys(map(expected_type, types))))
    message = f"expected {words}, found {place.kind}"
    return Finding(TYPE, message, place.node.span, _quoting(place, types))


def _quoting(place: Place, types: list[str]) -> str | None:
    """Hint at the quotes of a string that YAML read as something else, or at a boolean's words."""
    if "boolean" in types and isinstance(place.node, Scalar) and not place.is_sensitive:
        meant = _BOOLEANS.get(place.node.text.lower())
        return f"write {meant}" if meant else None
    if "string" not in types:
        return None
    if place.is_flow:
        before = f"{bare(place.key.text)}: " if place.key else "- "
        return f"if it is an expression, quote it: `{before}'…'`"
    if isinstance(place.node, Scalar) and place.node.value is not None and not place.is_sensitive:
        return f"quote it if it is text: {shown(place.node.text)}"
    return None


def words(misfit: Misfit, place: Place) -> list[Finding]:
    """Put a misfit into words; ``anyOf`` and ``oneOf`` without a match are not for here."""
    return _BY_KEYWORD.get(misfit.keyword, _other)(misfit, place)


def _value(place: Place, expected: str, hint: str | None = None) -> list[Finding]:
    return [Finding(VALUE, f"expected {expected}, found {place.found}", place.node.span, hint)]


def _key_span(place: Place) -> Span:
    """Span the leading key of a mapping, where what it lacks is reported."""
    node = place.node
    return node.entries[0].key.span if isinstance(node, Mapping) and node.entries else node.span


def _unknown_keys(misfit: Misfit, place: Place) -> list[Finding]:
    known = list(misfit.schema.get("properties", {}))
    node = place.node
    if not isinstance(node, Mapping):
        return []
    unknown = (entry.key for entry in node.entries if entry.key.text not in known)
    missing = [name for name in known if node.entry(name) is None]
    return [
        Finding(
            UNKNOWN_KEY,
            f"unknown key {shown(key.text)}",
            key.span,
            did_you_mean(key.text, missing) or f"the keys here are {listed(sorted(known))}",
        )
        for key in islice(unknown, _MOST_KEYS)
    ]


def _required(misfit: Misfit, place: Place) -> list[Finding]:
    node = place.node
    if not isinstance(node, Mapping):
        return []
    return [
        Finding(MISSING_KEY, f"missing key {shown(name)}", _key_span(place))
        for name in misfit.wanted
        if node.entry(name) is None
    ]


def _dependent_required(misfit: Misfit, place: Place) -> list[Finding]:
    node = place.node
    if not isinstance(node, Mapping):
        return []
    return [
        Finding(MISSING_KEY, f"key {shown(name)} needs {shown(other)} beside it", entry.key.span)
        for name, others in misfit.wanted.items()
        if (entry := node.entry(name)) is not None
        for other in others
        if node.entry(other) is None
    ]


def _no_leading_key(misfit: Misfit, place: Place) -> list[Finding]:
    rule, node = misfit.wanted, place.node
    message = f"a {rule['noun']} starts with one of {', '.join(rule['keys'])}"
    entries = node.entries if isinstance(node, Mapping) else ()
    for entry in entries:
        if hint := did_you_mean(entry.key.text, rule["keys"]):
            return [Finding(MISSING_KEY, message, entry.key.span, hint)]
    return [Finding(MISSING_KEY, message, _key_span(place))]


def _two_leading_keys(misfit: Misfit, place: Place) -> list[Finding]:
    node = place.node
    if not isinstance(node, Mapping):
        return []
    rule = misfit.wanted
    present = leading_keys([entry.key.text for entry in node.entries], rule)
    message = f"a {rule['noun']} cannot have both {shown(present[0])} and {shown(present[1])}"
    hint = f"give it one of {', '.join(rule['keys'])}"
    return [
        Finding(TWO_LEADING_KEYS, message, entry.key.span, hint)
        for entry in node.entries
        if entry.key.text == present[1]
    ]


def _type(misfit: Misfit, place: Place) -> list[Finding]:
    wanted = misfit.wanted
    types = [wanted] if isinstance(wanted, str) else list(wanted)
    return [wrong_type(place, types, misfit.schema.get("x-expected"))]


def _enum(misfit: Misfit, place: Place) -> list[Finding]:
    known = [str(each) for each in misfit.wanted]
    hint = None
    if isinstance(place.node, Scalar) and not place.is_sensitive:
        hint = did_you_mean(place.node.text, known)
    return _value(place, "one of " + listed(known) if len(known) > 1 else shown(known[0]), hint)


def _const(misfit: Misfit, place: Place) -> list[Finding]:
    return _value(place, shown(misfit.wanted))


def _pattern(misfit: Misfit, place: Place) -> list[Finding]:
    expected = misfit.schema.get("x-expected") or f"a text like {shown(misfit.wanted)}"
    return _value(place, expected)


def _not(misfit: Misfit, place: Place) -> list[Finding]:
    message = misfit.schema.get("x-message")
    if message is None:
        return _other(misfit, place)
    return [Finding(VALUE, message, place.key.span if place.key else place.node.span)]


def _min_length(misfit: Misfit, place: Place) -> list[Finding]:
    return _value(place, f"at least {count(misfit.wanted, 'character')}")


def _max_length(misfit: Misfit, place: Place) -> list[Finding]:
    return _value(place, f"at most {count(misfit.wanted, 'character')}")


def _minimum(misfit: Misfit, place: Place) -> list[Finding]:
    return _value(place, f"{misfit.wanted} or more")


def _maximum(misfit: Misfit, place: Place) -> list[Finding]:
    return _value(place, f"{misfit.wanted} or less")


def _size(place: Place, bound: str, limit: int, noun: str) -> list[Finding]:
    node = place.node
    size = len(node.entries) if isinstance(node, Mapping) else 0
    size = len(node.items) if isinstance(node, Sequence) else size
    message = f"expected {bound} {count(limit, noun)}, found {size or 'none'}"
    return [Finding(VALUE, message, place.key.span if place.key else node.span)]


def _min_items(misfit: Misfit, place: Place) -> list[Finding]:
    return _size(place, "at least", misfit.wanted, "item")


def _max_items(misfit: Misfit, place: Place) -> list[Finding]:
    return _size(place, "at most", misfit.wanted, "item")


def _min_properties(misfit: Misfit, place: Place) -> list[Finding]:
    return _size(place, "at least", misfit.wanted, "key")


def _max_properties(misfit: Misfit, place: Place) -> list[Finding]:
    return _size(place, "at most", misfit.wanted, "key")


def _unique(_misfit: Misfit, place: Place) -> list[Finding]:
    return [Finding(VALUE, f"{place.found} is in this list already", place.node.span)]


def _many_match(_misfit: Misfit, place: Place) -> list[Finding]:
    message = f"{place.found} fits more than one of the allowed forms"
    return [Finding(ONE_OF, message, place.node.span)]


def _forbidden(_misfit: Misfit, place: Place) -> list[Finding]:
    if place.key is None:
        return []
    message = f"key {shown(place.key.text)} cannot stand here"
    return [Finding(UNKNOWN_KEY, message, place.key.span)]


def _nothing_allowed(_misfit: Misfit, place: Place) -> list[Finding]:
    """Word the schema ``false``, which has no keyword at all."""
    return [Finding(VALUE, "nothing may stand here", place.node.span)]


def _other(misfit: Misfit, place: Place) -> list[Finding]:
    expected = misfit.schema.get("x-expected") or f"what '{misfit.keyword}' of the schema allows"
    return _value(place, expected)


_Words: TypeAlias = Callable[[Misfit, Place], list[Finding]]

_BY_KEYWORD: Final[dict[str, _Words]] = {
    "": _nothing_allowed,
    FORBIDDEN: _forbidden,
    "additionalProperties": _unknown_keys,
    "required": _required,
    "dependentRequired": _dependent_required,
    LEADING_KEYS: _no_leading_key,
    SECOND_KEY: _two_leading_keys,
    "type": _type,
    "enum": _enum,
    "const": _const,
    "pattern": _pattern,
    "not": _not,
    "minLength": _min_length,
    "maxLength": _max_length,
    "minimum": _minimum,
    "maximum": _maximum,
    "minItems": _min_items,
    "maxItems": _max_items,
    "minProperties": _min_properties,
    "maxProperties": _max_properties,
    "uniqueItems": _unique,
    "anyOf": _other,
    "oneOf": _many_match,
}
