"""Says quickly that a value fits a schema, with jsonschema-rs.

Most files fit, and jsonschema takes some hundred times as long to find that. What is not surely
accepted here is held against the schema by jsonschema, which alone decides that something is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping as Schema
from functools import lru_cache
from typing import Any

import jsonschema_rs

from flowengine.documents.identity import ByIdentity
from flowengine.documents.leading import LEADING_KEYS, leading_keys


def fits(instance: object, schema: Schema[str, Any]) -> bool:
    """Say whether a plain value surely fits; False where that is not told here.

    A fraction is not told of, since ``integer`` takes ``5.0`` by the standard and not with us.
    """
    if _has_fraction(instance):
        return False
    try:
        return _validator(ByIdentity(schema)).is_valid(instance)
    except ValueError:  # what it cannot read: a lone surrogate, a key that is no text
        return False


def _has_fraction(instance: object) -> bool:
    match instance:
        case dict():
            return any(_has_fraction(part) for part in instance.values())
        case list():
            return any(_has_fraction(part) for part in instance)
        case _:
            return isinstance(instance, float)


class _LeadingKeys:
    """The keyword of our own, as jsonschema-rs wants one."""

    def __init__(self, _parent: object, rule: dict[str, Any], _path: object) -> None:
        self._rule = rule

    def validate(self, instance: object) -> None:
        """Refuse a mapping that has no leading key, or more than one."""
        if isinstance(instance, dict) and len(leading_keys(instance, self._rule)) != 1:
            raise ValueError


@lru_cache(maxsize=16)
def _validator(key: ByIdentity) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        dict(key.schema), keywords={LEADING_KEYS: _LeadingKeys}
    )
