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


def write_duration(duration: timedelta) -> str:
    """Write a duration in the largest unit that it is a whole number of.

    Raises:
        ValueError: It is negative, finer than a millisecond, or of more than nine digits.
    """
    for unit, name in reversed(_UNITS.items()):
        number, rest = divmod(duration, timedelta(**{name: 1}))
        if not rest and _FORM.fullmatch(f"{number}{unit}"):
            return f"{number}{unit}"
    raise ValueError("no duration that can be written")
