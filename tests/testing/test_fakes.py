from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from flowengine.testing.fakes import FixedClock, ScriptedEntropy

_NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_fixed_clock_moves_only_when_it_is_told_to() -> None:
    clock = FixedClock(_NOW)
    assert clock.now() == clock.now() == _NOW
    assert clock.advance(timedelta(seconds=90)) == _NOW + timedelta(seconds=90)
    assert clock.now() == _NOW + timedelta(seconds=90)


@pytest.mark.parametrize("zone", [None, timezone(timedelta(hours=1))])
def test_a_fixed_clock_shows_utc_and_nothing_else(zone: timezone | None) -> None:
    with pytest.raises(ValueError, match="UTC"):
        FixedClock(_NOW.replace(tzinfo=zone))


def test_equal_seeds_draw_equal_bytes_however_they_are_cut() -> None:
    one, other = ScriptedEntropy("seed"), ScriptedEntropy("seed")
    assert one.draw(100) == b"".join(other.draw(size) for size in (0, 1, 31, 32, 36))


def test_what_is_drawn_does_not_repeat_and_follows_the_seed() -> None:
    entropy = ScriptedEntropy("seed")
    drawn = [entropy.draw(16) for _ in range(100)]
    assert len(set(drawn)) == 100
    assert ScriptedEntropy("other").draw(16) != drawn[0]
