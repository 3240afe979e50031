"""A schema as the key of a cache."""

from __future__ import annotations

from collections.abc import Mapping as Schema
from typing import Any


class ByIdentity:
    """A schema, which has no hash of its own; it is not changed."""

    __slots__ = ("schema",)

    def __init__(self, schema: Schema[str, Any]) -> None:
        """Take the schema, and keep it alive."""
        self.schema = schema

    def __eq__(self, other: object) -> bool:
        """Compare as the same object."""
        return isinstance(other, ByIdentity) and self.schema is other.schema

    def __hash__(self) -> int:
        """Agree with it."""
        return id(self.schema)
