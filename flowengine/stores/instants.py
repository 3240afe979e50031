"""Instants as the tables hold them: whole microseconds since the epoch, exact and ordered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(instant: datetime) -> int:
    """Write an aware instant; a naive one is a TypeError."""
    return (instant - _EPOCH) // _MICROSECOND


def span(duration: timedelta) -> int:
    """Write a duration in microseconds."""
    return duration // _MICROSECOND


def instant_of(written: int) -> datetime:
    """Read an instant; UTC."""
    return _EPOCH + timedelta(microseconds=written)
