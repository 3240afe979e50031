"""The users of a scenario: as the directory keeps them, and what they know and hold."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from flowengine.accounts.account import Account, Passkey, SrpCredential, TotpFactor
from flowengine.accounts.credentials import make_password
from flowengine.accounts.device import Device
from flowengine.accounts.pool import Pool
from flowengine.accounts.user import UserStatus
from flowengine.crypto import srp, totp
from flowengine.crypto.entropy import Entropy
from flowengine.crypto.passkey_client import SoftwarePasskey, new_passkey
from flowengine.crypto.passkeys import user_handle

RELYING_PARTY: Final = "example.com"
REMEMBERED: Final = "remembered"
UNKNOWN: Final = "unknown"
DEVICES: Final = (REMEMBERED, "confirmed", UNKNOWN)
"""What a directory may know of a device."""
MAILBOX: Final = "user@example.com"
"""Of whoever has one; a verified mailbox is the only one that can be set up as a factor."""
_EMAIL: Final = MappingProxyType({"email": MAILBOX, "email_verified": "true"})
_PHONE: Final = MappingProxyType({"phone_number": "+15555550100", "phone_number_verified": "true"})


@dataclass(frozen=True, slots=True)
class OwnedDevice:
    """What a device knows of itself.

    Attributes:
        key: Its DEVICE_KEY.
        password: Its secret, chosen by the client.
    """

    key: str = field(repr=False)
    group_key: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(slots=True)
class Person:
    """One user, as a client program has them before it.

    Attributes:
        account: As it was first put into the directory; None for one who does not exist.
        handle: By what the passkey knows its user.
        devices: By what the directory knows of each: see ``DEVICES``.
        device: The one that the client is on.
        count: What the passkey counted last.
    """

    name: str
    account: Account | None
    password: str = field(repr=False)
    totp: bytes = field(repr=False)
    passkey: SoftwarePasskey = field(repr=False)
    handle: bytes = field(repr=False)
    devices: Mapping[str, OwnedDevice] = field(repr=False)
    device: OwnedDevice = field(repr=False)
    count: int = 0

    def named_device(self, known: str) -> str:
        """Give the DEVICE_KEY of a device, which the client is on from here on."""
        self.device = self.devices[known]
        return self.device.key


def make_person(
    name: str, said: Mapping[str, Any], pool: Pool, entropy: Entropy, now: datetime
) -> Person:
    """Make a user; whatever is not said is drawn."""
    has = frozenset(said.get("has", ()))
    password = said.get("password") or new_secret(entropy)
    secret, passkey = totp.new_secret(entropy), new_passkey(entropy)
    devices = {known: _new_device(pool, entropy) for known in DEVICES}
    sub = said.get("sub") or _uuid(entropy)
    temporary = said.get("status") == UserStatus.FORCE_CHANGE_PASSWORD.value
    has_password = said.get("password", "") is not None
    account = Account(
        pool_id=pool.id,
        username=name,
        sub=sub,
        stamp=entropy(16).hex(),
        created_at=now,
        modified_at=now,
        status=UserStatus(said.get("status", UserStatus.CONFIRMED.value)),
        enabled=said.get("enabled", True),
        groups=tuple(said.get("groups", ())),
        attributes=MappingProxyType(_attributes(said, has)),
        password=make_password(pool, name, password, entropy) if has_password else None,
        totp=TotpFactor(secret) if "totp" in has else None,
        sms_mfa="sms" in has,
        email_mfa="email" in has,
        passkeys=(_registered(passkey, now),) if "passkey" in has else (),
        prefers=said.get("prefers", ""),
        temporary_until=now + pool.temporary_password_life if temporary else None,
    )
    exists = said.get("exists", True)
    return Person(
        name,
        account if exists else None,
        password,
        secret,
        passkey,
        user_handle(pool.id, sub),
        devices,
        devices[REMEMBERED],
    )


def new_secret(entropy: Entropy) -> str:
    """Draw a text that fits every password policy."""
    return f"{base64.b32encode(entropy(10)).decode().lower()}-A1"


def _new_device(pool: Pool, entropy: Entropy) -> OwnedDevice:
    return OwnedDevice(f"{pool.region}_{_uuid(entropy)}", "-Scenario", new_secret(entropy))


def _uuid(entropy: Entropy) -> str:
    return str(uuid.UUID(bytes=entropy(16), version=4))


def device_of(own: OwnedDevice, account: Account, *, remembered: bool) -> Device:
    """Give a user's device as it is kept once it was confirmed."""
    kept = srp.enrol(own.group_key, own.key, own.password, _fixed)
    return Device(
        pool_id=account.pool_id,
        sub=account.sub,
        key=own.key,
        group_key=own.group_key,
        credential=SrpCredential(kept.salt_hex, kept.value),
        name="",
        remembered=remembered,
        created_at=account.created_at,
        modified_at=account.created_at,
        seen_at=account.created_at,
    )


def _fixed(size_bytes: int) -> bytes:
    """Salt a device's verifier; nothing here is worth a better one."""
    return bytes(range(1, size_bytes + 1))


def _attributes(said: Mapping[str, Any], has: frozenset[str]) -> dict[str, str]:
    verified = frozenset(said.get("verified", ()))
    email = _EMAIL if "email" in has | verified else {}
    phone = _PHONE if "sms" in has or "phone" in verified else {}
    return {**email, **phone, **said.get("attributes", {})}


def _registered(passkey: SoftwarePasskey, now: datetime) -> Passkey:
    return Passkey(
        credential_id=passkey.credential_id,
        public_key=passkey.public_key,
        sign_count=0,
        relying_party=RELYING_PARTY,
        created_at=now,
        verifies_user=True,
    )
