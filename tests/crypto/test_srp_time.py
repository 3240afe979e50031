from __future__ import annotations

import locale
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowengine.crypto import srp_time

MOMENT = datetime(2023, 9, 5, 7, 8, 9, tzinfo=UTC)
CANONICAL = "Tue Sep 5 07:08:09 UTC 2023"


def test_a_time_is_written_as_cognito_writes_it() -> None:
    assert srp_time.render(MOMENT) == CANONICAL
    assert srp_time.render(datetime(2024, 12, 31, 23, 59, 59, tzinfo=UTC)) == (
        "Tue Dec 31 23:59:59 UTC 2024"
    )


def test_a_time_of_another_zone_is_written_in_utc() -> None:
    there = MOMENT.astimezone(timezone(timedelta(hours=-7)))
    assert srp_time.render(there) == CANONICAL


@given(st.datetimes(timezones=st.just(UTC)))
@settings(deadline=None)
def test_what_is_written_reads_back_to_the_second(moment: datetime) -> None:
    assert srp_time.parse(srp_time.render(moment)) == moment.replace(microsecond=0)


@pytest.mark.parametrize(
    "text",
    [
        "Tue Sep 05 07:08:09 UTC 2023",
        "Mon Sep 5 07:08:09 UTC 2023",
        "Tue Sep 5 7:08:09 UTC 2023",
        "Tue Sep  5 07:08:09 UTC 2023",
    ],
)
def test_what_parses_without_being_canonical_is_signed_differently(text: str) -> None:
    parsed = srp_time.parse(text)
    assert parsed == MOMENT
    assert srp_time.render(parsed) == CANONICAL != text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2023-09-05T07:08:09Z",
        "Di Sep 5 07:08:09 UTC 2023",
        "Tue Sept 5 07:08:09 UTC 2023",
        "tue sep 5 07:08:09 UTC 2023",
        "Tue Sep 31 07:08:09 UTC 2023",
        "Tue Feb 29 07:08:09 UTC 2023",
        "Tue Sep 5 24:08:09 UTC 2023",
        "Tue Sep 5 07:60:09 UTC 2023",
        "Tue Sep 5 07:08:60 UTC 2023",
        "Tue Sep 5 07:08:09 GMT 2023",
        "Tue Sep 5 07:08:09 +0000 2023",
        "Tue Sep 5 07:08:09 UTC 0000",
        "Tue Sep 5 07:08:09 UTC 23",
        "Tue Sep 5 07:08:09 UTC 12023",
        "Tue Sep 5 07:08:09 UTC 2023\n",
        " Tue Sep 5 07:08:09 UTC 2023",
        "Tue Sep \u0665 07:08:09 UTC 2023",
        "\ud800",
    ],
)
def test_what_is_not_a_time_of_this_form_is_none(text: str) -> None:
    assert srp_time.parse(text) is None


def test_no_locale_is_asked() -> None:
    before = locale.setlocale(locale.LC_TIME)
    for name in ("de_DE.UTF-8", "C.UTF-8", "C"):
        try:
            locale.setlocale(locale.LC_TIME, name)
        except locale.Error:
            continue
        try:
            assert srp_time.render(MOMENT) == CANONICAL
            assert srp_time.parse(CANONICAL) == MOMENT
        finally:
            locale.setlocale(locale.LC_TIME, before)
