from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.accounts.lockout import LockoutPolicy
from flowengine.stores.counting import LockNumbers, key_hash, lock_numbers
from flowengine.stores.instants import span

_SHORT = st.integers(0, 60 * 10**6).map(lambda us: timedelta(microseconds=us))
_LONG = st.integers(0, 10**12).map(lambda us: timedelta(microseconds=us))


def _lock(numbers: LockNumbers, failures: int) -> int:
    """Compute the lock as the statements do."""
    over = failures - numbers["threshold"]
    if over < 0:
        return 0
    if over >= numbers["doublings"]:
        return numbers["longest_lock"]
    return numbers["first_lock"] << over


@given(first=_SHORT, longest=_LONG, failures=st.integers(0, 60))
def test_the_numbers_make_the_lock_that_the_policy_makes(
    first: timedelta, longest: timedelta, failures: int
) -> None:
    policy = LockoutPolicy(threshold=5, first_lock=first, longest_lock=longest)
    assert _lock(lock_numbers(policy), failures) == span(policy.lock(failures))


@given(first=_LONG, longest=_LONG, failures=st.integers(0, 10**9))
def test_no_lock_is_longer_than_the_longest(
    first: timedelta, longest: timedelta, failures: int
) -> None:
    policy = LockoutPolicy(threshold=5, first_lock=first, longest_lock=longest)
    assert 0 <= _lock(lock_numbers(policy), failures) <= span(longest)


@pytest.mark.parametrize("key", ["", "x" * 10_000, "\ud800", "\x00"])
def test_a_key_is_kept_as_32_bytes(key: str) -> None:
    assert len(key_hash(key)) == 32


def test_keys_that_differ_are_kept_apart() -> None:
    assert len({key_hash(key) for key in ("", "a", "A", "a\x00", "\ud800", "\udfff")}) == 6
