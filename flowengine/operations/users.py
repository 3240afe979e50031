"""Finding, describing and changing users: what the operations share."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from flowengine.accounts.account import Account
from flowengine.accounts.evidence import written_attribute
from flowengine.accounts.pool import Pool
from flowengine.accounts.user import MFA_METHODS, UserStatus
from flowengine.crypto.entropy import draw
from flowengine.engine.access_tokens import Holder
from flowengine.engine.parts import Parts
from flowengine.engine.ports import Directory
from flowengine.errors import (
    ResourceNotFoundError,
    StoreError,
    TooManyRequestsError,
    UserNotFoundError,
)

_MOST_TRIES = 5
"""How often a change is made anew because another one was faster."""

_STAMP_BYTES = 16
_UUID_BYTES = 16


@dataclass(frozen=True, slots=True)
class UserProfile:
    """A user as the API shows one.

    Attributes:
        attributes: ``sub`` first, then the user's own.
        created_at: UTC.
        modified_at: UTC.
        mfa_methods: The challenge names of the second factors that are active.
        preferred_mfa: One of them, or the empty string.
    """

    username: str
    attributes: Mapping[str, str] = field(repr=False)
    created_at: datetime
    modified_at: datetime
    enabled: bool
    status: UserStatus
    mfa_methods: tuple[str, ...] = ()
    preferred_mfa: str = ""


def profile_of(account: Account) -> UserProfile:
    """Describe a user."""
    has = account.facts().has
    methods = tuple(method for factor, method in MFA_METHODS.items() if factor in has)
    return UserProfile(
        username=account.username,
        attributes=MappingProxyType({"sub": account.sub, **account.attributes}),
        created_at=account.created_at,
        modified_at=account.modified_at,
        enabled=account.enabled,
        status=account.status,
        mfa_methods=methods,
        preferred_mfa=account.prefers if account.prefers in methods else "",
    )


def pool_named(parts: Parts, pool_id: str) -> Pool:
    """Find a pool.

    Raises:
        ResourceNotFoundError: There is none of this id.
    """
    pool = parts.pools.get(pool_id)
    if pool is None:
        raise ResourceNotFoundError(f"User pool {pool_id} does not exist.")
    return pool


def directory_of(parts: Parts) -> Directory:
    """Give the directory.

    Raises:
        StoreError: The engine has none: it takes its caller's word for who a user is.
    """
    if parts.directory is None:
        raise StoreError("this engine has no directory of users")
    return parts.directory


async def account_named(parts: Parts, pool: Pool, username: str) -> Account:
    """Find a user by name or verified alias.

    Raises:
        UserNotFoundError: There is none.
    """
    account = await directory_of(parts).find(pool.id, username)
    if account is None:
        raise UserNotFoundError
    return account


async def change(parts: Parts, account: Account, make: Callable[[Account], Account]) -> Account:
    """Write a change of a user; where someone else was faster, make it anew on what is there.

    Args:
        make: Gives the account as it shall be. It may be called several times, each time
            with the account as it then is, and may raise to give up.

    Raises:
        UserNotFoundError: The user was removed meanwhile.
        TooManyRequestsError: Others were faster again and again.
    """
    directory = directory_of(parts)
    for _ in range(_MOST_TRIES):
        changed = make(account)
        if await directory.save(changed, account.stamp):
            return changed
        present = await directory.find(account.pool_id, account.username)
        if present is None or present.sub != account.sub:
            raise UserNotFoundError
        account = present
    raise TooManyRequestsError


def made_by(present: Account, holder: Holder, *names: str) -> Mapping[str, str]:
    """Note whose access token made factors, or wrote attributes.

    What passkeys that are gone were made by is not kept.

    Args:
        names: As ``Account.made_by`` has them.
    """
    factors = (*MFA_METHODS, *map(turned_on, MFA_METHODS))
    there = {*factors, *(each.digest for each in present.passkeys)}
    kept = {
        each: line
        for each, line in present.made_by.items()
        if each in there or written_attribute(each) is not None
    }
    return MappingProxyType({**kept, **dict.fromkeys(names, holder.line)})


def turned_on(factor: str) -> str:
    """Say how ``Account.made_by`` calls that a factor, which was there, was turned on."""
    return f"{factor} on"


def new_stamp(parts: Parts) -> str:
    """Draw a security stamp."""
    return draw(parts.entropy.draw, _STAMP_BYTES).hex()


def new_sub(parts: Parts) -> str:
    """Draw a user's identifier: the text of a version 4 UUID."""
    return str(uuid.UUID(bytes=draw(parts.entropy.draw, _UUID_BYTES), version=4))
