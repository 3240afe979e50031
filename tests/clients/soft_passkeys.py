"""soft-webauthn's authenticators, by the commands that drive them; see ``client.py``."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from soft_webauthn import SoftWebauthnDevice

from tests.soft_authenticator import Options, soft_create, soft_get


class SoftPasskeys:
    """Authenticators by name; each has one passkey."""

    def __init__(self) -> None:
        self._devices: dict[str, SoftWebauthnDevice] = {}
        self.commands: dict[str, Callable[..., Any]] = {
            "soft_create": self.create,
            "soft_get": self.get,
            "soft_copy": self.copy,
        }

    def create(self, name: str, options: Options, origin: str) -> dict[str, Any]:
        """Make a new authenticator, and have it register."""
        self._devices[name] = SoftWebauthnDevice()
        return soft_create(self._devices[name], options, origin)

    def get(self, name: str, options: Options, origin: str) -> dict[str, Any]:
        """Have an authenticator sign."""
        return soft_get(self._devices[name], options, origin)

    def copy(self, name: str, to: str, relying_party: str | None = None) -> None:
        """Copy an authenticator with its key and its counter.

        Args:
            relying_party: What the copy takes its passkey to be for, where it errs.
        """
        self._devices[to] = copy.copy(self._devices[name])
        if relying_party is not None:
            self._devices[to].rp_id = relying_party
