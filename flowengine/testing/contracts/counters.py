"""The contract of ``Counters``."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from flowengine.accounts.lockout import LockoutPolicy
from flowengine.engine.ports import Counters
from flowengine.runtime.stored import Allowed, Crowded, Locked
from flowengine.testing.contracts.candidate import Candidate, Check, Race, expect, in_threads

_NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
_POLICY = LockoutPolicy()
_TICK = timedelta(microseconds=1)
_SECOND = timedelta(seconds=1)
_LAPSE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Key:
    """One key of a check."""

    counters: Counters
    key: str = field(default_factory=lambda: f"lock|{uuid.uuid4()}|password")

    async def try_at(
        self, now: datetime, policy: LockoutPolicy = _POLICY
    ) -> Allowed | Locked | Crowded:
        return await self.counters.try_now(self.key, policy, now)

    async def reserve(self, now: datetime, policy: LockoutPolicy = _POLICY) -> int:
        tried = await self.try_at(now, policy)
        expect(isinstance(tried, Allowed), "a try is allowed here")
        return tried.reservation if isinstance(tried, Allowed) else -1

    async def wrong(self, reservation: int, now: datetime) -> None:
        await self.counters.count_wrong(self.key, reservation, _POLICY, now)

    async def fail(self, times: int, now: datetime = _NOW) -> None:
        for _ in range(times):
            await self.wrong(await self.reserve(now), now)

    async def free(self, now: datetime) -> int:
        """Reserve until it is crowded; say how many went in."""
        for number in range(_POLICY.threshold + 1):
            if not isinstance(await self.try_at(now), Allowed):
                return number
        return _POLICY.threshold + 1


def _key(candidate: Candidate[Counters]) -> _Key:
    return _Key(candidate.make())


async def as_many_tries_at_once_as_the_policy_allows(candidate: Candidate[Counters]) -> None:
    """Reservations above the allowance are crowded, and make no lock."""
    key = _key(candidate)
    expect(await key.free(_NOW) == _POLICY.threshold, "the allowance is the threshold at first")
    expect(await key.try_at(_NOW) == Crowded(), "one more is crowded, not locked")


async def a_reservation_lapses_after_a_minute(candidate: Candidate[Counters]) -> None:
    """One that is never given back or counted is free again at that instant."""
    key = _key(candidate)
    await key.free(_NOW)
    expect(await key.try_at(_NOW + _LAPSE - _SECOND) == Crowded(), "it holds for a minute")
    again = await key.try_at(_NOW + _LAPSE + _SECOND)
    expect(isinstance(again, Allowed), "it has lapsed after a minute")


async def a_right_answer_gives_its_own_reservation_back(candidate: Candidate[Counters]) -> None:
    """One place is free again, and giving back twice frees no second one."""
    key = _key(candidate)
    mine = await key.reserve(_NOW)
    await key.free(_NOW)
    await key.counters.give_back(key.key, mine)
    await key.counters.give_back(key.key, mine)
    expect(await key.free(_NOW) == 1, "exactly one's own reservation is given back")


async def a_late_give_back_takes_nobody_elses(candidate: Candidate[Counters]) -> None:
    """A reservation that lapsed is not one of those made since."""
    key = _key(candidate)
    late = await key.reserve(_NOW)
    later = _NOW + _LAPSE + _SECOND
    await key.free(later)
    await key.counters.give_back(key.key, late)
    expect(await key.try_at(later) == Crowded(), "a late give_back frees nothing")


async def reservations_are_told_apart(candidate: Candidate[Counters]) -> None:
    """No number is given twice."""
    key = _key(candidate)
    numbers = [await key.reserve(_NOW) for _ in range(3)]
    await key.counters.give_back(key.key, numbers[-1])
    numbers.append(await key.reserve(_NOW))
    expect(len(set(numbers)) == len(numbers), "no number is given twice")


async def failures_narrow_the_allowance(candidate: Candidate[Counters]) -> None:
    """After four failures one try is under way at a time."""
    key = _key(candidate)
    await key.fail(2)
    expect(await key.free(_NOW) == _POLICY.allowance(2), "each failure takes one place")


async def the_threshold_locks(candidate: Candidate[Counters]) -> None:
    """The fifth failure locks for a second; a try at its end is allowed."""
    key = _key(candidate)
    await key.fail(_POLICY.threshold - 1)
    expect(isinstance(await key.try_at(_NOW), Allowed), "four failures do not lock")
    key = _key(candidate)
    await key.fail(_POLICY.threshold)
    until = _NOW + _POLICY.lock(_POLICY.threshold)
    expect(await key.try_at(_NOW) == Locked(until), "the fifth failure locks")
    expect(await key.try_at(until - _TICK) == Locked(until), "until just before its end")
    expect(isinstance(await key.try_at(until), Allowed), "a try at its end is allowed")


async def each_further_failure_doubles_the_lock(candidate: Candidate[Counters]) -> None:
    """Up to the longest lock; after a quiet time as long as that, the count starts again."""
    key = _key(candidate)
    await key.fail(_POLICY.threshold)
    now = _NOW
    for failures in range(_POLICY.threshold, _POLICY.threshold + 10):
        now += _POLICY.lock(failures)
        await key.fail(1, now)
        locked = Locked(now + _POLICY.lock(failures + 1))
        expect(await key.try_at(now) == locked, "each failure locks as the policy says")


async def a_locked_key_is_not_changed_by_tries(candidate: Candidate[Counters]) -> None:
    """A refusal counts nothing, takes no place and makes no lock longer."""
    key = _key(candidate)
    await key.fail(_POLICY.threshold)
    until = _NOW + _POLICY.lock(_POLICY.threshold)
    for _ in range(20):
        expect(await key.try_at(_NOW) == Locked(until), "a refusal changes nothing")
    await key.reserve(until)


async def a_wrong_answer_whose_reservation_lapsed_counts(candidate: Candidate[Counters]) -> None:
    """It was compared, so it is a failure; it takes nobody else's reservation."""
    key = _key(candidate)
    late = await key.reserve(_NOW)
    later = _NOW + _LAPSE + _SECOND
    mine = await key.reserve(later)
    await key.wrong(late, later)
    left = _POLICY.allowance(1) - 1
    expect(await key.free(later) == left, "the failure counts and the reservation stays")
    await key.counters.give_back(key.key, mine)
    expect(await key.free(later) == 1, "the other reservation was still its owner's")


