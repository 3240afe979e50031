"""ResendConfirmationCode: who signed up asks for another code.

Source: Amazon Cognito API reference, ResendConfirmationCode.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flowengine.accounts.account import Account
from flowengine.accounts.user import UserStatus
from flowengine.engine.parts import Parts
from flowengine.errors import CallerError, InvalidParameterError, NotAuthorizedError
from flowengine.operations.codes import CodeDelivery, Occasion, Purpose, send_code
from flowengine.operations.recipients import (
    client_of,
    recipient_of,
    sign_up_channel,
    sign_up_recipient,
)


@dataclass(frozen=True, slots=True)
class ResendConfirmationCodeRequest:
    """What is asked."""

    client_id: str = field(repr=False)
    username: str = field(repr=False)
    secret_hash: str | None = field(default=None, repr=False)
    client_metadata: Mapping[str, str] = field(default_factory=dict, repr=False)


async def resend_confirmation_code(
    parts: Parts, request: ResendConfirmationCodeRequest
) -> CodeDelivery:
    """Send another code to the address given at the sign-up; the one before is good no more.

    Raises:
        ResourceNotFoundError: There is no such client.
        NotAuthorizedError: SECRET_HASH is not right; or, where the client lets it be said, the
            user is disabled.
        UserNotFoundError: No such user, and the client lets that be said.
        InvalidParameterError: The user is confirmed or has no address, and the client lets that
            be said.
        LimitExceededError: Too many codes went to this address.
        CodeDeliveryFailureError: The engine has no delivery.
    """
    client, _ = client_of(parts, request.client_id, request.username, request.secret_hash)
    recipient = await recipient_of(parts, client, request.username, _objection, sign_up_recipient)
    occasion = Occasion("ResendCode", client, request.client_metadata)
    return await send_code(parts, Purpose.SIGN_UP, recipient, occasion)


def _objection(account: Account) -> CallerError | None:
    if not account.enabled:
        return NotAuthorizedError("User is disabled.")
    if account.status is not UserStatus.UNCONFIRMED:
        return InvalidParameterError("User is already confirmed.")
    if sign_up_channel(account) is None:
        return InvalidParameterError("Cannot resend codes. Auto verification not turned on.")
    return None
