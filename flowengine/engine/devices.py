"""Devices in a sign-in: new ones, and how DEVICE_SRP_AUTH is answered without a Session.

Clients exist that send neither Session nor SECRET_BLOCK with DEVICE_SRP_AUTH, only USERNAME,
DEVICE_KEY and the SRP_A that the sign-in began with (COGNITO.md, A.1). So the id of a sign-in that
began with both, and the secret of the step that asks for the device, are derived from them: whoever
sends the same again names the same step. That proves nothing, as no handle does.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from collections.abc import Mapping
from dataclasses import replace

from flowengine.accounts.decoys import decoy_name
from flowengine.accounts.pool import Client, Pool
from flowengine.challenges.device_srp_auth import DEVICE_KEY
from flowengine.challenges.srp_proof import SRP_A
from flowengine.crypto.sealing import derive
from flowengine.crypto.text import octets
from flowengine.engine.handles import Handle
from flowengine.engine.parts import Parts
from flowengine.errors import InvalidParameterError, NotAuthorizedError
from flowengine.runtime.record import SignInRecord
from flowengine.runtime.token import StepToken, same_secret

DEVICE_SRP_AUTH = "DEVICE_SRP_AUTH"

_ID_INFO = b"flowengine device sign-in v1"
_SECRET_INFO = b"flowengine device step v1"
_GROUP_INFO = b"flowengine device group v1"
_AT_ONCE = 4
"""How many sign-ins may be under way that began with the same SRP_A and device."""


def _seed(client: Client, username: str, device_key: str, srp_a: str) -> bytes:
    """Hash what a sign-in began with; each part by itself, so that none can run into the next."""
    parts = (client.id, username, device_key, srp_a.lower().lstrip("0"))
    return hashlib.sha256(b"".join(hashlib.sha256(octets(p)).digest() for p in parts)).digest()


def _ids(seed: bytes) -> list[bytes]:
    return [derive(seed, _ID_INFO + bytes([number]), 16) for number in range(_AT_ONCE)]


def _secret(seed: bytes, sign_in: bytes) -> bytes:
    return derive(seed, _SECRET_INFO + sign_in)


async def sign_in_id(
    parts: Parts, client: Client, username: str, given: Mapping[str, str]
) -> bytes | None:
    """Give the id of a sign-in that begins with a device; None where any will do."""
    key, written = given.get(DEVICE_KEY), given.get(SRP_A)
    if key is None or written is None:
        return None
    now = parts.clock.now()
    for candidate in _ids(_seed(client, username, key, written)):
        if await parts.sessions.peek(candidate, now) is None:
            return candidate
    return None


def device_token(
    client: Client, record: SignInRecord, carried: Mapping[str, str], token: StepToken
) -> StepToken:
    """Give the step that asks for the device the secret that the device can derive."""
    key, written = record.parameters.get(DEVICE_KEY), carried.get(SRP_A)
    if key is None or written is None:
        return token
    seed = _seed(client, record.user.username, key, written)
    return replace(token, secret=_secret(seed, token.id))


async def find_device_step(
    parts: Parts, pool: Pool, client: Client, username: str, sent: Mapping[str, str]
) -> Handle:
    """Find the step that an answer without a Session means.

    Raises:
        InvalidParameterError: Neither a Session came nor what would stand for it.
        NotAuthorizedError: There is no such step.
    """
    key, written = sent.get(DEVICE_KEY), sent.get(SRP_A)
    if key is None or written is None:
        raise InvalidParameterError.missing("Session")
    account = None
    if parts.directory is not None:
        account = await parts.directory.find(pool.id, username)
    played = decoy_name(parts.decoy_secret, pool, username)
    seed = _seed(client, played if account is None else account.username, key, written)
    now = parts.clock.now()
    for candidate in reversed(_ids(seed)):
        peeked = await parts.sessions.peek(candidate, now)
        if peeked is None or peeked.ended:
            continue
        token = StepToken(candidate, peeked.step, _secret(seed, candidate))
        if same_secret(token, peeked.secret_hash):
            return Handle(token, by_block=True)
    raise NotAuthorizedError


def new_device_key(parts: Parts, pool: Pool) -> str:
    """Name a device that may be confirmed with the access token of this sign-in."""
    return f"{pool.region}_{uuid.UUID(bytes=parts.entropy.draw(16), version=4)}"


def group_key(parts: Parts, pool: Pool, sub: str) -> str:
    """Give the group key of a user's devices: the same whenever it is asked for."""
    message = b"|".join((_GROUP_INFO, octets(pool.id), octets(sub)))
    digest = hmac.digest(parts.decoy_secret, message, "sha256")
    return "-" + base64.urlsafe_b64encode(digest[:6]).decode("ascii")