async def a_wrong_answer_of_an_unknown_key_counts(candidate: Candidate[Counters]) -> None:
    """A store that forgot the key does not forget the failure."""
    key = _key(candidate)
    await key.wrong(1, _NOW)
    expect(await key.free(_NOW) == _POLICY.allowance(1), "the failure counts")


async def clearing_forgets_failures_and_their_lock(candidate: Candidate[Counters]) -> None:
    """The factor was proved: the count starts again; others' reservations stay theirs."""
    key = _key(candidate)
    await key.fail(_POLICY.threshold)
    await key.counters.clear(key.key)
    expect(await key.free(_NOW) == _POLICY.threshold, "nothing is left of the failures")
    await key.counters.clear(key.key)
    expect(await key.try_at(_NOW) == Crowded(), "clearing frees no reservation")


async def clearing_an_unknown_key_does_nothing(candidate: Candidate[Counters]) -> None:
    """Nor does giving back."""
    key = _key(candidate)
    await key.counters.clear(key.key)
    await key.counters.give_back(key.key, 1)
    expect(await key.free(_NOW) == _POLICY.threshold, "the key is as new")


async def a_quiet_time_starts_the_count_again(candidate: Candidate[Counters]) -> None:
    """Measured from the last try; the instant itself is late enough."""
    key = _key(candidate)
    await key.fail(3)
    almost = _NOW + _POLICY.quiet - _TICK
    await key.fail(1, almost)
    expect(await key.free(almost) == _POLICY.allowance(4), "just before, the count goes on")
    key = _key(candidate)
    await key.fail(3)
    quiet = await key.free(_NOW + _POLICY.quiet)
    expect(quiet == _POLICY.threshold, "after it, the count starts again")


async def a_policy_locks_at_once_where_it_says_so(candidate: Candidate[Counters]) -> None:
    """A threshold of one, and a first lock beyond the cap."""
    policy = LockoutPolicy(
        threshold=1, first_lock=timedelta(minutes=2), longest_lock=timedelta(minutes=1)
    )
    key = _key(candidate)
    mine = await key.reserve(_NOW, policy)
    expect(await key.try_at(_NOW, policy) == Crowded(), "one at a time")
    await key.counters.count_wrong(key.key, mine, policy, _NOW)
    locked = Locked(_NOW + policy.longest_lock)
    expect(await key.try_at(_NOW, policy) == locked, "the cap is the lock")


async def a_lock_lasts_as_long_as_it_says(candidate: Candidate[Counters]) -> None:
    """A month too, whatever else is done meanwhile; a key of such a lock is a mark."""
    month = timedelta(days=30)
    policy = LockoutPolicy(threshold=1, first_lock=month, longest_lock=month, quiet=month)
    key = _key(candidate)
    mine = await key.reserve(_NOW, policy)
    await key.counters.count_wrong(key.key, mine, policy, _NOW)
    almost = _NOW + month - _TICK
    for number in range(300):  # more than pass between two purges
        await key.counters.try_now(f"{key.key}|{number}", policy, almost)
    expect(await key.try_at(almost, policy) == Locked(_NOW + month), "it holds for a month")
    again = await key.try_at(_NOW + month, policy)
    expect(isinstance(again, Allowed), "and not longer")


