"""ForgotPassword: a user who forgot the password asks for a code that sets another.

Source: Amazon Cognito API reference, ForgotPassword.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flowengine.engine.parts import Parts
from flowengine.engine.triggers.migrating import migrate
from flowengine.operations.codes import CodeDelivery, Occasion, Purpose, send_code
from flowengine.operations.recipients import (
    client_of,
    recovering,
    recovery_recipient_of,
)


@dataclass(frozen=True, slots=True)
class ForgotPasswordRequest:
    """What is asked.

    Attributes:
        username: The user name or a verified alias.
    """

    client_id: str = field(repr=False)
    username: str = field(repr=False)
    secret_hash: str | None = field(default=None, repr=False)
    client_metadata: Mapping[str, str] = field(default_factory=dict, repr=False)


async def forgot_password(parts: Parts, request: ForgotPasswordRequest) -> CodeDelivery:
    """Send a code, good for an hour, to a verified address of the user.

    The password, the user and the sign-ins under way stay as they are: anybody may ask this.

    Raises:
        ResourceNotFoundError: There is no such client.
        NotAuthorizedError: SECRET_HASH is not right; the pool has no account recovery; or, where
            the client lets it be said, the user is disabled or has to sign in with a temporary
            password first.
        UserNotFoundError: No such user, and the client lets that be said.
        InvalidParameterError: The user has no verified address, and the client lets that be said.
        LimitExceededError: Too many codes went to this address.
        CodeDeliveryFailureError: The engine has no delivery.
    """
    client, its_pool = client_of(parts, request.client_id, request.username, request.secret_hash)
    pool = await recovering(parts, its_pool)
    told = request.client_metadata
    await migrate(parts, pool, client, request.username, metadata=told)
    recipient = await recovery_recipient_of(parts, pool, client, request.username)
    return await send_code(parts, Purpose.FORGOT_PASSWORD, recipient, Occasion("", client, told))
