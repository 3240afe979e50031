"""UpdateDeviceStatus: a signed-in user says whether a device shall be remembered.

Source: Amazon Cognito API reference, UpdateDeviceStatus.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from flowengine.engine.parts import Parts
from flowengine.errors import TooManyRequestsError
from flowengine.operations.devices import device_holder, own_device

_MOST_TRIES: Final = 5
"""How often it is done anew because another change was faster."""


async def update_device_status(
    parts: Parts, access_token: str, device_key: str, *, remembered: bool | None
) -> None:
    """Remember a device, or no longer; it stays confirmed either way.

    Args:
        remembered: None changes nothing.

    Raises:
        ResourceNotFoundError: The user has no device of this key.
        TooManyRequestsError: Others changed it again and again meanwhile.
        CallerError: Not this user's to ask; see ``device_holder``.
    """
    holder, devices = await device_holder(parts, access_token)
    for _ in range(_MOST_TRIES):
        device = await own_device(holder, devices, device_key)
        if remembered is None or remembered == device.remembered:
            return
        # Later than the present one, also where another server's clock is ahead.
        now = max(parts.clock.now(), device.modified_at + timedelta.resolution)
        if await devices.save(replace(device, remembered=remembered, modified_at=now)):
            return
    raise TooManyRequestsError
