"""Whose code it is that a request without a password asks for or brings, and at which address.

An address is the directory's, never the request's. Where a client must not learn who exists, a
user that is not there, is disabled or can be sent nothing is played by a decoy: the same name
always gives the same masked address (COGNITO.md, section G).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from flowengine.accounts.account import Account
from flowengine.accounts.decoys import decoy_account
from flowengine.accounts.pool import Client, Pool
from flowengine.accounts.user import UserStatus
from flowengine.challenges.delivered_codes import address_of
from flowengine.challenges.kind import Channel
from flowengine.engine.parts import Parts, check_secret_hash
from flowengine.engine.users import Identified
from flowengine.errors import (
    CallerError,
    InvalidParameterError,
    NotAuthorizedError,
    UserNotFoundError,
)
from flowengine.operations.codes import Recipient, attribute_of
from flowengine.operations.independence import REACHED_BY, counted_channels
from flowengine.operations.users import directory_of

Objection = Callable[[Account], CallerError | None]

NOT_FOUND: Final = "Username/client id combination not found."
NO_ADDRESS: Final = (
    "Cannot reset password for the user as there is no registered/verified email or phone_number"
)
NO_RESET: Final = "User password cannot be reset in the current state."
NO_RECOVERY: Final = "Contact administrator to reset password."
_FACTORS: Final = {Channel.EMAIL: "email", Channel.SMS: "sms"}
_CHANNELS: Final = (Channel.EMAIL, Channel.SMS)
"""In the order of preference: a phone number changes hands more easily than a mailbox."""


def client_of(
    parts: Parts, client_id: str, username: str, secret_hash: str | None
) -> tuple[Client, Pool]:
    """Find the client of a request, which has to show that it knows its secret.

    Raises:
        ResourceNotFoundError: There is no such client.
        NotAuthorizedError: SECRET_HASH is absent, wrong, or sent to a client without a secret.
    """
    client = parts.client(client_id)
    check_secret_hash(client, username, secret_hash)
    return client, parts.pool_of(client)


async def recipient_of(
    parts: Parts,
    client: Client,
    username: str,
    objection: Objection,
    find: Callable[[Pool, Account], Recipient | None],
    *,
    channels: tuple[Channel, ...] = _CHANNELS,
) -> Recipient:
    """Find the user that a request names, or a decoy in its place.

    Args:
        objection: Says why nothing can be done for an account.
        find: Gives where its codes go; called where there is no objection.
        channels: How anybody can be reached, the most wanted first; a decoy by these alone.

    Raises:
        CallerError: The user is not there, or the objection; only where the client lets that
            be said.
    """
    pool = parts.pool_of(client)
    account = await directory_of(parts).find(pool.id, username)
    # Made for every request: it takes no longer to be played than to be there.
    decoy = _decoy(parts, pool, username, channels)
    refusal: CallerError | None = UserNotFoundError(NOT_FOUND)
    if account is not None:
        refusal = objection(account)
        found = find(pool, account) if refusal is None else None
        if found is not None:
            return found
    if client.prevent_user_existence_errors:
        return decoy
    raise refusal or UserNotFoundError(NOT_FOUND)


async def recovering(parts: Parts, pool: Pool) -> Pool:
    """Give a pool with the account recovery that no sign-in counts beside the password.

    Raises:
        NotAuthorizedError: None is left but by an administrator, whoever asks: it tells nothing
            of any user.
    """
    counted = await counted_channels(parts, pool) if pool.account_recovery else frozenset()
    left = tuple(each for each in pool.account_recovery if REACHED_BY[each] not in counted)
    if not left:
        raise NotAuthorizedError(NO_RECOVERY)
    return replace(pool, account_recovery=left)


async def recovery_recipient_of(
    parts: Parts, pool: Pool, client: Client, username: str
) -> Recipient:
    """Find whose code sets another password, or a decoy in its place.

    Args:
        pool: As :func:`recovering` gives it.

    Raises:
        CallerError: As :func:`recipient_of` does.
    """
    return await recipient_of(
        parts,
        client,
        username,
        partial(recovery_objection, pool),
        lambda _, account: recovery_recipient(pool, account),
        channels=_recovery_channels(pool),
    )


def recovery_objection(pool: Pool, account: Account) -> CallerError | None:
    """Say why a user's password cannot be reset by a code, or None."""
    if not account.enabled:
        return NotAuthorizedError("User is disabled.")
    if account.status is UserStatus.FORCE_CHANGE_PASSWORD:
        return NotAuthorizedError(NO_RESET)
    if account.status is UserStatus.UNCONFIRMED or recovery_channel(pool, account) is None:
        return InvalidParameterError(NO_ADDRESS)
    return None


def recovery_recipient(pool: Pool, account: Account) -> Recipient | None:
    """Say where the code that resets a password goes: to a verified address."""
    channel = recovery_channel(pool, account)
    return None if channel is None else _at(pool, account, channel)


def recovery_channel(pool: Pool, account: Account) -> Channel | None:
    """Choose how a user is reached who forgot the password, in the pool's order.

    Never by what is a second factor already: whoever reads that mailbox would have both.
    """
    facts = account.facts()
    usable = (
        channel
        for channel in _recovery_channels(pool)
        if address_of(facts, channel) is not None and _FACTORS[channel] not in facts.has
    )
    return next(usable, None)


def _recovery_channels(pool: Pool) -> tuple[Channel, ...]:
    return tuple(REACHED_BY[each] for each in pool.account_recovery)


def sign_up_recipient(pool: Pool, account: Account) -> Recipient | None:
    """Say where the code that confirms a sign-up goes; None for a user without any address."""
    channel = sign_up_channel(account)
    return None if channel is None else _at(pool, account, channel)


def sign_up_channel(account: Account) -> Channel | None:
    """Choose how a user is reached who is not confirmed: by an address that they gave."""
    given = (each for each in _CHANNELS if account.attributes.get(attribute_of(each)))
    return next(given, None)


def attribute_recipient(pool: Pool, account: Account, attribute: str) -> Recipient | None:
    """Say where the code that verifies an address goes: there, if there is one."""
    channel = next((each for each in _CHANNELS if attribute_of(each) == attribute), None)
    if channel is None or not account.attributes.get(attribute):
        return None
    return _at(pool, account, channel)


def address_recipient(pool: Pool, account: Account, attribute: str) -> Recipient:
    """The same, for an attribute that a request names.

    Raises:
        InvalidParameterError: It holds no addresses, or the user has none.
    """
    recipient = attribute_recipient(pool, account, attribute)
    if recipient is None:
        raise InvalidParameterError("There is no email or phone_number to verify.")
    return recipient


def _at(pool: Pool, account: Account, channel: Channel) -> Recipient:
    address = account.attributes[attribute_of(channel)]
    return Recipient(pool, Identified(account.facts(), account, decoy=False), channel, address)


def _decoy(parts: Parts, pool: Pool, username: str, channels: tuple[Channel, ...]) -> Recipient:
    """Play a user who is reached as most are: by the address that was typed, where one was."""
    account = decoy_account(parts.decoy_secret, pool, username, parts.clock.now())
    user = Identified(replace(account.facts(), exists=False), account, decoy=True)
    known = {*pool.aliases, *pool.required_attributes}
    by_phone = "phone_number" in known and "email" not in known and "@" not in username
    name = pool.fold(username)
    typed = (one for one in channels if account.attributes[attribute_of(one)] == name)
    usual = Channel.SMS if by_phone and Channel.SMS in channels else channels[0]
    channel = next(typed, usual)
    return Recipient(pool, user, channel, account.attributes[attribute_of(channel)])
