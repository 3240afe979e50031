"""What the parts of a condition are read as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from flowengine.analysis.proof.facts import Path


class Rails(NamedTuple):
    """Where a condition is true, and where it is false."""

    true: int
    false: int


@dataclass(frozen=True, slots=True)
class Known:
    """A value that does not depend on anything."""

    value: Any


@dataclass(frozen=True, slots=True)
class Place:
    """A value that stands at a path.

    Attributes:
        readable: Where reading it is no error.
    """

    path: Path
    readable: int


class OpaqueError(Exception):
    """This expression is not understood."""
