"""TIMESTAMP of PASSWORD_VERIFIER: ``Tue Sep 5 07:08:09 UTC 2023``.

Cognito parses what came and signs its own rendering of it, so ``Sep 05`` or a wrong weekday
parses and then fails as a wrong signature. Java's pattern is ``EEE MMM d HH:mm:ss z yyyy`` in
English; no locale is asked here, which is why ``strptime`` is not used.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip

_PATTERN: Final = re.compile(
    rf"(?:{'|'.join(_WEEKDAYS)}) (?P<month>{'|'.join(_MONTHS)}) {{1,2}}(?P<day>\d{{1,2}})"
    r" (?P<hour>\d{1,2}):(?P<minute>\d{1,2}):(?P<second>\d{1,2}) UTC (?P<year>\d{4})",
    re.ASCII,
)


def parse(text: str) -> datetime | None:
    """Read a time stamp as aware UTC; None when it is not one.

    Taken as well, and then signed as :func:`render` writes it: a padded day, an unpadded
    hour, and a weekday that is not the date's.
    """
    found = _PATTERN.fullmatch(text)
    if found is None:
        return None
    names = ("year", "day", "hour", "minute", "second")
    year, day, hour, minute, second = (int(found[name]) for name in names)
    month = _MONTHS.index(found["month"]) + 1
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def render(moment: datetime) -> str:
    """Write an aware time as Cognito does, to the second, in UTC."""
    utc = moment.astimezone(UTC)
    return (
        f"{_WEEKDAYS[utc.weekday()]} {_MONTHS[utc.month - 1]} {utc.day} "
        f"{utc.hour:02d}:{utc.minute:02d}:{utc.second:02d} UTC {utc.year:04d}"
    )
