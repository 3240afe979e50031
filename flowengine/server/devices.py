"""The operations on devices, between the wire and ``flowengine.operations``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flowengine.accounts.device import Device
from flowengine.engine.engine import AsyncEngine
from flowengine.engine.requests import RequestOrigin
from flowengine.operations.confirm_device import LONGEST_NAME, ConfirmDeviceRequest
from flowengine.operations.confirm_device import confirm_device as confirm
from flowengine.operations.forget_device import forget_device as forget
from flowengine.operations.get_device import get_device as get
from flowengine.operations.list_devices import MOST
from flowengine.operations.list_devices import list_devices as page
from flowengine.operations.update_device_status import update_device_status as update
from flowengine.server.inputs import ACCESS_TOKEN, DEVICE_KEY
from flowengine.server.replies import epoch_seconds
from flowengine.server.shapes import LONGEST_STRING, Structure, Text, Whole

Members = Mapping[str, Any]
Body = dict[str, Any]

_STATUSES: Final = ("remembered", "not_remembered")
_TEXT: Final = Text(longest=LONGEST_STRING)
_PAGE: Final = Text(1, None, r"[\S]+", lambda text: text.strip() != "")

CONFIRM_DEVICE: Final = Structure(
    {
        "AccessToken": ACCESS_TOKEN,
        "DeviceKey": DEVICE_KEY,
        "DeviceSecretVerifierConfig": Structure({"PasswordVerifier": _TEXT, "Salt": _TEXT}),
        "DeviceName": Text(1, LONGEST_NAME),
    },
    frozenset({"AccessToken", "DeviceKey"}),
)
# The model lets the token be absent; then there is nobody whose device it could be.
NAMED_DEVICE: Final = Structure(
    {"AccessToken": ACCESS_TOKEN, "DeviceKey": DEVICE_KEY}, frozenset({"DeviceKey"})
)
UPDATE_DEVICE_STATUS: Final = Structure(
    {
        "AccessToken": ACCESS_TOKEN,
        "DeviceKey": DEVICE_KEY,
        "DeviceRememberedStatus": Text(values=_STATUSES),
    },
    frozenset({"AccessToken", "DeviceKey"}),
)
LIST_DEVICES: Final = Structure(
    {"AccessToken": ACCESS_TOKEN, "Limit": Whole(0, MOST), "PaginationToken": _PAGE},
    frozenset({"AccessToken"}),
)


async def confirm_device(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """ConfirmDevice."""
    config = members.get("DeviceSecretVerifierConfig", {})
    request = ConfirmDeviceRequest(
        access_token=members["AccessToken"],
        device_key=members["DeviceKey"],
        verifier=config.get("PasswordVerifier"),
        salt=config.get("Salt"),
        name=members.get("DeviceName", ""),
    )
    return {"UserConfirmationNecessary": await confirm(engine.parts, request)}


async def get_device(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """GetDevice."""
    found = await get(engine.parts, members.get("AccessToken", ""), members["DeviceKey"])
    return {"Device": _body(found)}


async def list_devices(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """ListDevices."""
    after = members.get("PaginationToken", "")
    found = await page(engine.parts, members["AccessToken"], members.get("Limit", 0), after)
    more = {} if found.after is None else {"PaginationToken": found.after}
    return {"Devices": [_body(device) for device in found.devices], **more}


async def update_device_status(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """UpdateDeviceStatus."""
    written = members.get("DeviceRememberedStatus")
    remembered = None if written is None else written == _STATUSES[0]
    await update(engine.parts, members["AccessToken"], members["DeviceKey"], remembered=remembered)
    return {}


async def forget_device(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """ForgetDevice."""
    await forget(engine.parts, members.get("AccessToken", ""), members["DeviceKey"])
    return {}


def _body(device: Device) -> Body:
    name = {"device_name": device.name} if device.name else {}
    remembered = _STATUSES[0] if device.remembered else _STATUSES[1]
    attributes = {"device_status": "valid", **name, "dev:device_remembered_status": remembered}
    return {
        "DeviceKey": device.key,
        "DeviceAttributes": [{"Name": name, "Value": text} for name, text in attributes.items()],
        "DeviceCreateDate": epoch_seconds(device.created_at),
        "DeviceLastModifiedDate": epoch_seconds(device.modified_at),
        "DeviceLastAuthenticatedDate": epoch_seconds(device.seen_at),
    }
