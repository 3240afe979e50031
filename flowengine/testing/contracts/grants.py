"""The contract of ``Grants``."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from flowengine.engine.ports import Grants
from flowengine.errors import StoreError
from flowengine.runtime.stored import KEPT_AFTER_EXPIRY, Grant, Retired
from flowengine.testing.contracts.candidate import Candidate, Check, Race, expect, in_threads

_NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
_LIFE = timedelta(days=30)
_TICK = timedelta(microseconds=1)
_AT_ONCE = 8


def _bytes() -> bytes:
    return uuid.uuid4().bytes + uuid.uuid4().bytes


def _grant(username: str = "Zoë \U0001f511", pool_id: str = "eu-west-1_Example") -> Grant:
    return Grant(
        family=_bytes(),
        hash=_bytes(),
        origin_jti=str(uuid.uuid4()),
        pool_id=pool_id,
        client_id="client",
        username=username,
        sub=str(uuid.uuid4()),
        record='{"ledger":{"proved":{"password":"2026-01-02T03:04:05Z"}},"name":"Zoë \U0001f511"}',
        level="strong",
        auth_time=_NOW,
        expires_at=_NOW + _LIFE,
    )


def _rotated(grant: Grant, at: datetime = _NOW) -> Grant:
    """Give a grant as it is after its token was replaced."""
    retired = (*grant.retired, Retired(grant.hash, at, b"\x00sealed\xff"))
    return replace(grant, hash=_bytes(), rotations=grant.rotations + 1, retired=retired)


async def a_grant_comes_back_as_it_went_in(candidate: Candidate[Grants]) -> None:
    """Every field, for its own family."""
    grants = candidate.make()
    first, second = _grant(), replace(_rotated(_rotated(_grant())), level=None, revoked=True)
    await grants.add(first)
    await grants.add(second)
    expect(await grants.find(first.family) == first, "a grant comes back as it went in")
    expect(await grants.find(second.family) == second, "each under its own family")


async def an_unknown_family_is_nobodys(candidate: Candidate[Grants]) -> None:
    """Neither another family, nor part of one, nor the token's hash finds a grant."""
    grants = candidate.make()
    grant = _grant()
    await grants.add(grant)
    for other in (b"", grant.family[:-1], grant.family + b"\x00", bytes(32), grant.hash):
        expect(await grants.find(other) is None, "only the family itself finds")


async def a_grant_is_added_once(candidate: Candidate[Grants]) -> None:
    """A second grant of the same family or the same sign-in fails."""
    grants = candidate.make()
    grant = _grant()
    await grants.add(grant)
    for other in (
        replace(_grant(), family=grant.family),
        replace(_grant(), origin_jti=grant.origin_jti),
    ):
        try:
            await grants.add(other)
        except StoreError:
            continue
        expect(kept=False, promise="a family and a sign-in cannot be added twice")
    expect(await grants.find(grant.family) == grant, "and the one that is there stays")


async def grants_added_at_once_are_all_kept(candidate: Candidate[Grants]) -> None:
    """None is lost to another at the same time."""
    grants = candidate.make()
    many = [_grant() for _ in range(_AT_ONCE)]
    await candidate.race([partial(grants.add, grant) for grant in many])
    for grant in many:
        expect(await grants.find(grant.family) == grant, "each was kept")


async def a_rotation_writes_the_token_and_nothing_else(candidate: Candidate[Grants]) -> None:
    """The expiry, above all, stays what it was, whatever the caller says."""
    grants = candidate.make()
    grant, other = _grant(), _grant()
    await grants.add(grant)
    await grants.add(other)
    rotated = _rotated(grant)
    greedy = replace(
        rotated,
        origin_jti=str(uuid.uuid4()),
        client_id="another",
        username="another",
        sub="another",
        record="{}",
        level=None,
        auth_time=_NOW + _LIFE,
        expires_at=_NOW + 2 * _LIFE,
        revoked=True,
    )
    expect(await grants.rotate(greedy, grant.hash, _NOW), "the present token can be replaced")
    expect(await grants.find(grant.family) == rotated, "by the new one, and nothing else changes")
    expect(await grants.find(other.family) == other, "other grants stay as they are")
    again = _rotated(rotated)
    expect(await grants.rotate(again, rotated.hash, _NOW), "the new one can be replaced too")
    expect(await grants.find(grant.family) == again, "and all that were are told")


async def only_the_present_token_is_replaced(candidate: Candidate[Grants]) -> None:
    """Not one that was replaced, nor one that never was."""
    grants = candidate.make()
    grant = _grant()
    await grants.add(grant)
    rotated = _rotated(grant)
    expect(await grants.rotate(rotated, grant.hash, _NOW), "the present token can be replaced")
    for old in (grant.hash, _bytes(), b"", rotated.hash[:-1]):
        expect(not await grants.rotate(_rotated(rotated), old, _NOW), "no other one can")
    expect(not await grants.rotate(_grant(), grant.hash, _NOW), "nor that of no grant")
    expect(await grants.find(grant.family) == rotated, "and nothing was written")


async def the_instant_of_expiry_is_too_late(candidate: Candidate[Grants]) -> None:
    """A token is replaced until just before it, and never after."""
    grants = candidate.make()
    early, late = _grant(), _grant()
    await grants.add(early)
    await grants.add(late)
    last = early.expires_at - _TICK
    expect(await grants.rotate(_rotated(early), early.hash, last), "just before it, it is")
    refused = not await grants.rotate(_rotated(late), late.hash, late.expires_at)
    expect(refused, "at that instant it is not")
    expect(await grants.find(late.family) == late, "and nothing was written")


