"""ForgetDevice: a signed-in user forgets a device.

Source: Amazon Cognito API reference, ForgetDevice.
"""

from __future__ import annotations

from flowengine.challenges.device_srp_auth import NO_SUCH_DEVICE
from flowengine.engine.parts import Parts
from flowengine.errors import ResourceNotFoundError
from flowengine.operations.devices import device_holder


async def forget_device(parts: Parts, access_token: str, device_key: str) -> None:
    """Forget a device: it proves nothing any more, and refreshes nothing.

    Raises:
        ResourceNotFoundError: The user has no device of this key.
        CallerError: Not this user's to ask; see ``device_holder``.
    """
    holder, devices = await device_holder(parts, access_token)
    if not await devices.remove(holder.pool.id, holder.account.sub, device_key):
        raise ResourceNotFoundError(NO_SUCH_DEVICE)
