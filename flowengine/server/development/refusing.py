"""Refuses by name what is not supported: ignored, it might let somebody in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flowengine.errors import InvalidParameterError


def unsupported(name: str, because: str = "") -> InvalidParameterError:
    """Word a refusal."""
    return InvalidParameterError(f"{name} is not supported by this server{because}.")


def refuse(members: Mapping[str, Any], names: Iterable[str]) -> None:
    """Refuse members that say anything.

    Raises:
        InvalidParameterError: One is neither absent nor empty nor false.
    """
    for name in names:
        if members.get(name) not in (None, False, "", [], {}):
            raise unsupported(name)
