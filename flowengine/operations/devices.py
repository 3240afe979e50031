"""What the operations on devices share."""

from __future__ import annotations

from flowengine.accounts.device import Device
from flowengine.challenges.device_srp_auth import NO_SUCH_DEVICE
from flowengine.engine.access_tokens import Holder, holder_of
from flowengine.engine.parts import Parts
from flowengine.engine.ports import Devices
from flowengine.errors import InvalidParameterError, ResourceNotFoundError

NOT_TRACKED = "Device Tracking is not enabled for the user pool."


async def device_holder(parts: Parts, access_token: str) -> tuple[Holder, Devices]:
    """Find who asks, and where their devices are kept.

    Raises:
        InvalidParameterError: The pool knows no devices.
        CallerError: The token, or its user, is not good any more; see ``holder_of``.
    """
    holder = await holder_of(parts, access_token)
    if holder.pool.devices is None or parts.devices is None:
        raise InvalidParameterError(NOT_TRACKED)
    return holder, parts.devices


async def own_device(holder: Holder, devices: Devices, key: str) -> Device:
    """Find one of the asker's devices.

    Raises:
        ResourceNotFoundError: There is none of this key.
    """
    device = await devices.find(holder.pool.id, holder.account.sub, key)
    if device is None:
        raise ResourceNotFoundError(NO_SUCH_DEVICE)
    return device
