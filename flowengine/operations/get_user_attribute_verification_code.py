"""GetUserAttributeVerificationCode: a signed-in user asks for a code to an address they gave.

Source: Amazon Cognito API reference, GetUserAttributeVerificationCode.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from flowengine.engine.access_tokens import holder_of
from flowengine.engine.parts import Parts
from flowengine.operations.codes import CodeDelivery, Occasion, Purpose, send_code
from flowengine.operations.recipients import address_recipient


async def get_user_attribute_verification_code(
    parts: Parts,
    access_token: str,
    attribute: str,
    client_metadata: Mapping[str, str] = MappingProxyType({}),
) -> CodeDelivery:
    """Send a code, good for a day, to an address that the user has; the one before ends.

    Args:
        attribute: ``email`` or ``phone_number``.

    Raises:
        CallerError: The token, or its user, is not good any more; see ``holder_of``.
        InvalidParameterError: Not an address, or the user has none.
        LimitExceededError: Too many codes went to this address.
        CodeDeliveryFailureError: The engine has no delivery.
    """
    holder = await holder_of(parts, access_token)
    recipient = address_recipient(holder.pool, holder.account, attribute)
    occasion = Occasion("", parts.clients[holder.client_id], client_metadata)
    return await send_code(parts, Purpose.VERIFY_ATTRIBUTE, recipient, occasion)
