"""JSON Schema 2020-12 as this project uses it: jsonschema, with a few keywords of our own.

``integer`` means an int: ``5.0`` is not one. ``uniqueItems`` is linear and points at the
second of two; ``additionalProperties`` keeps the order of the file, ``properties`` the path.
``x-leading-keys`` tells what kind a mapping is, by which of some keys it has.
What fits is told apart quickly; jsonschema says of the rest where it does not fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as Schema
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from flowengine.documents import acceptance
from flowengine.documents.leading import LEADING_KEYS, leading_keys

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

SECOND_KEY: Final = "x-leading-keys/second"
"""The name that the error about a second leading key goes by."""
FORBIDDEN: Final = "properties/false"
"""The name that the error about a property whose schema is ``false`` goes by."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """Something in a plain value that does not fit a schema; jsonschema's words are left behind.

    Attributes:
        keyword: The schema's keyword; empty where the schema is ``false``.
        wanted: What the schema has under that keyword.
        schema: The object that the keyword stands in; empty where the schema is ``false``.
        path: Keys and indices from the document's root to the value.
        instance: The value; the key's own text where a key does not fit ``propertyNames``.
        branches: Of ``anyOf`` and ``oneOf``, why each alternative does not fit.
        is_whole: Among a branch's misfits, one that speaks of the branch's whole value.
    """

    keyword: str
    wanted: Any
    schema: Schema[str, Any]
    path: tuple[str | int, ...]
    instance: object = field(repr=False)
    branches: tuple[tuple[Misfit, ...], ...]
    is_whole: bool


def misfits(instance: object, schema: Schema[str, Any]) -> Iterator[Misfit]:
    """Find one after another what in a plain value does not fit a schema."""
    return iter(()) if acceptance.fits(instance, schema) else surely(instance, schema)


def surely(instance: object, schema: Schema[str, Any]) -> Iterator[Misfit]:
    """Find the same without asking first whether there is anything to find."""
    return map(_misfit, _validator_class()(schema).iter_errors(instance))


def _misfit(error: ValidationError) -> Misfit:
    branches: dict[Any, list[Misfit]] = {}
    for each in error.context or ():
        branches.setdefault(each.relative_schema_path[0], []).append(_misfit(each))
    return Misfit(
        keyword=str(error.validator or ""),
        wanted=error.validator_value,
        schema=error.schema if isinstance(error.schema, dict) else {},
        path=tuple(error.absolute_path),
        instance=error.instance,
        branches=tuple(map(tuple, branches.values())),
        is_whole=not error.relative_path,
    )


@cache
def _validator_class() -> Any:  # noqa: ANN401 - jsonschema makes this class at run time
    from jsonschema import Draft202012Validator, validators  # noqa: PLC0415 - slow to import

    checker = Draft202012Validator.TYPE_CHECKER.redefine(
        "integer",
        lambda _checker, instance: isinstance(instance, int) and not isinstance(instance, bool),
    )
    return validators.extend(  # type: ignore[no-untyped-call]
        Draft202012Validator,
        {
            LEADING_KEYS: _leading_keys,
            "properties": _properties,
            "uniqueItems": _unique_items,
            "additionalProperties": _additional_properties,
        },
        type_checker=checker,
    )


def _error(message: str, **details: Any) -> ValidationError:  # noqa: ANN401 - passed on as it is
    from jsonschema.exceptions import ValidationError  # noqa: PLC0415 - slow to import

    return ValidationError(message, **details)


def _leading_keys(
    _validator: object, rule: dict[str, Any], instance: object, _schema: object
) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    present = leading_keys(instance, rule)
    if not present:
        yield _error("no leading key")
    elif len(present) > 1:
        yield _error("two leading keys", validator=SECOND_KEY)


def _unique_items(
    _validator: object, wanted: object, instance: object, _schema: object
) -> Iterator[ValidationError]:
    if not wanted or not isinstance(instance, list):
        return
    seen: set[str] = set()
    for index, item in enumerate(instance):
        written = f"{type(item).__name__} {item!r}"
        if written in seen:
            yield _error("repeated", path=[index], instance=item)
        seen.add(written)


def _properties(
    validator: Any,  # noqa: ANN401 - jsonschema makes its class at run time
    properties: dict[str, Any],
    instance: object,
    _schema: object,
) -> Iterator[ValidationError]:
    """Descend as jsonschema does, which loses the path where a property is ``false``."""
    if not isinstance(instance, dict):
        return
    for name, part in properties.items():
        if name in instance and part is False:
            yield _error("not allowed", validator=FORBIDDEN, path=[name], instance=instance[name])
        elif name in instance:
            yield from validator.descend(instance[name], part, path=name, schema_path=name)


def _additional_properties(
    validator: Any,  # noqa: ANN401 - jsonschema makes its class at run time
    allowed: object,
    instance: object,
    schema: dict[str, Any],
) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    known = schema.get("properties", {})
    patterns = schema.get("patternProperties", {})
    extras = [
        name
        for name in instance
        if name not in known and not any(re.search(pattern, name) for pattern in patterns)
    ]
    if isinstance(allowed, dict):
        for name in extras:
            yield from validator.descend(instance[name], allowed, path=name)
    elif allowed is False and extras:
        yield _error("unknown keys")
