"""Changes that may make an address an alias: it must not be another user's."""

from __future__ import annotations

from collections.abc import Callable

from flowengine.accounts.account import Account
from flowengine.accounts.attributes import VERIFIED_MARKS
from flowengine.accounts.pool import Pool
from flowengine.engine.parts import Parts
from flowengine.errors import AliasExistsError, TooManyRequestsError
from flowengine.operations.users import change, directory_of


async def change_aliases(
    parts: Parts, pool: Pool, account: Account, make: Callable[[Account], Account]
) -> Account:
    """Do ``change``, and say so where an address of the user is another's by now.

    Who calls this has seen that the user may have the address: the refusal tells whose it is.

    Raises:
        AliasExistsError: An address that would find the account is another user's.
        UserNotFoundError: The user was removed meanwhile.
        TooManyRequestsError: Others were faster again and again.
    """
    await _check(parts, pool, make(account))
    try:
        return await change(parts, account, make)
    except TooManyRequestsError:
        await _check(parts, pool, make(account))
        raise


async def _check(parts: Parts, pool: Pool, account: Account) -> None:
    for address, mark in VERIFIED_MARKS.items():
        value = account.attributes.get(address)
        verified = account.attributes.get(mark) == "true"
        finds = address in pool.named_by or (address in pool.aliases and verified)
        if not value or not finds:
            continue
        owner = await directory_of(parts).find(pool.id, value)
        if owner is not None and owner.sub != account.sub:
            raise AliasExistsError
