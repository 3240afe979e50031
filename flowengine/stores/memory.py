"""Sign-ins, counters and users in memory: for scripts and tests, safe under threads.

All is lost when the process ends, and nothing is shared with another one.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from flowengine.accounts.account import Account, in_order
from flowengine.accounts.lockout import LockoutPolicy
from flowengine.accounts.pool import Pool
from flowengine.errors import StoreError
from flowengine.runtime.stored import (
    KEPT_AFTER_END,
    Allowed,
    Claimed,
    Crowded,
    Locked,
    NewStep,
    Peeked,
)
from flowengine.runtime.token import StepToken, same_secret
from flowengine.stores.counting import RESERVATION_LIFE_US, keep, key_hash
from flowengine.stores.instants import instant_of, microseconds, span
from flowengine.stores.naming import names_of
from flowengine.stores.purging import Turns


@dataclass(frozen=True, slots=True)
class _SignIn:
    now: NewStep
    tries: int
    step: int = 0
    used: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    outcome: str | None = None

    def takes(self, token: StepToken, now: datetime) -> bool:
        return (
            self.step == token.step
            and self.outcome is None
            and now < self.now.expires_at
            and self.used < self.tries
            and same_secret(token, self.now.secret_hash)
        )

    def with_used(self, used: int) -> _SignIn:
        return replace(self, used=used)

    def settled(self, next_step: NewStep, outcome: str | None) -> _SignIn:
        counts = {**self.counts, self.now.node: self.used}
        kept = next_step if outcome is None else replace(next_step, private=None)
        used = counts.get(next_step.node, 0)
        tries = kept.limit(used)
        return _SignIn(kept, tries, self.step + 1, used, MappingProxyType(counts), outcome)


class MemorySessions:
    """A ``SessionStore`` in memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[bytes, _SignIn] = {}
        self._turns = Turns()

    async def add(self, sign_in: bytes, step: NewStep, now: datetime) -> None:
        """Keep a new sign-in."""
        with self._lock:
            if self._turns.is_due():
                self._purge(now)
            if sign_in in self._rows:
                raise StoreError("a sign-in of this id is there already")
            self._rows[sign_in] = _SignIn(step, step.limit(0))

    async def claim(self, token: StepToken, now: datetime) -> Claimed | None:
        """Load the current step and count one try."""
        with self._lock:
            row = self._rows.get(token.id)
            if row is None or not row.takes(token, now):
                return None
            used = row.used + 1
            self._rows[token.id] = row.with_used(used)
        step = row.now
        return Claimed(step.record, step.private, step.node, used, row.tries)

    async def release(self, sign_in: bytes, step: int) -> None:
        """Give a try back."""
        with self._lock:
            row = self._rows.get(sign_in)
            if row is not None and row.step == step and row.outcome is None and row.used > 0:
                self._rows[sign_in] = row.with_used(row.used - 1)

    async def settle(
        self, sign_in: bytes, step: int, next_step: NewStep, outcome: str | None
    ) -> bool:
        """Go from ``step`` to the next, or lose the race."""
        with self._lock:
            row = self._rows.get(sign_in)
            if row is None or row.step != step or row.outcome is not None:
                return False
            self._rows[sign_in] = row.settled(next_step, outcome)
            return True

    async def peek(self, sign_in: bytes, now: datetime) -> Peeked | None:
        """Say how a row stands."""
        row = self._rows.get(sign_in)
        if row is None or row.now.expires_at + KEPT_AFTER_END <= now:
            return None
        return Peeked(
            step=row.step,
            secret_hash=row.now.secret_hash,
            ended=row.outcome is not None,
            expires_at=row.now.expires_at,
            tries_left=max(row.tries - row.used, 0),
        )

    def _purge(self, now: datetime) -> None:
        dead = [k for k, row in self._rows.items() if row.now.expires_at + KEPT_AFTER_END <= now]
        for key in dead:
            del self._rows[key]


