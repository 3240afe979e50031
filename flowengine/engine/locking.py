"""Step 2 of an answer: the lock-out. A try is reserved before anything is compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from flowengine.accounts.lockout import AddressLockout, LockoutPolicy, network_of
from flowengine.accounts.pool import Pool
from flowengine.challenges.kind import Proved, Verdict, Wrong
from flowengine.engine.parts import Parts
from flowengine.errors import NotAuthorizedError, TooManyRequestsError
from flowengine.runtime.stored import Allowed, Crowded, Locked

PASSWORD_ATTEMPTS_EXCEEDED: Final = "Password attempts exceeded"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Count:
    """One count that a try needs a place in.

    Attributes:
        own: Whether it is this user's and factor's where they are: nothing excuses from it.
        clears: Whether proving the factor clears it.
    """

    key: str
    policy: LockoutPolicy
    own: bool = True
    clears: bool = True


@dataclass(frozen=True, slots=True)
class _Held:
    """A place that was reserved in a count."""

    count: _Count
    id: int


@dataclass(frozen=True, slots=True)
class Reservation:
    """A try that was reserved under a user's and factor's counts.

    Attributes:
        held: Empty where the pool never locks or the kind has no factor.
        known: The mark that the factor was proved from this address, and for how long it is
            kept; None where addresses are not counted.
    """

    held: tuple[_Held, ...] = ()
    known: _Count | None = None


NO_RESERVATION: Final = Reservation()


def lock_key(pool: Pool, sub: str, factor: str) -> str:
    """Name the count of one user's one factor, over all sign-ins and auth flows."""
    return f"lock|{pool.id}|{sub}|{factor}"


async def reserve(
    parts: Parts, pool: Pool, sub: str, factor: str | None, ip: str = ""
) -> Reservation:
    """Reserve a try before anything is compared.

    Args:
        ip: Where the user is; "" where that is not known, and tries count per user.

    Raises:
        NotAuthorizedError: The factor is locked for this user.
        TooManyRequestsError: Too many tries are under way.
    """
    if pool.lockout is None or factor is None:
        return NO_RESERVATION
    now = parts.clock.now()
    known = _mark(pool, sub, factor, ip)
    held: list[_Held] = []
    for count in _counts(pool, sub, factor, ip, now):
        tried = await parts.counters.try_now(count.key, count.policy, now)
        if isinstance(tried, Allowed):
            held.append(_Held(count, tried.reservation))
        elif count.own or not await _is_known(parts, known, now):
            await _return(parts, held)
            raise _refusal(tried)
    return Reservation(tuple(held), known)


async def settle_reservation(parts: Parts, reservation: Reservation, verdict: Verdict) -> None:
    """Count a wrong answer, clear the counts of a proved factor, give the rest back."""
    if isinstance(verdict, Wrong):
        now = parts.clock.now()
        for held in reservation.held:
            key, policy = held.count.key, held.count.policy
            await parts.counters.count_wrong(key, held.id, policy, now)
        return
    await give_back(parts, reservation)
    if isinstance(verdict, Proved):
        for held in reservation.held:
            if held.count.clears:
                await parts.counters.clear(held.count.key)
        await _make_known(parts, reservation.known)


async def give_back(parts: Parts, reservation: Reservation) -> None:
    """Give a reservation back: nothing was compared, or verification itself failed."""
    await _return(parts, reservation.held)


async def check_lock(parts: Parts, pool: Pool, sub: str, factors: Iterable[str], ip: str) -> None:
    """Refuse when another sign-in locked one of the factors meanwhile.

    Raises:
        NotAuthorizedError: One is locked.
    """
    for factor in factors:
        try:
            reservation = await reserve(parts, pool, sub, factor, ip)
        except TooManyRequestsError:
            continue
        await give_back(parts, reservation)


def _counts(pool: Pool, sub: str, factor: str, ip: str, now: datetime) -> tuple[_Count, ...]:
    """Give the counts that a try needs a place in; without an address the user's alone."""
    lockout, key = pool.lockout, lock_key(pool, sub, factor)
    if lockout is None:
        return ()
    if isinstance(lockout, LockoutPolicy):
        return (_Count(key, lockout),)
    network = network_of(ip)
    if network is None:
        return (_Count(key, lockout.own),)
    window = (now - _EPOCH) // lockout.window
    at = f"lock-at|{pool.id}|{network}|{window}"
    return (
        _Count(f"{key}|{network}", lockout.own),
        _Count(f"{key}|*", lockout.everywhere, own=False),
        _Count(at, lockout.address, own=False, clears=False),
    )


def _mark(pool: Pool, sub: str, factor: str, ip: str) -> _Count | None:
    """Name the mark that a user proved a factor from an address.

    A key that is locked for as long as the mark lasts: nothing else that counters keep can be
    read without being used up.
    """
    network = network_of(ip)
    if network is None or not isinstance(pool.lockout, AddressLockout):
        return None
    lasting = pool.lockout.known_for
    policy = LockoutPolicy(threshold=1, first_lock=lasting, longest_lock=lasting, quiet=lasting)
    return _Count(f"known|{pool.id}|{sub}|{factor}|{network}", policy)


async def _is_known(parts: Parts, mark: _Count | None, now: datetime) -> bool:
    if mark is None:
        return False
    tried = await parts.counters.try_now(mark.key, mark.policy, now)
    if isinstance(tried, Allowed):
        await parts.counters.give_back(mark.key, tried.reservation)
    return isinstance(tried, Locked)


async def _make_known(parts: Parts, mark: _Count | None) -> None:
    if mark is None:
        return
    now = parts.clock.now()
    tried = await parts.counters.try_now(mark.key, mark.policy, now)
    if isinstance(tried, Allowed):
        await parts.counters.count_wrong(mark.key, tried.reservation, mark.policy, now)


async def _return(parts: Parts, places: Iterable[_Held]) -> None:
    for held in places:
        await parts.counters.give_back(held.count.key, held.id)


def _refusal(tried: Locked | Crowded) -> NotAuthorizedError | TooManyRequestsError:
    if isinstance(tried, Locked):
        return NotAuthorizedError(PASSWORD_ATTEMPTS_EXCEEDED)
    return TooManyRequestsError()
