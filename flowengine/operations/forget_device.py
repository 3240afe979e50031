"""ForgetDevice: a signed-in user forgets a device.

Source: Amazon Cognito API reference, ForgetDevice.
"""

from __future__ import annotations

from flowengine.accounts.device import Device
from flowengine.challenges.device_srp_auth import NO_SUCH_DEVICE
from flowengine.engine.access_tokens import Holder
from flowengine.engine.parts import Parts
from flowengine.errors import ResourceNotFoundError
from flowengine.operations.devices import device_holder, own_device


async def forget_device(parts: Parts, access_token: str, device_key: str) -> None:
    """Forget a device: it proves nothing any more, and refreshes nothing.

    Who forgets the device that they are on stays signed in, as on a device that was never
    confirmed.

    Raises:
        ResourceNotFoundError: The user has no device of this key.
        CallerError: Not this user's to ask; see ``device_holder``.
    """
    holder, devices = await device_holder(parts, access_token)
    await _end_first_sign_in(parts, holder, await own_device(holder, devices, device_key))
    if not await devices.remove(holder.pool.id, holder.account.sub, device_key):
        raise ResourceNotFoundError(NO_SUCH_DEVICE)


async def _end_first_sign_in(parts: Parts, holder: Holder, device: Device) -> None:
    """Revoke the sign-in that the device was confirmed in, unless the asker is in it.

    Its record tells only that a device was offered: once the device is gone nothing would tell
    that it was confirmed, and its refresh token would be good without the device.
    """
    asker = holder.grant.origin_jti if holder.grant else ""
    if parts.grants is not None and device.origin_jti not in ("", asker):
        await parts.grants.revoke(device.origin_jti)
