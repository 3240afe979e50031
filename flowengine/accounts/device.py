"""A device that a user was signed in on and may be asked for instead of a second factor."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from flowengine.accounts.account import SrpCredential

LONGEST_DEVICE_KEY: Final = 55
DEVICE_KEY_PATTERN: Final = r"[\w-]+_[0-9a-f-]+"
"""As the API model writes it (``DeviceKeyType``)."""
_KEY: Final = re.compile(DEVICE_KEY_PATTERN, re.ASCII)


def is_device_key(text: str) -> bool:
    """Say whether a text looks as the key of a device does."""
    return len(text) <= LONGEST_DEVICE_KEY and _KEY.fullmatch(text) is not None


class RememberDevices(StrEnum):
    """Whether a device that was confirmed is remembered.

    Source: Amazon Cognito API reference, DeviceConfigurationType.
    """

    ALWAYS = "always"
    ON_REQUEST = "on_request"
    """Only when UpdateDeviceStatus says so: ``DeviceOnlyRememberedOnUserPrompt``."""


@dataclass(frozen=True, slots=True)
class DeviceSettings:
    """A pool's devices.

    Attributes:
        challenge_on_new: Whether flows may take a remembered device for a second factor.
    """

    remember: RememberDevices = RememberDevices.ALWAYS
    challenge_on_new: bool = True


@dataclass(frozen=True, slots=True)
class Device:
    """A confirmed device of one user.

    Attributes:
        key: ``<region>_<uuid>``; names it, and proves nothing.
        group_key: Mixed into what its secret signs.
        credential: Its secret, as an SRP verifier.
        name: What the client called it; may be empty.
        remembered: Whether its proof may stand for a second factor.
        seen_at: UTC; when it was last signed in on.
        origin_jti: The sign-in that it was confirmed in; "" where nothing keeps sign-ins.
    """

    pool_id: str
    sub: str
    key: str = field(repr=False)
    group_key: str = field(repr=False)
    credential: SrpCredential = field(repr=False)
    name: str
    remembered: bool
    created_at: datetime
    modified_at: datetime
    seen_at: datetime
    origin_jti: str = ""
