"""Whatever happens to a key, every adapter tells what the one in memory tells."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowengine.accounts.lockout import LockoutPolicy
from flowengine.runtime.stored import Allowed, Crowded, Locked
from flowengine.stores.memory import MemoryCounters
from flowengine.testing.contracts.candidate import drive
from flowengine.testing.contracts.counter_histories import (
    Clear,
    CountWrong,
    GiveBack,
    Happening,
    History,
    Try,
    Wait,
    follow,
)
from tests.stores.conftest import Stores

_START = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
_US = timedelta(microseconds=1)
_S = timedelta(seconds=1)
_MIN = timedelta(minutes=1)

_POLICIES = st.builds(
    LockoutPolicy,
    threshold=st.integers(1, 6),
    first_lock=st.sampled_from([timedelta(0), _US, _S, 7 * _S, 2 * _MIN]),
    longest_lock=st.sampled_from([timedelta(0), _S, 15 * _MIN, timedelta(days=400)]),
    quiet=st.sampled_from([timedelta(0), _S, 15 * _MIN]),
)
_AROUND_A_MINUTE = (_MIN - _US, _MIN, _MIN + _US)
_AROUND_QUIET = (15 * _MIN - _US, 15 * _MIN, timedelta(days=1))
_BACKWARDS = (-_S, -2 * _MIN)
_DURATIONS = st.sampled_from(
    [_US, _S - _US, _S, 2 * _S, 7 * _S, *_AROUND_A_MINUTE, *_AROUND_QUIET, *_BACKWARDS]
)
_HAPPENINGS: st.SearchStrategy[Happening] = st.one_of(
    st.builds(Wait, _DURATIONS),
    st.just(Try()),
    st.just(Try()),
    st.builds(GiveBack, st.integers(0, 8)),
    st.builds(CountWrong, st.integers(0, 8)),
    st.just(Clear()),
)
_FAILURE: st.SearchStrategy[list[Happening]] = st.integers(0, 8).map(
    lambda which: [Try(), CountWrong(which)]
)
_RUNS = st.lists(st.one_of(_HAPPENINGS.map(lambda h: [h]), _FAILURE), max_size=40)
_HISTORIES = st.builds(
    lambda policy, runs: History(policy, _START, tuple(h for run in runs for h in run)),
    _POLICIES,
    _RUNS,
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # keys are new each time
)
@given(histories=st.lists(_HISTORIES, min_size=1, max_size=4))
def test_every_adapter_agrees_with_the_one_in_memory(
    stores: Stores, histories: list[History]
) -> None:
    async def compare() -> None:
        counters = stores.counters()
        for history in histories:
            key = str(uuid.uuid4())
            expected = await follow(MemoryCounters(), key, history)
            assert await follow(counters, key, history) == expected

    stores.run(compare())


def test_a_history_tells_of_locks_and_crowds() -> None:
    failures = [h for n in range(5) for h in (Try(), CountWrong(n))]
    happenings = (*failures, Try(), Wait(_S), Try(), Try())
    told = drive(follow(MemoryCounters(), "key", History(LockoutPolicy(), _START, happenings)))
    assert told == [Allowed] * 5 + [Locked(_START + _S), Allowed, Crowded()]
