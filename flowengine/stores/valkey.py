"""Sign-ins and counters in Valkey or Redis, over a blocking or an asynchronous driver.

Each method is one call of one script, which the server runs alone, and each key is a row: a hash
for a sign-in (``fe:{id}``) and for a counter (``fe:c:{hash}``), a text for what was spent
(``fe:s:{hash}``). Keys have a time to live, so there is nothing to purge. Operators may read
everything but ``private``, which is sealed.

What the server must be: one that never evicts (``maxmemory-policy noeviction``), or else a flood
of sign-ins drives out the locks and the spent codes; ``valkey_drivers.check`` asks. Replication is
asynchronous: a fail-over forgets what its last moments wrote, hence may give back some tries, a
lock or a spent code. Where that must not be, use PostgreSQL.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from flowengine.accounts.lockout import LockoutPolicy
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
from flowengine.runtime.token import StepToken
from flowengine.stores import valkey_scripts as scripts
from flowengine.stores.counting import RESERVATION_LIFE_US, key_hash, lock_numbers
from flowengine.stores.instants import instant_of, microseconds
from flowengine.stores.steps import claimed_of, parameters_of, peeked_of
from flowengine.stores.valkey_drivers import Argument, Driver, Reply

_MILLISECOND = timedelta(milliseconds=1)


class ValkeySessions:
    """A ``SessionStore`` in Valkey."""

    def __init__(self, driver: Driver) -> None:
        """Take the driver; its owner closes it."""
        self._driver = driver

    async def add(self, sign_in: bytes, step: NewStep, now: datetime) -> None:
        """Keep a new sign-in."""
        stay = _stay(step.expires_at + KEPT_AFTER_END, now)
        added = await self._driver.run(scripts.ADD, _sign_in(sign_in), (*_written(step), stay))
        if not added:
            raise StoreError("a sign-in of this id is there already")

    async def claim(self, token: StepToken, now: datetime) -> Claimed | None:
        """Load the current step and count one try."""
        arguments = (token.step, token.secret_hash, microseconds(now))
        return _claimed(await self._driver.run(scripts.CLAIM, _sign_in(token.id), arguments))

    async def release(self, sign_in: bytes, step: int) -> None:
        """Give a try back."""
        await self._driver.run(scripts.RELEASE, _sign_in(sign_in), (step,))

    async def settle(
        self, sign_in: bytes, step: int, next_step: NewStep, outcome: str | None
    ) -> bool:
        """Go from ``step`` to the next, or lose the race."""
        ended = "" if outcome is None else f"={outcome}"
        arguments = (step, *_written(next_step), ended)
        return bool(await self._driver.run(scripts.SETTLE, _sign_in(sign_in), arguments))

    async def peek(self, sign_in: bytes, now: datetime) -> Peeked | None:
        """Say how a row stands."""
        kept_since = microseconds(now - KEPT_AFTER_END)
        return _peeked(await self._driver.run(scripts.PEEK, _sign_in(sign_in), (kept_since,)))


class ValkeyCounters:
    """``Counters`` in Valkey."""

    def __init__(self, driver: Driver) -> None:
        """Take the driver; its owner closes it."""
        self._driver = driver

    async def try_now(
        self, key: str, policy: LockoutPolicy, now: datetime
    ) -> Allowed | Locked | Crowded:
        """Reserve a try."""
        arguments = (*_counted(policy, now), RESERVATION_LIFE_US)
        return _tried(await self._driver.run(scripts.TRY, _counter(key), arguments))

    async def give_back(self, key: str, reservation: int) -> None:
        """Take back one's own reservation."""
        await self._driver.run(scripts.GIVE_BACK, _counter(key), (reservation,))

    async def count_wrong(
        self, key: str, reservation: int, policy: LockoutPolicy, now: datetime
    ) -> None:
        """Turn a reservation into a failure; one that lapsed meanwhile counts all the same."""
        numbers = lock_numbers(policy)
        locks = (numbers["first_lock"], numbers["longest_lock"], numbers["doublings"])
        arguments = (*_counted(policy, now), reservation, *locks)
        await self._driver.run(scripts.WRONG, _counter(key), arguments)

    async def clear(self, key: str) -> None:
        """Forget the failures of a key, and the lock that they made."""
        await self._driver.run(scripts.CLEAR, _counter(key), ())

    async def spend_once(self, key: str, until: datetime, now: datetime) -> bool:
        """Burn a key."""
        arguments = (microseconds(until), microseconds(now), _stay(until, now))
        return bool(await self._driver.run(scripts.SPEND, f"fe:s:{_tag(key_hash(key))}", arguments))


def _tag(value: bytes) -> str:
    """Write what decides the slot in a cluster, and nothing else of the key does."""
    return "{" + base64.urlsafe_b64encode(value).decode("ascii").rstrip("=") + "}"


def _sign_in(sign_in: bytes) -> str:
    return f"fe:{_tag(sign_in)}"


def _counter(key: str) -> str:
    return f"fe:c:{_tag(key_hash(key))}"


def _stay(until: datetime, now: datetime) -> int:
    """Give the time to live of a key that is needed until then, in milliseconds."""
    return max((until - now) // _MILLISECOND, 0) + scripts.SWEPT_AFTER_MS


def _written(step: NewStep) -> Sequence[Argument]:
    written = parameters_of(step)
    return (
        written["secret_hash"],
        written["record"],
        b"" if written["private"] is None else b"=" + written["private"],
        written["node"],
        written["tries"],
        int(written["once"]),
        written["expires_at"],
    )


def _counted(policy: LockoutPolicy, now: datetime) -> Sequence[Argument]:
    numbers = lock_numbers(policy)
    return (microseconds(now), numbers["quiet"], numbers["keep"], numbers["threshold"])


def _claimed(reply: Reply) -> Claimed | None:
    match reply:
        case None:
            return None
        case [bytes(record), None | bytes() as private, bytes(node), int(used), bytes(tries)]:
            with _damage_told():
                return claimed_of((record.decode(), private, node.decode(), used, int(tries)))
    raise _damaged()


def _peeked(reply: Reply) -> Peeked | None:
    match reply:
        case None:
            return None
        case [bytes(step), bytes(secret_hash), int(ended), bytes(expires_at), int(tries_left)]:
            with _damage_told():
                return peeked_of((int(step), secret_hash, ended, int(expires_at), tries_left))
    raise _damaged()


def _tried(reply: Reply) -> Allowed | Locked | Crowded:
    match reply:
        case []:
            return Crowded()
        case [bytes(reservation)]:
            with _damage_told():
                return Allowed(int(reservation))
        case [bytes(until), _]:
            with _damage_told():
                return Locked(instant_of(int(until)))
    raise _damaged()


@contextmanager
def _damage_told() -> Iterator[None]:
    try:
        yield
    except (ValueError, OverflowError):
        raise _damaged() from None


def _damaged() -> StoreError:
    return StoreError("a row in Valkey is not what was written")
