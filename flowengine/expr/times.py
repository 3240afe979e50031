"""Durations and timestamps as text, exact to the nanosecond."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from types import MappingProxyType
from zoneinfo import ZoneInfo

from flowengine.errors import EvaluationError
from flowengine.expr.literals import INT_MAX, INT_MIN

SECOND_NS = 10**9
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_DAY_S = 86_400
_ERA_YEARS, _ERA_DAYS = 400, 146_097  # after so many the Gregorian calendar is the same again

TIMESTAMP_MIN = (date(1, 1, 1).toordinal() - _EPOCH_DAY) * _DAY_S * SECOND_NS
"""0001-01-01T00:00:00Z."""
TIMESTAMP_MAX = (date(9999, 12, 31).toordinal() - _EPOCH_DAY + 1) * _DAY_S * SECOND_NS - 1
"""9999-12-31T23:59:59.999999999Z."""

# A zone's offset is looked up at least a day away from what ``datetime`` can hold.
_FIRST_MOMENT = TIMESTAMP_MIN // SECOND_NS + _DAY_S
_LAST_MOMENT = TIMESTAMP_MAX // SECOND_NS - _DAY_S

_UNITS_NS = MappingProxyType(
    {"h": 3600 * SECOND_NS, "m": 60 * SECOND_NS, "s": SECOND_NS, "ms": 10**6, "us": 10**3, "ns": 1}
)
_PART = r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:h|ms|us|ns|m|s)"
_DURATION = re.compile(rf"([+-]?)(0|(?:{_PART})+)")
_DURATION_PART = re.compile(r"([0-9.]+)(h|ms|us|ns|m|s)")
_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)
_OFFSET = re.compile(r"([+-]?)([0-9]{1,2}):([0-9]{2})")
_LONGEST = 64


def read_duration(text: str) -> int | None:
    """Read ``1h30m``, ``-1.5s`` or ``0``, the form of Go's ``time.ParseDuration``.

    Returns:
        Nanoseconds that fit into an int64, or None: not a duration, or not exact.
    """
    found = _DURATION.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    total = sum(
        (Fraction(number) * _UNITS_NS[unit] for number, unit in _DURATION_PART.findall(found[2])),
        Fraction(0),
    )
    signed = int(-total if found[1] == "-" else total)
    return signed if total.denominator == 1 and INT_MIN <= signed <= INT_MAX else None


def read_timestamp(text: str) -> int | None:
    """Read an RFC 3339 date and time, such as ``2009-02-13T23:31:30.5+01:00``.

    Returns:
        Nanoseconds since 1970-01-01T00:00:00Z, or None: no such time, or out of the
        years 1 to 9999.
    """
    found = _TIMESTAMP.fullmatch(text)
    if found is None:
        return None
    day = _day(int(found[1]), int(found[2]), int(found[3]))
    second = _seconds(found[4], found[5], int(found[6]))
    offset = _seconds(found[9], found[10], 0) if found[8] else 0
    if day is None or second is None or offset is None:
        return None
    total = day * _DAY_S + second - (-offset if found[8] == "-" else offset)
    return in_range(total * SECOND_NS + int((found[7] or "").ljust(9, "0")))


def in_range(nanoseconds: int) -> int | None:
    """Give a timestamp back when it lies in the years 1 to 9999."""
    return nanoseconds if TIMESTAMP_MIN <= nanoseconds <= TIMESTAMP_MAX else None


def _day(year: int, month: int, day: int) -> int | None:
    try:
        return date(year, month, day).toordinal() - _EPOCH_DAY
    except ValueError:
        return None


def _seconds(hours: str, minutes: str, seconds: int) -> int | None:
    """Count the seconds of a time of day; there is no hour 24 and no second 60."""
    fits = int(hours) < 24 and int(minutes) < 60 and seconds < 60  # noqa: PLR2004 - a clock's
    return int(hours) * 3600 + int(minutes) * 60 + seconds if fits else None


def write_timestamp(nanoseconds: int) -> str:
    """Write RFC 3339 in UTC; a fraction has three, six or nine digits."""
    seconds, fraction = divmod(nanoseconds, SECOND_NS)
    days, second = divmod(seconds, _DAY_S)
    day = date.fromordinal(days + _EPOCH_DAY)
    clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    return f"{day.year:04}-{day.month:02}-{day.day:02}T{clock}{_fraction(fraction)}Z"


def write_duration(nanoseconds: int) -> str:
    """Write seconds, such as ``-1.500s``; a fraction has three, six or nine digits."""
    seconds, fraction = divmod(abs(nanoseconds), SECOND_NS)
    return f"{'-' if nanoseconds < 0 else ''}{seconds}{_fraction(fraction)}s"


def _fraction(nanoseconds: int) -> str:
    """Write a fraction of a second in three, six or nine digits; none for a whole second."""
    if not nanoseconds:
        return ""
    digits = f"{nanoseconds:09}"
    return "." + digits.removesuffix("000").removesuffix("000")


def local_day(nanoseconds: int, zone: str) -> tuple[date, int]:
    """Give the date that a calendar shows in a zone, and the years to add to it.

    In a zone the first and last days may be in the years 0 and 10000, which Python's dates do not
    have: they are given as those of the same calendar 400 years nearer.

    Args:
        nanoseconds: A timestamp.
        zone: ``UTC``, an IANA name, or an offset such as ``-02:30``.

    Raises:
        EvaluationError: There is no such zone.
    """
    seconds = nanoseconds // SECOND_NS
    day = (seconds + zone_offset(seconds, zone)) // _DAY_S + _EPOCH_DAY
    if day < 1:
        return date.fromordinal(day + _ERA_DAYS), -_ERA_YEARS
    if day > date.max.toordinal():
        return date.fromordinal(day - _ERA_DAYS), _ERA_YEARS
    return date.fromordinal(day), 0


def local_second(nanoseconds: int, zone: str) -> int:
    """Give the second of the day that clocks show in a zone; EvaluationError as above."""
    seconds = nanoseconds // SECOND_NS
    return (seconds + zone_offset(seconds, zone)) % _DAY_S


def zone_offset(seconds: int, zone: str) -> int:
    """Find how many seconds a zone is ahead of UTC at a moment; EvaluationError as above."""
    found = _OFFSET.fullmatch(zone)
    if found is not None:
        offset = _seconds(found[2], found[3], 0)
        if offset is None:
            raise EvaluationError("there is no such time zone")
        return -offset if found[1] == "-" else offset
    if zone in ("UTC", ""):
        return 0
    try:
        within = min(max(seconds, _FIRST_MOMENT), _LAST_MOMENT)
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=within)
        ahead = moment.astimezone(ZoneInfo(zone)).utcoffset()
    except (LookupError, OSError, ValueError, OverflowError):
        raise EvaluationError("there is no such time zone") from None
    return 0 if ahead is None else int(ahead.total_seconds())
