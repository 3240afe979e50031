"""Answers on the wire: headers, errors, and what the engine and the operations give.

Source: Amazon Cognito API reference; what real responses look like, COGNITO.md F.4 and H.3.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, assert_never

from flowengine.engine.replies import AuthenticationResult, ChallengeReply, Reply, SuccessReply
from flowengine.operations.users import UserProfile
from flowengine.server.http import Headers, HttpResponse

AMZ_JSON: Final = "application/x-amz-json-1.1"
ALLOW_ANY_ORIGIN: Final = ("access-control-allow-origin", "*")

_EXPOSED: Final = "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"
_UNFIT_FOR_HEADER: Final = re.compile(r"[^\x20-\x7e\xa0-\xff]+")
_LONGEST_HEADER_TEXT: Final = 1024


def succeeded(request_id: str, body: Mapping[str, Any]) -> HttpResponse:
    """Answer 200."""
    return HttpResponse(200, _headers(request_id), write_json(body))


def failed(request_id: str, status: int, code: str, message: str) -> HttpResponse:
    """Answer with an error: in the body, and in both headers for clients that read those."""
    headers = (
        *_headers(request_id),
        ("x-amzn-errortype", f"{code}:"),
        ("x-amzn-errormessage", _for_header(message)),
    )
    return HttpResponse(status, headers, write_json({"__type": code, "message": message}))


def write_json(body: Mapping[str, Any]) -> bytes:
    """Write JSON in ASCII, which no decoder can get wrong."""
    return json.dumps(body, separators=(",", ":"), allow_nan=False).encode("ascii")


def _headers(request_id: str) -> Headers:
    return (
        ("content-type", AMZ_JSON),
        ("x-amzn-requestid", request_id),
        ALLOW_ANY_ORIGIN,
        ("access-control-expose-headers", _EXPOSED),
        ("cache-control", "no-store"),
    )


def _for_header(message: str) -> str:
    """Give what of a text can stand in a header: no control characters, Latin-1 only."""
    return _UNFIT_FOR_HEADER.sub(" ", message).strip()[:_LONGEST_HEADER_TEXT]


def sign_in_body(reply: Reply) -> dict[str, Any]:
    """Give the body for where a sign-in stands; absent members are left out."""
    match reply:
        case ChallengeReply():
            return _challenge(reply)
        case SuccessReply():
            return {**tokens_body(reply.authentication_result), "ChallengeParameters": {}}
        case _:
            assert_never(reply)


def tokens_body(result: AuthenticationResult | None) -> dict[str, Any]:
    """Give the member that holds tokens; none where there are none."""
    return {} if result is None else {"AuthenticationResult": _tokens(result)}


def _challenge(reply: ChallengeReply) -> dict[str, Any]:
    session = {} if reply.session is None else {"Session": reply.session}
    available = list(reply.available_challenges)
    return {
        "ChallengeName": reply.challenge_name,
        "ChallengeParameters": dict(reply.challenge_parameters),
        **session,
        **({"AvailableChallenges": available} if available else {}),
    }


def _tokens(result: AuthenticationResult) -> dict[str, Any]:
    refresh = {} if result.refresh_token is None else {"RefreshToken": result.refresh_token}
    return {
        "AccessToken": result.access_token,
        "ExpiresIn": result.expires_in,
        "TokenType": result.token_type,
        **refresh,
        "IdToken": result.id_token,
        **_new_device(result),
    }


def _new_device(result: AuthenticationResult) -> dict[str, Any]:
    device = result.new_device
    if device is None:
        return {}
    return {"NewDeviceMetadata": {"DeviceKey": device.key, "DeviceGroupKey": device.group_key}}


def user_body(profile: UserProfile, attributes_as: str) -> dict[str, Any]:
    """Give the body that describes a user to an administrator.

    Args:
        attributes_as: ``UserAttributes``, or ``Attributes`` in the user that was made.
    """
    return {
        "Username": profile.username,
        attributes_as: attribute_list(profile.attributes),
        "UserCreateDate": epoch_seconds(profile.created_at),
        "UserLastModifiedDate": epoch_seconds(profile.modified_at),
        "Enabled": profile.enabled,
        "UserStatus": profile.status.value,
    }


def factors_body(profile: UserProfile) -> dict[str, Any]:
    """Give the members about second factors; there are none where nothing is active."""
    body: dict[str, Any] = {}
    if profile.mfa_methods:
        body["UserMFASettingList"] = list(profile.mfa_methods)
    if profile.preferred_mfa:
        body["PreferredMfaSetting"] = profile.preferred_mfa
    return body


def attribute_list(attributes: Mapping[str, str]) -> list[dict[str, str]]:
    """Write attributes as the API does: a list of names and values."""
    return [{"Name": name, "Value": value} for name, value in attributes.items()]


def epoch_seconds(moment: datetime) -> float:
    """Write a time as the protocol does: seconds since 1970, to the millisecond."""
    return round(moment.timestamp(), 3)