@dataclass(frozen=True, slots=True)
class _Count:
    """One key's count; instants in microseconds."""

    failures: int = 0
    last_try: int = 0
    locked_until: int = 0
    serial: int = 0
    pending: tuple[int, ...] = ()
    kept_until: int = 0

    def failures_at(self, now: int, quiet: int) -> int:
        return 0 if self.last_try <= now - quiet else self.failures

    def tried(self, policy: LockoutPolicy, now: int) -> _Count | None:
        failures = self.failures_at(now, span(policy.quiet))
        waiting = tuple(p for p in self.pending if p > now - RESERVATION_LIFE_US)
        if self.locked_until > now or len(waiting) >= policy.allowance(failures):
            return None
        serial = max(self.serial + 1, now)
        return _Count(
            failures=failures,
            last_try=max(self.last_try, now),
            locked_until=self.locked_until,
            serial=serial,
            pending=(*waiting, serial),
            kept_until=max(self.kept_until, serial + keep(policy)),
        )

    def failed(self, reservation: int, policy: LockoutPolicy, now: int) -> _Count:
        failures = self.failures_at(now, span(policy.quiet)) + 1
        lock = span(policy.lock(failures))
        locked_until = max(self.locked_until, now + lock if lock else 0)
        serial = max(self.serial, reservation)
        return _Count(
            failures=failures,
            last_try=max(self.last_try, now),
            locked_until=locked_until,
            serial=serial,
            pending=tuple(p for p in self.pending if p != reservation),
            kept_until=max(self.kept_until, max(now, serial) + keep(policy), locked_until),
        )


class MemoryCounters:
    """``Counters`` in memory, on the pure functions of the policy: what the others agree with."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[bytes, _Count] = {}
        self._spent: dict[bytes, int] = {}
        self._turns = Turns()

    async def try_now(
        self, key: str, policy: LockoutPolicy, now: datetime
    ) -> Allowed | Locked | Crowded:
        """Reserve a try."""
        kept, at = key_hash(key), microseconds(now)
        with self._lock:
            if self._turns.is_due():
                self._purge(at)
            count = self._counts.get(kept, _Count())
            tried = count.tried(policy, at)
            if tried is None:
                until = count.locked_until
                return Locked(instant_of(until)) if until > at else Crowded()
            self._counts[kept] = tried
        return Allowed(tried.serial)

    async def give_back(self, key: str, reservation: int) -> None:
        """Take back one's own reservation."""
        kept = key_hash(key)
        with self._lock:
            count = self._counts.get(kept)
            if count is not None:
                pending = tuple(p for p in count.pending if p != reservation)
                self._counts[kept] = replace(count, pending=pending)

    async def count_wrong(
        self, key: str, reservation: int, policy: LockoutPolicy, now: datetime
    ) -> None:
        """Turn a reservation into a failure; one that lapsed meanwhile counts all the same."""
        kept = key_hash(key)
        with self._lock:
            count = self._counts.get(kept, _Count())
            self._counts[kept] = count.failed(reservation, policy, microseconds(now))

    async def clear(self, key: str) -> None:
        """Forget the failures of a key, and the lock that they made."""
        kept = key_hash(key)
        with self._lock:
            count = self._counts.get(kept)
            if count is not None:
                self._counts[kept] = replace(count, failures=0, locked_until=0)

    async def spend_once(self, key: str, until: datetime, now: datetime) -> bool:
        """Burn a key."""
        kept, at = key_hash(key), microseconds(now)
        with self._lock:
            if self._turns.is_due():
                self._purge(at)
            if self._spent.get(kept, at) > at:
                return False
            self._spent[kept] = microseconds(until)
            return True

    def _purge(self, at: int) -> None:
        for kept in [k for k, count in self._counts.items() if count.kept_until <= at]:
            del self._counts[kept]
        for kept in [k for k, until in self._spent.items() if until <= at]:
            del self._spent[kept]


