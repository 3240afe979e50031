"""What a clock and a calendar show at a timestamp, and how long a duration is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

from flowengine.expr import times
from flowengine.expr.functions import Function
from flowengine.expr.types import DURATION, INT, STRING, TIMESTAMP

_Part = Callable[[date], int]

_DAYS_OF_WEEK = 7
_MS_NS = 10**6

_PARTS: tuple[tuple[str, _Part], ...] = (
    ("getMonth", lambda day: day.month - 1),
    ("getDate", lambda day: day.day),
    ("getDayOfMonth", lambda day: day.day - 1),
    ("getDayOfYear", lambda day: day.toordinal() - date(day.year, 1, 1).toordinal()),
    ("getDayOfWeek", lambda day: day.isoweekday() % _DAYS_OF_WEEK),
)
_HANDS: tuple[tuple[str, Callable[[int], int]], ...] = (
    ("getHours", lambda second: second // 3600),
    ("getMinutes", lambda second: second // 60 % 60),
    ("getSeconds", lambda second: second % 60),
)


def _shown(part: _Part, nanoseconds: int, zone: str = "UTC") -> int:
    return part(times.local_day(nanoseconds, zone)[0])


def _year(nanoseconds: int, zone: str = "UTC") -> int:
    day, years = times.local_day(nanoseconds, zone)
    return day.year + years


def _hand(part: Callable[[int], int], nanoseconds: int, zone: str = "UTC") -> int:
    return part(times.local_second(nanoseconds, zone))


def _milliseconds(nanoseconds: int, zone: str = "UTC") -> int:
    times.local_second(nanoseconds, zone)
    return nanoseconds % times.SECOND_NS // _MS_NS


def _total(unit: int, nanoseconds: int) -> int:
    """Count whole units, towards zero."""
    whole = abs(nanoseconds) // unit
    return -whole if nanoseconds < 0 else whole


def _duration_milliseconds(nanoseconds: int) -> int:
    """Give the fraction of a second only, as CEL does."""
    part = abs(nanoseconds) % times.SECOND_NS // _MS_NS
    return -part if nanoseconds < 0 else part


def _getters(name: str, implementation: Callable[..., int]) -> tuple[Function, ...]:
    return (
        Function(name, (TIMESTAMP,), INT, implementation, method=True, total=True),
        Function(name, (TIMESTAMP, STRING), INT, implementation, method=True),
    )


def _of_duration(name: str, unit: int) -> Function:
    return Function(name, (DURATION,), INT, partial(_total, unit), method=True, total=True)


FUNCTIONS: tuple[Function, ...] = (
    *(one for name, part in _PARTS for one in _getters(name, partial(_shown, part))),
    *(one for name, part in _HANDS for one in _getters(name, partial(_hand, part))),
    *_getters("getFullYear", _year),
    *_getters("getMilliseconds", _milliseconds),
    _of_duration("getHours", 3600 * times.SECOND_NS),
    _of_duration("getMinutes", 60 * times.SECOND_NS),
    _of_duration("getSeconds", times.SECOND_NS),
    Function("getMilliseconds", (DURATION,), INT, _duration_milliseconds, method=True, total=True),
)
"""The getters of timestamps, with or without a zone, and of durations."""
