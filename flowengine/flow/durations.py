"""Durations as flows write them: ``500ms``, ``30s``, ``2m``, ``1h``, ``30d``."""

from __future__ import annotations

import re
from datetime import timedelta

_FORM = re.compile(r"([0-9]{1,9})(ms|s|m|h|d)")
_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_duration(text: str) -> timedelta:
    """Read a duration.

    Raises:
        ValueError: It is not one; the schema refuses such a text before.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError("not a duration")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