class MemoryDirectory:
    """A ``Directory`` in memory."""

    def __init__(self, pools: Mapping[str, Pool]) -> None:
        """Take the pools whose users it keeps, by id."""
        self._lock = threading.Lock()
        self._pools = pools
        self._accounts: dict[tuple[str, str], Account] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._passkeys: dict[tuple[str, bytes], str] = {}

    async def find(self, pool_id: str, name: str) -> Account | None:
        """Find a user by user name or verified alias."""
        pool = self._pools.get(pool_id)
        if pool is None:
            return None
        with self._lock:
            username = self._names.get((pool_id, pool.fold(name)))
            return None if username is None else self._accounts[pool_id, username]

    async def add(self, account: Account) -> bool:
        """Add a user."""
        pool = self._pool(account)
        key = pool.fold(account.username)
        with self._lock:
            if self._owners(pool, account):
                return False
            self._keep(pool, account, key)
            return True

    async def save(self, account: Account, old_stamp: str) -> bool:
        """Write a user if nobody wrote it since ``old_stamp``."""
        pool = self._pool(account)
        key = pool.fold(account.username)
        with self._lock:
            old = self._accounts.get((pool.id, key))
            if old is None or (old.stamp, old.sub) != (old_stamp, account.sub):
                return False
            if self._owners(pool, account) - {key}:
                return False
            self._forget(pool.id, key)
            counts = {each.credential_id: each.sign_count for each in old.passkeys}
            passkeys = (
                replace(each, sign_count=counts.get(each.credential_id, each.sign_count))
                for each in account.passkeys
            )
            kept = replace(
                account,
                username=old.username,
                created_at=old.created_at,
                passkeys=tuple(passkeys),
            )
            self._keep(pool, kept, key)
            return True

    async def remove(self, pool_id: str, username: str) -> bool:
        """Remove a user."""
        pool = self._pools.get(pool_id)
        if pool is None:
            return False
        key = pool.fold(username)
        with self._lock:
            if self._accounts.pop((pool_id, key), None) is None:
                return False
            self._forget(pool_id, key)
            return True

    async def page(self, pool_id: str, after: str, limit: int) -> Sequence[Account]:
        """Give users in the order of their names."""
        pool = self._pools.get(pool_id)
        if pool is None or limit < 1:
            return ()
        with self._lock:
            first = pool.fold(after)
            keys = sorted(key for key in self._accounts if key[0] == pool_id and key[1] > first)
            return [self._accounts[key] for key in keys[:limit]]

    async def passkey_owner(self, pool_id: str, credential_id: bytes) -> str | None:
        """Name the user who has a passkey."""
        with self._lock:
            key = self._passkeys.get((pool_id, credential_id))
            return None if key is None else self._accounts[pool_id, key].username

    async def count_passkey(self, pool_id: str, credential_id: bytes, old: int, new: int) -> bool:
        """Compare-and-swap on a passkey's counter."""
        with self._lock:
            key = self._passkeys.get((pool_id, credential_id))
            if key is None or new <= old:
                return False
            account = self._accounts[pool_id, key]
            counted = next(p for p in account.passkeys if p.credential_id == credential_id)
            if counted.sign_count != old:
                return False
            others = (p for p in account.passkeys if p is not counted)
            passkeys = in_order((replace(counted, sign_count=new), *others))
            self._accounts[pool_id, key] = replace(account, passkeys=passkeys)
            return True

    def _pool(self, account: Account) -> Pool:
        pool = self._pools.get(account.pool_id)
        if pool is None:
            raise StoreError("the directory does not keep the users of this pool")
        return pool

    def _owners(self, pool: Pool, account: Account) -> set[str]:
        keys = ((pool.id, name) for name in names_of(pool, account))
        ids = ((pool.id, each.credential_id) for each in account.passkeys)
        named = {self._names[key] for key in keys if key in self._names}
        return named | {self._passkeys[key] for key in ids if key in self._passkeys}

    def _keep(self, pool: Pool, account: Account, key: str) -> None:
        if account.passkeys:
            account = replace(account, passkeys=in_order(account.passkeys))
        self._accounts[pool.id, key] = account
        for passkey in account.passkeys:
            self._passkeys[pool.id, passkey.credential_id] = key
        for name in names_of(pool, account):
            self._names[pool.id, name] = key

    def _forget(self, pool_id: str, key: str) -> None:
        """Free the names and the passkeys of a user."""
        ids = [i for i, owner in self._passkeys.items() if i[0] == pool_id and owner == key]
        for credential in ids:
            del self._passkeys[credential]
        mine = [n for n, owner in self._names.items() if n[0] == pool_id and owner == key]
        for name in mine:
            del self._names[name]
