"""ConfirmDevice: a signed-in user's client gives the device a secret of its own.

Source: Amazon Cognito API reference, ConfirmDevice; COGNITO.md, D and H.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass, field
from typing import Final

from flowengine.accounts.account import SrpCredential
from flowengine.accounts.attributes import is_storable
from flowengine.accounts.device import Device, RememberDevices
from flowengine.challenges.device_srp_auth import INVALID_DEVICE_KEY
from flowengine.crypto import srp
from flowengine.crypto.text import octets
from flowengine.engine.devices import group_key
from flowengine.engine.parts import Parts
from flowengine.errors import DeviceKeyExistsError, InvalidParameterError
from flowengine.operations.devices import device_holder

LONGEST_NAME: Final = 1024
_LONGEST_SALT: Final = 32
"""Bytes. Clients draw 16 and pad them to 17."""


@dataclass(frozen=True, slots=True)
class ConfirmDeviceRequest:
    """What is asked.

    Attributes:
        device_key: The one that the sign-in's NewDeviceMetadata named.
        verifier: ``DeviceSecretVerifierConfig.PasswordVerifier``: base64 of v, big-endian.
        salt: ``DeviceSecretVerifierConfig.Salt``: base64 of the salt, big-endian.
        name: What the client calls the device.
    """

    access_token: str = field(repr=False)
    device_key: str = field(repr=False)
    verifier: str | None = field(default=None, repr=False)
    salt: str | None = field(default=None, repr=False)
    name: str = field(default="", repr=False)


async def confirm_device(parts: Parts, request: ConfirmDeviceRequest) -> bool:
    """Keep a device.

    Returns:
        Whether the user has to say that it shall be remembered.

    Raises:
        InvalidParameterError: Another device than this sign-in's, or no verifier.
        DeviceKeyExistsError: It was confirmed before.
        CallerError: Not this user's to ask; see ``device_holder``.
    """
    holder, devices = await device_holder(parts, request.access_token)
    settings, sub = holder.pool.devices, holder.account.sub
    named = octets(holder.device_key)
    if not named or not hmac.compare_digest(octets(request.device_key), named):
        raise InvalidParameterError(INVALID_DEVICE_KEY)
    if len(request.name) > LONGEST_NAME or not is_storable(request.name):
        raise InvalidParameterError("Invalid value for parameter DeviceName")
    now = parts.clock.now()
    on_request = settings is None or settings.remember is RememberDevices.ON_REQUEST
    device = Device(
        pool_id=holder.pool.id,
        sub=sub,
        key=request.device_key,
        group_key=group_key(parts, holder.pool, sub),
        credential=_credential(request),
        name=request.name,
        remembered=not on_request,
        created_at=now,
        modified_at=now,
        seen_at=now,
        origin_jti=holder.grant.origin_jti if holder.grant else "",
    )
    if not await devices.add(device):
        raise DeviceKeyExistsError
    return on_request


def _credential(request: ConfirmDeviceRequest) -> SrpCredential:
    """Read what the device's secret will be checked with.

    Raises:
        InvalidParameterError: It is missing, or none that SRP can be done with.
    """
    verifier = _number(request.verifier, "PasswordVerifier", srp.PRIME.bit_length() // 8 + 1)
    salt = _number(request.salt, "Salt", _LONGEST_SALT)
    if not 1 < verifier < srp.PRIME - 1:
        raise InvalidParameterError("Invalid value for parameter PasswordVerifier")
    return SrpCredential(srp.to_hex(salt), verifier)


def _number(written: str | None, name: str, longest: int) -> int:
    if not written:
        raise InvalidParameterError.missing(name)
    try:
        decoded = base64.b64decode(octets(written), validate=True)
    except binascii.Error:
        decoded = b""
    if not 0 < len(decoded) <= longest:
        raise InvalidParameterError(f"Invalid value for parameter {name}")
    return int.from_bytes(decoded, "big")
