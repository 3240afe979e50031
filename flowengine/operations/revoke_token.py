"""RevokeToken: a client ends one sign-in.

Sources: Amazon Cognito API reference, RevokeToken; RFC 7009, section 2.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from flowengine.engine.parts import Parts
from flowengine.errors import UnauthorizedError, UnsupportedTokenTypeError
from flowengine.operations.client_secrets import shows_secret
from flowengine.tokens.refresh import family_of, hash_token, is_refresh_token


@dataclass(frozen=True, slots=True)
class RevokeTokenRequest:
    """What is asked.

    Attributes:
        token: A refresh token; one that was replaced ends its sign-in too.
        client_secret: The secret itself, of a client that has one.
    """

    client_id: str = field(repr=False)
    token: str = field(repr=False)
    client_secret: str | None = field(default=None, repr=False)


async def revoke_token(parts: Parts, request: RevokeTokenRequest) -> None:
    """Revoke a refresh token with all access tokens of its sign-in.

    A token that is not known any more, or was revoked before, is no error (RFC 7009, section
    2.2): the client has what it wants.

    Raises:
        UnauthorizedError: There is no such client, it does not show its secret, or the token is
            another one's. The operation has no ResourceNotFoundException.
        UnsupportedTokenTypeError: It is no refresh token.
    """
    client = parts.clients.get(request.client_id)
    if client is None or not shows_secret(client, request.client_secret):
        raise UnauthorizedError
    token = request.token
    if not is_refresh_token(token):
        raise UnsupportedTokenTypeError
    grant = None if parts.grants is None else await parts.grants.find(family_of(token))
    if grant is None or parts.grants is None:
        return
    if (grant.client_id, grant.pool_id) != (client.id, client.pool_id):
        raise UnauthorizedError
    if grant.rotations > 0 or hmac.compare_digest(grant.hash, hash_token(token)):
        await parts.grants.revoke(grant.origin_jti)
