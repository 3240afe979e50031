"""The contract of ``Grants``."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from flowengine.engine.ports import Grants
from flowengine.errors import StoreError
from flowengine.runtime.stored import Grant
from flowengine.testing.contracts.candidate import Candidate, Check, Race, expect, in_threads

_NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
_LIFE = timedelta(days=30)
_TICK = timedelta(microseconds=1)


def _grant() -> Grant:
    return Grant(
        hash=uuid.uuid4().bytes + uuid.uuid4().bytes,
        origin_jti=str(uuid.uuid4()),
        pool_id="eu-west-1_Example",
        client_id="client",
        username="Zoë \U0001f511",
        ledger='{"proved":{"password":"2026-01-02T03:04:05Z"}}',
        stamp="stamp",
        auth_time=_NOW,
        expires_at=_NOW + _LIFE,
    )


async def a_grant_comes_back_as_it_went_in(candidate: Candidate[Grants]) -> None:
    """Every field, for its own hash."""
    grants = candidate.make()
    first, second = _grant(), _grant()
    await grants.add(first)
    await grants.add(second)
    expect(await grants.find(first.hash, _NOW) == first, "a grant comes back as it went in")
    expect(await grants.find(second.hash, _NOW) == second, "each under its own hash")


async def an_unknown_hash_is_nobodys(candidate: Candidate[Grants]) -> None:
    """Neither another hash nor part of one finds a grant."""
    grants = candidate.make()
    grant = _grant()
    await grants.add(grant)
    for other in (b"", grant.hash[:-1], grant.hash + b"\x00", bytes(32)):
        expect(await grants.find(other, _NOW) is None, "only the hash itself finds")


async def the_instant_of_expiry_is_too_late(candidate: Candidate[Grants]) -> None:
    """A grant is good until just before it."""
    grants = candidate.make()
    grant = _grant()
    await grants.add(grant)
    expect(await grants.find(grant.hash, grant.expires_at - _TICK) == grant, "just before it is")
    expect(await grants.find(grant.hash, grant.expires_at) is None, "at that instant it is not")


async def a_hash_is_added_once(candidate: Candidate[Grants]) -> None:
    """A second grant of the same hash fails."""
    grants = candidate.make()
    grant = _grant()
    await grants.add(grant)
    try:
        await grants.add(grant)
    except StoreError:
        return
    expect(kept=False, promise="a hash cannot be added twice")


async def grants_added_at_once_are_all_kept(candidate: Candidate[Grants]) -> None:
    """None is lost to another at the same time."""
    grants = candidate.make()
    many = [_grant() for _ in range(8)]
    await candidate.race([partial(grants.add, grant) for grant in many])
    for grant in many:
        expect(await grants.find(grant.hash, _NOW) == grant, "each was kept")


ALL_CHECKS: tuple[Check[Grants], ...] = (
    a_grant_comes_back_as_it_went_in,
    an_unknown_hash_is_nobodys,
    the_instant_of_expiry_is_too_late,
    a_hash_is_added_once,
    grants_added_at_once_are_all_kept,
)


async def check_grants(make: Callable[[], Grants], race: Race = in_threads) -> None:
    """Run the whole contract.

    Raises:
        BrokenContractError: A promise is not kept; the message says which.
    """
    for check in ALL_CHECKS:
        await check(Candidate(make, race))
