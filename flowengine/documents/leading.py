"""The keyword ``x-leading-keys``: what kind a mapping is, by which of some keys it has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

LEADING_KEYS: Final = "x-leading-keys"


def leading_keys(keys: Iterable[str], rule: dict[str, Any]) -> list[str]:
    """Give the leading keys of a mapping as written, less those that another one owns."""
    present = [key for key in keys if key in rule["keys"]]
    owned = {own for key in present for own in rule.get("owns", {}).get(key, ())}
    return [key for key in present if key not in owned]
