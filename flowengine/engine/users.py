"""Who a request means: a user of the directory, or a decoy in its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from flowengine.accounts.account import Account
from flowengine.accounts.decoys import decoy_account, decoy_name, reachable
from flowengine.accounts.device import Device
from flowengine.accounts.pool import Client, Pool
from flowengine.accounts.user import UserFacts, UserStatus
from flowengine.challenges.device_srp_auth import DEVICE_KEY
from flowengine.engine.parts import Parts
from flowengine.engine.ports import Directory
from flowengine.errors import (
    NotAuthorizedError,
    SessionError,
    UserNotConfirmedError,
    UserNotFoundError,
)
from flowengine.runtime.record import SignInRecord

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Identified:
    """The user that a sign-in is about.

    Attributes:
        account: Credentials; a decoy's own for an unknown user; None without a directory.
        decoy: Whether the user was only claimed.
        device: The device that the client named, if this user has it.
    """

    facts: UserFacts
    account: Account | None
    decoy: bool
    device: Device | None = None

    @property
    def remembered(self) -> Device | None:
        """The device that was named, if it is remembered: only then may it prove anything."""
        device = self.device
        return device if device is not None and device.remembered else None

    @property
    def stamp(self) -> str:
        """The security stamp that the sign-in pins."""
        return "" if self.account is None or self.decoy else self.account.stamp


NOBODY = Identified(UserFacts("", exists=False), None, decoy=True)
"""Who a sign-in is for that began without a name, until an answer names its user."""


async def identify(
    parts: Parts, pool: Pool, client: Client, username: str, device_key: str | None = None
) -> Identified:
    """Find the user that a sign-in begins with, or play one, and check the account's gates.

    Raises:
        UserNotFoundError: No such user, and the client lets that be said.
        NotAuthorizedError: The user is disabled.
        UserNotConfirmedError: The sign-up was not confirmed.
    """
    account = await _directory(parts).find(pool.id, username)
    # Made whether or not it is needed: the time of a reply must not tell.
    decoy = play(parts, pool, username)
    device = await _find_device(parts, pool, account, decoy, device_key)
    facts = decoy.facts if decoy.account is None else (account or decoy.account).facts()
    if account is None:
        if not client.prevent_user_existence_errors:
            raise UserNotFoundError
        return decoy
    check_account(account)
    return Identified(facts, account, decoy=False, device=device)


async def vouched_for(parts: Parts, pool: Pool, user: UserFacts) -> Identified:
    """Give a user whom a backend names: as the directory knows them, where there is one.

    Raises:
        UserNotFoundError: The directory knows no such user.
        NotAuthorizedError: The user is disabled.
        UserNotConfirmedError: The sign-up was not confirmed.
    """
    if parts.directory is None:
        return Identified(replace(user, sub=user.sub or user.username), None, decoy=False)
    account = await parts.directory.find(pool.id, user.username)
    if account is None:
        raise UserNotFoundError
    check_account(account)
    return Identified(account.facts(), account, decoy=False)


async def find_device(
    parts: Parts, pool: Pool, account: Account, device_key: str | None
) -> Device | None:
    """Find the device that a client names, where the pool knows devices."""
    if device_key is None or pool.devices is None or parts.devices is None:
        return None
    return await parts.devices.find(pool.id, account.sub, device_key)


async def _find_device(
    parts: Parts,
    pool: Pool,
    account: Account | None,
    decoy: Identified,
    device_key: str | None,
) -> Device | None:
    """Find the device of a user, and look as long for that of a user who does not exist."""
    owner = account or decoy.account
    if owner is None:
        return None
    device = await find_device(parts, pool, owner, device_key)
    return None if account is None else device


def check_account(account: Account) -> None:
    """Refuse a disabled or unconfirmed account; asked at every step and at issuance."""
    if not account.enabled:
        raise NotAuthorizedError("User is disabled.")
    if account.status is UserStatus.UNCONFIRMED:
        raise UserNotConfirmedError


async def recall(
    parts: Parts, pool: Pool, record: SignInRecord, sent: Mapping[str, str] = _NOTHING
) -> Identified:
    """Give the user of a sign-in that goes on: pinned facts, present credentials.

    Args:
        sent: What came with the answer; it may name a device where none was named before.

    Raises:
        SessionError: The user is gone, or someone else changed it since it was pinned.
    """
    if not record.named:
        return NOBODY
    if parts.directory is None:
        return Identified(record.user, None, decoy=False)
    # Both are done for everyone, needed or not: the time of a reply must not tell.
    account = await parts.directory.find(pool.id, record.user.username)
    # An address that was typed is not in what the decoy is called.
    decoy = play(parts, pool, record.user.username, record.user.attributes)
    real = None if record.ledger.decoy else account
    device = await _find_device(parts, pool, real, decoy, device_named(record, sent))
    if record.ledger.decoy:
        return decoy
    if account is None:
        raise SessionError
    check_account(account)
    if account.stamp != record.stamp:
        raise SessionError
    return Identified(record.user, account, decoy=False, device=device)


def with_device(record: SignInRecord, user: Identified) -> SignInRecord:
    """Name the device that an answer came from. The first that the user has stays named."""
    if user.device is None or record.device_key:
        return record
    remembered = user.remembered is not None
    return replace(record, device_key=user.device.key, device_remembered=remembered)


def device_named(record: SignInRecord, sent: Mapping[str, str]) -> str | None:
    """Give the key of the device that a sign-in is on, or that its answer or its start names."""
    return record.device_key or sent.get(DEVICE_KEY) or record.parameters.get(DEVICE_KEY)


async def same_user(parts: Parts, pool: Pool, record: SignInRecord, username: str) -> bool:
    """Say whether the USERNAME of an answer means the user of the session."""
    if pool.fold(username) == pool.fold(record.user.username):
        return True
    if parts.directory is None:
        return False
    account = await parts.directory.find(pool.id, username)
    played = decoy_name(parts.decoy_secret, pool, username)
    return (played if account is None else account.username) == record.user.username


async def find_by_passkey(
    parts: Parts, pool: Pool, credential_id: bytes, username: str, device_key: str | None
) -> Identified:
    """Find the user who has a passkey, or play one: an unknown passkey takes the same work.

    Args:
        username: As it came beside the passkey, and must then mean its owner; "" where none did.

    Raises:
        CallerError: The owner is disabled or unconfirmed.
    """
    directory = _directory(parts)
    owner = await directory.passkey_owner(pool.id, credential_id)
    name = owner or credential_id.hex()
    account = await directory.find(pool.id, name)
    claimed = await directory.find(pool.id, username) if username else account
    decoy = play(parts, pool, name)
    device = await _find_device(parts, pool, account, decoy, device_key)
    seen = account or decoy.account
    facts = decoy.facts if seen is None else seen.facts()
    found = Identified(facts, account, decoy=False, device=device)
    if owner is None or account is None or claimed is None or claimed.sub != account.sub:
        return decoy
    check_account(account)
    return found


def play(
    parts: Parts, pool: Pool, username: str, attributes: Mapping[str, str] | None = None
) -> Identified:
    """Play a user of this name.

    Args:
        attributes: What is pinned of the decoy; None where nothing is.
    """
    account = decoy_account(parts.decoy_secret, pool, username, parts.clock.now())
    if attributes is not None:
        account = replace(account, attributes=attributes)
    return Identified(replace(account.facts(), exists=False), account, decoy=True)


def play_reachable(parts: Parts, pool: Pool, user: UserFacts) -> Identified:
    """Play a user of this one's name to whom a code can be sent, by any means.

    The address that somebody is named by was typed, so it is the decoy's too.
    """
    decoy = decoy_account(parts.decoy_secret, pool, user.username, parts.clock.now())
    typed = {name: user.attributes[name] for name in pool.named_by if name in user.attributes}
    attributes = MappingProxyType({**decoy.attributes, **typed})
    account = reachable(replace(decoy, attributes=attributes))
    return Identified(replace(account.facts(), exists=False), account, decoy=True)


def _directory(parts: Parts) -> Directory:
    if parts.directory is None:
        raise UserNotFoundError
    return parts.directory
