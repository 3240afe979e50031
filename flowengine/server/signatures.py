"""Who may call the administrative operations: the holders of a configured key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from flowengine.crypto.sigv4 import Refusal, SignedRequest, claimed_region, verify
from flowengine.errors import (
    AccessDeniedError,
    CallerError,
    InvalidSignatureError,
    MissingAuthenticationTokenError,
)
from flowengine.server.http import HttpRequest

_REGION: Final = re.compile(r"[a-z]{2,5}(-[a-z]{1,20}){1,3}-[0-9]{1,2}", re.ASCII)
_USUAL_REGION: Final = "us-east-1"


def signed_region(
    request: HttpRequest, keys: Mapping[str, str], regions: Iterable[str] | None, now: datetime
) -> str:
    """Verify a request's signature before anything of its body is interpreted.

    Args:
        keys: Secrets by key id.
        regions: Those of the pools. Which pool is meant stands in the body, so the caller
            compares its region with the one that is given back. None takes any.

    Raises:
        CallerError: There is no key, no signature, or not a right one.
    """
    if not keys:
        raise AccessDeniedError("Administrative operations are not enabled on this server.")
    signed = SignedRequest(
        request.method, request.path, request.query, request.headers, request.body
    )
    if regions is None:
        regions = filter(_REGION.fullmatch, [claimed_region(signed) or _USUAL_REGION])
    outcome: str | Refusal = Refusal.OTHER_SCOPE
    for region in sorted(set(regions)):
        outcome = verify(signed, keys, region=region, now=now)
        if not isinstance(outcome, Refusal):
            return region
        if outcome is not Refusal.OTHER_SCOPE:
            break
    raise refused(Refusal(outcome))


def refused(refusal: Refusal) -> CallerError:
    """Word a refusal; the texts are fixed and name no key."""
    match refusal:
        case Refusal.UNSIGNED:
            return MissingAuthenticationTokenError()
        case Refusal.UNKNOWN_KEY:
            return AccessDeniedError("The security token included in the request is invalid.")
        case _:
            return InvalidSignatureError(f"The request signature is refused: {refusal.value}.")
