"""What is memory's own: it forgets what nobody needs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from flowengine.accounts.account import Account
from flowengine.accounts.lockout import LockoutPolicy
from flowengine.errors import StoreError
from flowengine.runtime.stored import KEPT_AFTER_END, NewStep
from flowengine.stores.memory import MemoryCounters, MemoryDirectory, MemorySessions
from flowengine.stores.purging import PURGE_EVERY
from flowengine.testing.contracts.candidate import drive

_NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def _step(life: timedelta) -> NewStep:
    return NewStep(bytes(32), "{}", b"hunter2", "code", 3, _NOW + life)


def test_dead_sign_ins_are_forgotten() -> None:
    sessions = MemorySessions()
    drive(sessions.add(b"old", _step(timedelta(0)), _NOW))
    for number in range(PURGE_EVERY):
        drive(sessions.add(bytes([number]), _step(timedelta(1)), _NOW + KEPT_AFTER_END))
    assert len(sessions._rows) == PURGE_EVERY


def test_an_outcome_wipes_private() -> None:
    sessions = MemorySessions()
    drive(sessions.add(b"id", _step(timedelta(1)), _NOW))
    assert drive(sessions.settle(b"id", 0, _step(timedelta(1)), "success"))
    assert sessions._rows[b"id"].now.private is None


def test_counters_that_cannot_matter_are_forgotten() -> None:
    counters, policy = MemoryCounters(), LockoutPolicy()
    drive(counters.try_now("old", policy, _NOW))
    for number in range(PURGE_EVERY):
        drive(counters.try_now(str(number), policy, _NOW + policy.quiet))
    assert len(counters._counts) == PURGE_EVERY


def test_spent_keys_that_cannot_matter_are_forgotten() -> None:
    counters = MemoryCounters()
    drive(counters.spend_once("old", _NOW, _NOW))
    for number in range(PURGE_EVERY):
        drive(counters.spend_once(str(number), _NOW + timedelta(1), _NOW))
    assert len(counters._spent) == PURGE_EVERY


def test_a_pool_that_is_not_the_directorys_is_refused() -> None:
    stranger = Account("eu-west-1_Other", "zoe", "sub", "stamp", _NOW, _NOW)
    with pytest.raises(StoreError):
        drive(MemoryDirectory({}).add(stranger))
