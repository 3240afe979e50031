"""GetTokensFromRefreshToken: new tokens for a sign-in, and the next refresh token.

Source: Amazon Cognito API reference, GetTokensFromRefreshToken and RefreshTokenRotationType.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flowengine.engine.parts import Parts
from flowengine.engine.refreshing import Presented, find_grant, refresh
from flowengine.engine.replies import SuccessReply
from flowengine.engine.requests import RequestOrigin
from flowengine.errors import NotAuthorizedError
from flowengine.operations.client_secrets import shows_secret

_NOBODY = RequestOrigin()


@dataclass(frozen=True, slots=True)
class GetTokensRequest:
    """What is asked.

    Attributes:
        client_secret: The secret itself, of a client that has one.
        client_metadata: For a flow that declares the key and reads it in ``require``.
        device_key: Demanded where the sign-in was on a device that its user confirmed.
    """

    client_id: str = field(repr=False)
    refresh_token: str = field(repr=False)
    client_secret: str | None = field(default=None, repr=False)
    client_metadata: Mapping[str, str] = field(default_factory=dict, repr=False)
    device_key: str | None = field(default=None, repr=False)


async def get_tokens_from_refresh_token(
    parts: Parts, request: GetTokensRequest, origin: RequestOrigin = _NOBODY
) -> SuccessReply:
    """Give new tokens; the refresh token is replaced where the client's tokens rotate.

    A client that did not get the reply may send the old one again within the grace, and is given
    the same new one. The new one expires when the old one would have.

    Raises:
        ResourceNotFoundError: There is no such client.
        NotAuthorizedError: The client does not show its secret.
        CallerError: The token, its user or what was proved is not good enough; see ``refresh``.
    """
    client = parts.client(request.client_id)
    if client.secret is not None and request.client_secret is None:
        raise NotAuthorizedError(
            "Client {client_id} is configured with secret but ClientSecret was not received"
        )
    if not shows_secret(client, request.client_secret):
        raise NotAuthorizedError("Unable to verify secret for client {client_id}")
    grant = await find_grant(parts, client, request.refresh_token)
    presented = Presented(
        request.refresh_token, origin, {}, request.client_metadata, request.device_key, tells=True
    )
    return await refresh(parts, client, grant, presented)
