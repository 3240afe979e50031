"""GetDevice: a signed-in user looks at one of their devices.

Source: Amazon Cognito API reference, GetDevice.
"""

from __future__ import annotations

from flowengine.accounts.device import Device
from flowengine.engine.parts import Parts
from flowengine.operations.devices import device_holder, own_device


async def get_device(parts: Parts, access_token: str, device_key: str) -> Device:
    """Describe a device.

    Raises:
        ResourceNotFoundError: The user has no device of this key.
        CallerError: Not this user's to ask; see ``device_holder``.
    """
    holder, devices = await device_holder(parts, access_token)
    return await own_device(holder, devices, device_key)
