"""soft-webauthn, with what it takes and gives in the JSON forms of browsers.

Processes that have nothing of flowengine use this too: nothing of it is imported here.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from soft_webauthn import SoftWebauthnDevice

Options = Mapping[str, Any]


def soft_create(device: SoftWebauthnDevice, options: Options, origin: str) -> dict[str, Any]:
    """Have soft-webauthn register."""
    user = {**options["user"], "id": _raw(options["user"]["id"])}
    binary = {**options, "challenge": _raw(options["challenge"]), "user": user}
    return _as_json(device.create({"publicKey": binary}, origin))


def soft_get(device: SoftWebauthnDevice, options: Options, origin: str) -> dict[str, Any]:
    """Have soft-webauthn sign."""
    binary = {**options, "challenge": _raw(options["challenge"])}
    return _as_json(device.get({"publicKey": binary}, origin))


def _as_json(credential: Mapping[str, Any]) -> dict[str, Any]:
    response = {name: _text(value) for name, value in credential["response"].items()}
    identifier = _text(credential["rawId"])
    return {"id": identifier, "rawId": identifier, "type": "public-key", "response": response}


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
