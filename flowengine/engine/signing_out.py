"""Signing a user out everywhere: what else than the user's own wish does it.

A change of password does (by an administrator, by a recovery or in a sign-in): whoever knew the
old one must not stay signed in. So does the user's removal. What else moves the security stamp
does not, or a user who sets up an app would be signed out by that: a refresh asks for the present
facts about the user instead, and for ``require`` with them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from flowengine.accounts.account import Account
from flowengine.engine.parts import Parts


async def sign_out(parts: Parts, account: Account) -> None:
    """Revoke all sign-ins that a user has made.

    Their refresh tokens give nothing any more, and their access tokens open no operation here.
    A backend that verifies tokens by itself takes id and access tokens until they expire.
    """
    if parts.grants is not None:
        await parts.grants.revoke_user(account.pool_id, account.username)


async def sign_out_by(
    parts: Parts, account: Account, write: Callable[[], Awaitable[Account]]
) -> Account:
    """Write a change of a user that ends the sign-ins made so far, and give what was written.

    They are revoked before it too: a process that dies once the change is there must not leave
    whoever knew the old password signed in, with nobody to notice.

    Raises:
        CallerError: As ``write`` does. The user is signed out all the same.
    """
    await sign_out(parts, account)
    written = await write()
    await sign_out(parts, written)
    return written
