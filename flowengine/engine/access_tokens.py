"""Whose access token a request carries."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field

from flowengine.accounts.account import Account
from flowengine.accounts.pool import Pool
from flowengine.engine.parts import Parts
from flowengine.engine.users import check_account
from flowengine.errors import NotAuthorizedError, StoreError, UserNotFoundError
from flowengine.runtime.record import SignInRecord
from flowengine.runtime.stored import Grant
from flowengine.tokens.claims import SIGN_IN_SCOPE
from flowengine.tokens.jwt import LONGEST_TOKEN, verify
from flowengine.tokens.keys import TokenUse

INVALID = "Invalid Access Token"
REVOKED = "Access Token has been revoked"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a token: a user who was there, and enabled, a moment ago.

    Attributes:
        client_id: The client that the token was issued to.
        device_key: The device that the token names, or "".
        grant: What its sign-in left behind; None where nothing keeps that.
    """

    pool: Pool
    account: Account
    client_id: str = field(repr=False)
    device_key: str = field(default="", repr=False)
    grant: Grant | None = field(default=None, repr=False)

    @property
    def line(self) -> str:
        """The first of the sign-ins that its own and those before it continue, or ""."""
        return "" if self.grant is None else line_of(self.grant)


def line_of(grant: Grant) -> str:
    """Name the first of the sign-ins that a grant's own and those before it continue."""
    record = SignInRecord.from_json(grant.record)
    return (record.line if record is not None else "") or grant.origin_jti


async def holder_of(parts: Parts, access_token: str) -> Holder:
    """Verify an access token and find its user.

    Raises:
        NotAuthorizedError: It is not one of ours, has expired or lacks the scope of the API;
            its sign-in was revoked; or the user is disabled.
        UserNotFoundError: The user is gone, even if another one has the name by now.
        UserNotConfirmedError: The user's sign-up is not confirmed any more.
    """
    pool = _pool_of(parts, access_token)
    clients = {client.id for client in parts.clients.values() if client.pool_id == pool.id}
    claims = verify(
        access_token,
        (parts.signing[pool.id].access,),
        pool.issuer,
        TokenUse.ACCESS,
        parts.clock.now(),
        client_ids=clients,
    )
    if SIGN_IN_SCOPE not in str(claims.get("scope", "")).split():
        raise NotAuthorizedError("Access Token does not have required scopes")
    if parts.directory is None:
        raise StoreError("this engine has no directory of users")
    account = await parts.directory.find(pool.id, str(claims.get("username", "")))
    if account is None or account.sub != claims.get("sub"):
        raise UserNotFoundError
    check_account(account)
    grant = await _live(parts, str(claims.get("origin_jti", "")))
    device_key = str(claims.get("device_key", ""))
    return Holder(pool, account, str(claims["client_id"]), device_key, grant)


async def _live(parts: Parts, origin_jti: str) -> Grant | None:
    """Refuse a token whose sign-in was revoked, or left nothing that says that it was not.

    Each sign-in leaves a grant, kept until its last access token has expired, so no list of
    revoked tokens and no time of sign-out is needed. An engine without grants revokes nothing.
    """
    if parts.grants is None:
        return None
    grant = await parts.grants.live(origin_jti)
    if grant is None:
        raise NotAuthorizedError(REVOKED)
    return grant


def _pool_of(parts: Parts, token: str) -> Pool:
    """Find the pool whose key the token names; that it signed the token is seen later."""
    kid = _unverified_kid(token)
    for pool_id, keys in parts.signing.items():
        if kid is not None and keys.access.kid == kid and pool_id in parts.pools:
            return parts.pools[pool_id]
    raise NotAuthorizedError(INVALID)


def _unverified_kid(token: str) -> str | None:
    """Read which key a token names; None for what is no token."""
    head = token.partition(".")[0]
    if len(token) > LONGEST_TOKEN or not head.isascii():
        return None
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    kid = header.get("kid") if isinstance(header, dict) else None
    return kid if isinstance(kid, str) else None
