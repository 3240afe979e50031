"""ListDevices: a signed-in user looks at all of their devices.

Source: Amazon Cognito API reference, ListDevices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from flowengine.accounts.device import Device
from flowengine.engine.parts import Parts
from flowengine.operations.devices import device_holder

MOST = 60


@dataclass(frozen=True, slots=True)
class DevicePage:
    """Some of a user's devices.

    Attributes:
        after: What is sent to get the next ones; None where these are the last.
    """

    devices: Sequence[Device]
    after: str | None = field(repr=False)


async def list_devices(parts: Parts, access_token: str, limit: int, after: str) -> DevicePage:
    """Give a user's devices in the order of their keys.

    Args:
        limit: 0 to 60; 0 means 60.
        after: What the page before gave, or "".

    Raises:
        CallerError: Not this user's to ask; see ``device_holder``.
    """
    holder, devices = await device_holder(parts, access_token)
    most = limit or MOST
    found = await devices.page(holder.pool.id, holder.account.sub, after, most + 1)
    page = found[:most]
    return DevicePage(page, page[-1].key if len(found) > most else None)