async def one_rotation_of_many_at_once_wins(candidate: Candidate[Grants]) -> None:
    """A token has exactly one successor, and it is the winner's."""
    grants = candidate.make()
    grant = _grant()
    await grants.add(grant)
    wanted = [_rotated(grant) for _ in range(_AT_ONCE)]
    won = await candidate.race([partial(grants.rotate, one, grant.hash, _NOW) for one in wanted])
    expect(sum(won) == 1, "one rotation of many at once wins")
    expect(await grants.find(grant.family) == wanted[won.index(True)], "and it is kept whole")


async def a_revoked_sign_in_stays_revoked(candidate: Candidate[Grants]) -> None:
    """It is found, so that its holder is told; nothing rotates it or brings it back."""
    grants = candidate.make()
    grant, other = _grant(), _grant()
    await grants.add(grant)
    await grants.add(other)
    for _ in range(2):
        await grants.revoke(grant.origin_jti)
        expect(await grants.find(grant.family) == replace(grant, revoked=True), "it is marked")
    expect(not await grants.rotate(_rotated(grant), grant.hash, _NOW), "it cannot be rotated")
    await grants.revoke(str(uuid.uuid4()))
    await grants.revoke("")
    expect(await grants.find(other.family) == other, "and no other one is touched")


async def a_user_is_revoked_everywhere(candidate: Candidate[Grants]) -> None:
    """All sign-ins of the user, whatever their client; nobody else's, nor a later one."""
    grants = candidate.make()
    pool = f"eu-west-1_{uuid.uuid4().hex}"
    mine = [_grant("ada", pool), replace(_grant("ada", pool), client_id="another")]
    others = [_grant("ada", pool + "2"), _grant("Ada", pool), _grant("ada ", pool)]
    for grant in (*mine, *others):
        await grants.add(grant)
    await grants.revoke_user(pool, "ada")
    later = _grant("ada", pool)
    await grants.add(later)
    for grant in mine:
        expect(await grants.find(grant.family) == replace(grant, revoked=True), "all of the user's")
    for grant in (*others, later):
        expect(await grants.find(grant.family) == grant, "and only those made until then")


async def no_rotation_survives_a_revocation(candidate: Candidate[Grants]) -> None:
    """Whichever comes first, the sign-in is revoked when both are done."""
    grants = candidate.make()
    pool = f"eu-west-1_{uuid.uuid4().hex}"
    for _ in range(_AT_ONCE):
        for everything in (False, True):
            grant = _grant("ada", pool)
            await grants.add(grant)
            calls: list[Callable[[], Coroutine[Any, Any, object]]] = [
                partial(grants.rotate, _rotated(grant), grant.hash, _NOW),
                partial(grants.revoke_user, pool, "ada")
                if everything
                else partial(grants.revoke, grant.origin_jti),
            ]
            await candidate.race(calls)
            found = await grants.find(grant.family)
            expect(found is not None and found.revoked, "no rotation survives a revocation")
            expect(await grants.live(grant.origin_jti) is None, "its access tokens are dead")


async def a_sign_in_lives_until_it_is_revoked(candidate: Candidate[Grants]) -> None:
    """One that is not there does not live: what is unknown opens nothing."""
    grants = candidate.make()
    grant, other = _grant(), _grant()
    await grants.add(grant)
    await grants.add(other)
    rotated = _rotated(grant)
    await grants.rotate(rotated, grant.hash, _NOW)
    expect(await grants.live(grant.origin_jti) == rotated, "a sign-in lives, rotated or not")
    for unknown in ("", str(uuid.uuid4()), grant.origin_jti[:-1], grant.origin_jti.upper() + " "):
        expect(await grants.live(unknown) is None, "one that is unknown does not")
    await grants.revoke(grant.origin_jti)
    expect(await grants.live(grant.origin_jti) is None, "nor one that was revoked")
    expect(await grants.live(other.origin_jti) == other, "and others live on")


async def an_expired_grant_is_kept_for_its_last_access_token(candidate: Candidate[Grants]) -> None:
    """Adding never throws away what a live access token may depend on."""
    grants = candidate.make()
    grant = _grant()
    await grants.add(grant)
    later = grant.expires_at + KEPT_AFTER_EXPIRY - _TICK
    for _ in range(300):  # more than pass between two purges
        await grants.add(replace(_grant(), auth_time=later, expires_at=later + _LIFE))
    expect(await grants.live(grant.origin_jti) == grant, "an expired one is kept for a day")
    expect(await grants.find(grant.family) == grant, "and is found, so that it is told")


ALL_CHECKS: tuple[Check[Grants], ...] = (
    a_grant_comes_back_as_it_went_in,
    an_unknown_family_is_nobodys,
    a_grant_is_added_once,
    grants_added_at_once_are_all_kept,
    a_rotation_writes_the_token_and_nothing_else,
    only_the_present_token_is_replaced,
    the_instant_of_expiry_is_too_late,
    one_rotation_of_many_at_once_wins,
    a_revoked_sign_in_stays_revoked,
    a_user_is_revoked_everywhere,
    no_rotation_survives_a_revocation,
    a_sign_in_lives_until_it_is_revoked,
    an_expired_grant_is_kept_for_its_last_access_token,
)


async def check_grants(make: Callable[[], Grants], race: Race = in_threads) -> None:
    """Run the whole contract.

    Raises:
        BrokenContractError: A promise is not kept; the message says which.
    """
    for check in ALL_CHECKS:
        await check(Candidate(make, race))
