"""From the attributes of a pool's schema to rules.

Source: Amazon Cognito API reference, SchemaAttributeType.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from flowengine.accounts.attributes import (
    CUSTOM,
    LONGEST_VALUE,
    STANDARD_ATTRIBUTES,
    VERIFIED_MARKS,
    AttributeRule,
    AttributeType,
)
from flowengine.errors import InvalidParameterError
from flowengine.server.development.refusing import unsupported

Members = Mapping[str, Any]

_GIVEN: Final = frozenset({"sub", *VERIFIED_MARKS.values()})
"""Every pool has them, and they are the service's own."""
_ANYTHING: Final = AttributeRule()
_MOST_DIGITS: Final = 38
_LIMITS: Final = MappingProxyType(
    {
        AttributeType.STRING: ("StringAttributeConstraints", "MinLength", "MaxLength"),
        AttributeType.NUMBER: ("NumberAttributeConstraints", "MinValue", "MaxValue"),
    }
)


def read_schema(schema: Iterable[Members]) -> Mapping[str, AttributeRule]:
    """Give the rules of a pool, by the attributes' names.

    Raises:
        InvalidParameterError: A name, a type or a limit is not one, or is not supported.
    """
    rules: dict[str, AttributeRule] = {}
    for attribute in schema:
        name = attribute.get("Name")
        if name in STANDARD_ATTRIBUTES:
            rule = _standard_rule(name, attribute)
            rules |= {} if rule == _ANYTHING else {name: rule}
        elif name not in _GIVEN:
            _add_custom(rules, attribute)
    return MappingProxyType(rules)


def read_custom(
    known: Mapping[str, AttributeRule], attributes: Iterable[Members]
) -> Mapping[str, AttributeRule]:
    """Give the rules of a pool that has more attributes from now on.

    Raises:
        InvalidParameterError: A name, a type or a limit is not one, or the name is taken.
    """
    rules = dict(known)
    for attribute in attributes:
        _add_custom(rules, attribute)
    return MappingProxyType(rules)


def required_attributes(schema: Iterable[Members]) -> tuple[str, ...]:
    """Give the names of the attributes that a user must have."""
    required = (one["Name"] for one in schema if one.get("Required") and one.get("Name"))
    return tuple(dict.fromkeys(name for name in required if name in STANDARD_ATTRIBUTES))


def _standard_rule(name: str, attribute: Members) -> AttributeRule:
    written = attribute.get("AttributeDataType", AttributeType.STRING)
    # Cognito has the time of the last change as a number; here it is text as all are.
    usual = (AttributeType.STRING, *([AttributeType.NUMBER] if name == "updated_at" else []))
    if written not in usual:
        raise unsupported(f"Schema with {name} as {written}")
    return _rule(name, attribute, AttributeType(written))


def _add_custom(rules: dict[str, AttributeRule], attribute: Members) -> None:
    written = attribute.get("Name")
    if not written or ":" in written:
        raise InvalidParameterError("An attribute of the schema has no name, or one with a colon.")
    name = f"{CUSTOM}{written}"
    if name in rules:
        raise InvalidParameterError(f"{name}: Existing attribute already has name {name}.")
    if attribute.get("Required"):
        raise InvalidParameterError("Required custom attributes are not supported currently.")
    if "AttributeDataType" not in attribute:
        raise InvalidParameterError(f"{name}: AttributeDataType is required.")
    rules[name] = _rule(name, attribute, AttributeType(attribute["AttributeDataType"]))


def _rule(name: str, attribute: Members, type_: AttributeType) -> AttributeRule:
    if attribute.get("DeveloperOnlyAttribute"):
        raise unsupported("DeveloperOnlyAttribute")
    least, most = _limits(name, attribute, type_)
    return AttributeRule(type_, attribute.get("Mutable", True), least, most)


def _limits(name: str, attribute: Members, type_: AttributeType) -> tuple[int | None, int | None]:
    member, *ends = _LIMITS.get(type_, ("",))
    for other, *_ in _LIMITS.values():
        if other != member and attribute.get(other):
            raise InvalidParameterError(f"{name}: {other} is not for {type_.value}.")
    written = attribute.get(member, {})
    least, most = (_limit(name, end, written.get(end)) for end in ends) if ends else (None, None)
    if least is not None and most is not None and least > most:
        raise InvalidParameterError(f"{name}: {ends[0]} is greater than {ends[1]}.")
    if type_ is AttributeType.STRING:
        # What every value is held to anyway.
        least = least or None
        most = None if most is not None and most >= LONGEST_VALUE else most
    return least, most


def _limit(name: str, end: str, written: str | None) -> int | None:
    if written is None:
        return None
    digits = written.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS):
        raise InvalidParameterError(f"{name}: {end} is not a whole number.")
    return int(written)
