"""UpdateDeviceStatus: a signed-in user says whether a device shall be remembered.

Source: Amazon Cognito API reference, UpdateDeviceStatus.
"""

from __future__ import annotations

from dataclasses import replace

from flowengine.challenges.device_srp_auth import NO_SUCH_DEVICE
from flowengine.engine.parts import Parts
from flowengine.errors import ResourceNotFoundError
from flowengine.operations.devices import device_holder, own_device


async def update_device_status(
    parts: Parts, access_token: str, device_key: str, *, remembered: bool | None
) -> None:
    """Remember a device, or no longer; it stays confirmed either way.

    Args:
        remembered: None changes nothing.

    Raises:
        ResourceNotFoundError: The user has no device of this key.
        CallerError: Not this user's to ask; see ``device_holder``.
    """
    holder, devices = await device_holder(parts, access_token)
    device = await own_device(holder, devices, device_key)
    if remembered is None or remembered == device.remembered:
        return
    changed = replace(device, remembered=remembered, modified_at=parts.clock.now())
    if not await devices.save(changed):
        raise ResourceNotFoundError(NO_SUCH_DEVICE)
