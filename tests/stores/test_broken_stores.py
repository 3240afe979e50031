"""The contracts find out a store that breaks a promise: each check can fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from flowengine.accounts.lockout import LockoutPolicy
from flowengine.runtime.stored import Allowed, Claimed, Crowded, Grant, Locked, NewStep
from flowengine.runtime.token import StepToken
from flowengine.stores.memory import MemoryCounters, MemorySessions
from flowengine.stores.memory_grants import MemoryGrants
from flowengine.testing.contracts.candidate import BrokenContractError, drive
from flowengine.testing.contracts.counters import check_counters
from flowengine.testing.contracts.grants import check_grants
from flowengine.testing.contracts.sessions import check_session_store


class _NeverCounts(MemorySessions):
    async def claim(self, token: StepToken, now: datetime) -> Claimed | None:
        claimed = await super().claim(token, now)
        await super().release(token.id, token.step)
        return claimed


class _Lenient(MemorySessions):
    async def claim(self, token: StepToken, now: datetime) -> Claimed | None:
        return await super().claim(token, now - timedelta(microseconds=1))


class _ReleasesAnyStep(MemorySessions):
    async def release(self, sign_in: bytes, step: int) -> None:
        row = self._rows.get(sign_in)
        await super().release(sign_in, step if row is None else row.step)


class _ForgetsCounts(MemorySessions):
    async def settle(
        self, sign_in: bytes, step: int, next_step: NewStep, outcome: str | None
    ) -> bool:
        settled = await super().settle(sign_in, step, next_step, outcome)
        if settled:
            self._rows[sign_in] = replace(self._rows[sign_in], counts={}, used=0)
        return settled


class _NeverEnds(MemorySessions):
    async def settle(
        self, sign_in: bytes, step: int, next_step: NewStep, outcome: str | None
    ) -> bool:
        return await super().settle(sign_in, step, next_step, None if outcome else outcome)


class _LastWriterWins(MemorySessions):
    async def settle(
        self, sign_in: bytes, step: int, next_step: NewStep, outcome: str | None
    ) -> bool:
        return await super().settle(sign_in, step, next_step, outcome) or sign_in in self._rows


class _AnySecret(MemorySessions):
    async def claim(self, token: StepToken, now: datetime) -> Claimed | None:
        row = self._rows.get(token.id)
        if row is not None and row.step == token.step:
            self._rows[token.id] = replace(row, now=replace(row.now, secret_hash=token.secret_hash))
        return await super().claim(token, now)


@pytest.mark.parametrize(
    "broken",
    [
        _NeverCounts,
        _Lenient,
        _ReleasesAnyStep,
        _ForgetsCounts,
        _NeverEnds,
        _LastWriterWins,
        _AnySecret,
    ],
)
def test_a_broken_session_store_is_found_out(broken: Callable[[], MemorySessions]) -> None:
    with pytest.raises(BrokenContractError):
        drive(check_session_store(broken))


class _NeverCrowded(MemoryCounters):
    async def try_now(
        self, key: str, policy: LockoutPolicy, now: datetime
    ) -> Allowed | Locked | Crowded:
        tried = await super().try_now(key, policy, now)
        return Allowed(0) if isinstance(tried, Crowded) else tried


class _GivesBackAnyones(MemoryCounters):
    async def give_back(self, key: str, reservation: int) -> None:
        del reservation
        for count in list(self._counts.values()):
            for pending in count.pending[:1]:
                await super().give_back(key, pending)


class _ClearsAll(MemoryCounters):
    async def clear(self, key: str) -> None:
        del key
        self._counts.clear()


class _SpendsTwice(MemoryCounters):
    async def spend_once(self, key: str, until: datetime, now: datetime) -> bool:
        return await super().spend_once(key, until, now) or key.endswith("password")


class _CountsNothingWrong(MemoryCounters):
    async def count_wrong(
        self, key: str, reservation: int, policy: LockoutPolicy, now: datetime
    ) -> None:
        del policy, now
        await self.give_back(key, reservation)


@pytest.mark.parametrize(
    "broken",
    [_NeverCrowded, _GivesBackAnyones, _ClearsAll, _SpendsTwice, _CountsNothingWrong],
)
def test_broken_counters_are_found_out(broken: Callable[[], MemoryCounters]) -> None:
    with pytest.raises(BrokenContractError):
        drive(check_counters(broken))


class _RotatesAnyToken(MemoryGrants):
    async def rotate(self, grant: Grant, old_hash: bytes, now: datetime) -> bool:
        found = await self.find(grant.family)
        return await super().rotate(grant, found.hash if found else old_hash, now)


class _Prolongs(MemoryGrants):
    async def rotate(self, grant: Grant, old_hash: bytes, now: datetime) -> bool:
        rotated = await super().rotate(grant, old_hash, now)
        if rotated:
            kept = self._grants[grant.family]
            self._grants[grant.family] = replace(kept, expires_at=grant.expires_at)
        return rotated


class _RotatesExpired(MemoryGrants):
    async def rotate(self, grant: Grant, old_hash: bytes, now: datetime) -> bool:
        return await super().rotate(grant, old_hash, now - timedelta(microseconds=1))


class _RotatesRevoked(MemoryGrants):
    async def rotate(self, grant: Grant, old_hash: bytes, now: datetime) -> bool:
        kept = self._grants.get(grant.family)
        if kept is not None and kept.hash == old_hash:
            self._grants[grant.family] = replace(kept, revoked=False)
        return await super().rotate(grant, old_hash, now)


class _RevokesAPool(MemoryGrants):
    async def revoke_user(self, pool_id: str, username: str) -> None:
        await super().revoke_user(pool_id, username)
        for grant in list(self._grants.values()):
            if grant.username == username:
                await self.revoke(grant.origin_jti)


class _BelievesTheUnknown(MemoryGrants):
    async def live(self, origin_jti: str) -> Grant | None:
        return await super().live(origin_jti) or self._grants.get(next(iter(self._grants)))


class _ForgetsTheExpired(MemoryGrants):
    async def add(self, grant: Grant) -> None:
        for old in list(self._grants.values()):
            if old.expires_at <= grant.auth_time:
                del self._grants[old.family], self._families[old.origin_jti]
        await super().add(grant)


@pytest.mark.parametrize(
    "broken",
    [
        _RotatesAnyToken,
        _Prolongs,
        _RotatesExpired,
        _RotatesRevoked,
        _RevokesAPool,
        _BelievesTheUnknown,
        _ForgetsTheExpired,
    ],
)
def test_broken_grants_are_found_out(broken: Callable[[], MemoryGrants]) -> None:
    with pytest.raises(BrokenContractError):
        drive(check_grants(broken))


def test_the_stores_that_they_break_keep_the_contract() -> None:
    drive(check_session_store(MemorySessions))
    drive(check_counters(MemoryCounters))
    drive(check_grants(MemoryGrants))