async def what_locks_nothing_locks_no_clock_that_is_behind(
    candidate: Candidate[Counters],
) -> None:
    """A failure below the threshold is no lock where it lies in the future."""
    key = _key(candidate)
    for failures in (1, 2):
        await key.fail(1)
        tried = await key.try_at(_NOW - timedelta(minutes=4))
        expect(isinstance(tried, Allowed), f"{failures} failures lock nowhere")


async def keys_are_apart(candidate: Candidate[Counters]) -> None:
    """Failures of one user's factor are nobody else's; any text is a key."""
    counters = candidate.make()
    name = f"lock|{uuid.uuid4()}"
    texts = ("", "x" * 5000, "\x00", "\ud800", "Zoë", "zoë")
    for text in texts:
        await _Key(counters, name + text).fail(1)
    for text in texts:
        left = await _Key(counters, name + text).free(_NOW)
        expect(left == _POLICY.allowance(1), "each key counts for itself")


async def what_is_spent_is_spent_once(candidate: Candidate[Counters]) -> None:
    """A key burns once; another key is another's."""
    key = _key(candidate)
    until = _NOW + _LAPSE
    expect(await key.counters.spend_once(key.key, until, _NOW), "the first to spend wins")
    expect(not await key.counters.spend_once(key.key, until, _NOW), "the second does not")
    late = await key.counters.spend_once(key.key, until, until - _TICK)
    expect(not late, "nor does one just before it may be forgotten")
    expect(await key.counters.spend_once(key.key + "x", until, _NOW), "another key is free")


async def spending_does_not_count_as_a_try(candidate: Candidate[Counters]) -> None:
    """One text as both kinds of key is two keys."""
    key = _key(candidate)
    await key.fail(1)
    expect(await key.counters.spend_once(key.key, _NOW + _LAPSE, _NOW), "the two are apart")
    await key.counters.clear(key.key)
    again = await key.counters.spend_once(key.key, _NOW + _LAPSE, _NOW)
    expect(not again, "clearing brings nothing back that was spent")


async def twelve_at_once_reserve_five_places(candidate: Candidate[Counters]) -> None:
    """However many try at once, the allowance holds, and each has a number of its own."""
    key = _key(candidate)
    tried = await candidate.race([lambda: key.try_at(_NOW)] * 12)
    numbers = {t.reservation for t in tried if isinstance(t, Allowed)}
    expect(len(numbers) == _POLICY.threshold, "as many reserve as are allowed")
    expect(tried.count(Crowded()) == 12 - _POLICY.threshold, "the rest are crowded")


async def twelve_at_once_spend_one_key(candidate: Candidate[Counters]) -> None:
    """However many spend a key at once, one wins."""
    key = _key(candidate)
    calls = [lambda: key.counters.spend_once(key.key, _NOW + _LAPSE, _NOW)] * 12
    expect(sum(await candidate.race(calls)) == 1, "exactly one spends it")


async def wrong_answers_at_once_all_count(candidate: Candidate[Counters]) -> None:
    """No failure is lost to another at the same time."""
    key = _key(candidate)
    numbers = [await key.reserve(_NOW) for _ in range(_POLICY.threshold)]
    await candidate.race([partial(key.wrong, n, _NOW) for n in numbers])
    locked = Locked(_NOW + _POLICY.lock(_POLICY.threshold))
    expect(await key.try_at(_NOW) == locked, "all failures count")


ALL_CHECKS: tuple[Check[Counters], ...] = (
    as_many_tries_at_once_as_the_policy_allows,
    a_reservation_lapses_after_a_minute,
    a_right_answer_gives_its_own_reservation_back,
    a_late_give_back_takes_nobody_elses,
    reservations_are_told_apart,
    failures_narrow_the_allowance,
    the_threshold_locks,
    each_further_failure_doubles_the_lock,
    a_locked_key_is_not_changed_by_tries,
    a_wrong_answer_whose_reservation_lapsed_counts,
    a_wrong_answer_of_an_unknown_key_counts,
    clearing_forgets_failures_and_their_lock,
    clearing_an_unknown_key_does_nothing,
    a_quiet_time_starts_the_count_again,
    a_policy_locks_at_once_where_it_says_so,
    a_lock_lasts_as_long_as_it_says,
    what_locks_nothing_locks_no_clock_that_is_behind,
    keys_are_apart,
    what_is_spent_is_spent_once,
    spending_does_not_count_as_a_try,
    twelve_at_once_reserve_five_places,
    twelve_at_once_spend_one_key,
    wrong_answers_at_once_all_count,
)


async def check_counters(make: Callable[[], Counters], race: Race = in_threads) -> None:
    """Run the whole contract.

    Raises:
        BrokenContractError: A promise is not kept; the message says which.
    """
    for check in ALL_CHECKS:
        await check(Candidate(make, race))
