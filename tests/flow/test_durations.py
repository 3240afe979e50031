"""Durations are written as flows write them, and read back as the same."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.flow.durations import parse_duration, write_duration


@given(st.integers(0, 999_999_999), st.sampled_from(["milliseconds", "seconds", "hours"]))
def test_what_is_written_reads_back(number: int, unit: str) -> None:
    duration = timedelta(**{unit: number})
    assert parse_duration(write_duration(duration)) == duration


@pytest.mark.parametrize(
    ("seconds", "written"), [(0, "0d"), (0.5, "500ms"), (90, "90s"), (120, "2m"), (86400, "1d")]
)
def test_the_largest_unit_is_taken(seconds: float, written: str) -> None:
    assert write_duration(timedelta(seconds=seconds)) == written


@pytest.mark.parametrize(
    "duration",
    [timedelta(seconds=-1), timedelta(microseconds=1), timedelta(days=20_000, milliseconds=1)],
)
def test_what_no_duration_says_is_refused(duration: timedelta) -> None:
    with pytest.raises(ValueError, match="no duration that can be written"):
        write_duration(duration)
