"""What all counters share: how keys are kept, how long a reservation lives, the lock in numbers.

A reservation's number is the microsecond at which it was made, or one more than the last
number of its key where that is greater. So a number is never given twice, not even after the
row was forgotten, a late ``give_back`` can only ever take its own, and a number tells by
itself whether it has lapsed.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TypedDict

from flowengine.accounts.lockout import LockoutPolicy
from flowengine.stores.instants import span

RESERVATION_LIFE = timedelta(minutes=1)
RESERVATION_LIFE_US = span(RESERVATION_LIFE)


def key_hash(key: str) -> bytes:
    """Give what a key is kept as: SHA-256, of one length and naming nobody.

    A key may hold what a client sent, hence also half of a surrogate pair.
    """
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


class LockNumbers(TypedDict):
    """The parameters by which a statement computes the allowance and the lock.

    Durations are in microseconds. ``first_lock << n`` is below ``longest_lock`` for each n
    below ``doublings``, so that no statement can overflow 64 bits, however great the count.
    """

    threshold: int
    quiet: int
    keep: int
    lock_of_first: int
    first_lock: int
    longest_lock: int
    doublings: int


def lock_numbers(policy: LockoutPolicy) -> LockNumbers:
    """Write a policy as parameters."""
    first, longest = span(policy.first_lock), span(policy.longest_lock)
    if first <= 0 or longest <= 0:
        first, longest = 0, 0
    return {
        "threshold": policy.threshold,
        "quiet": span(policy.quiet),
        "keep": keep(policy),
        "lock_of_first": span(policy.lock(1)),
        "first_lock": first,
        "longest_lock": longest,
        # The least n with first * 2^n >= longest.
        "doublings": (-(-longest // first) - 1).bit_length() if first else 0,
    }


def keep(policy: LockoutPolicy) -> int:
    """Say for how long after its last reservation a key matters, in microseconds."""
    return max(span(policy.quiet), RESERVATION_LIFE_US)
