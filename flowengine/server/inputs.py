r"""The input of each operation, as the API model of 2016-04-18 limits it.

One reading is wider than the letter of the model: its pattern for passwords, ``[\S]+``, is
looked for anywhere, since a blank inside a password is allowed where a user chooses one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from flowengine.accounts.attributes import LONGEST_VALUE
from flowengine.accounts.device import DEVICE_KEY_PATTERN, LONGEST_DEVICE_KEY
from flowengine.accounts.password_policy import LONGEST_PASSWORD
from flowengine.challenges.catalog import CHALLENGE_NAMES
from flowengine.engine.parts import KNOWN_AUTH_FLOWS
from flowengine.operations.admin_create_user import LONGEST_USERNAME, is_username
from flowengine.server.shapes import LONGEST_STRING, Flag, ListOf, Structure, Text, TextMap


def _whole(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.ASCII)
    return lambda text: compiled.fullmatch(text) is not None


def _is_attribute_name(text: str) -> bool:
    return all(part == "" or is_username(part) for part in re.split(r"[\t\n\r ]", text))


def _is_password(text: str) -> bool:
    return text.strip() != ""


_CLIENT_ID: Final = Text(1, 128, r"[\w+]+", _whole(r"[\w+]+"))
_POOL_ID: Final = Text(1, 55, r"[\w-]+_[0-9a-zA-Z]+", _whole(r"[\w-]+_[0-9a-zA-Z]+"))
_SESSION: Final = Text(20, 4096)
ACCESS_TOKEN: Final = Text(0, None, "[A-Za-z0-9-_=.]+", _whole(r"[A-Za-z0-9\-_=.]+"))
_CLIENT_SECRET: Final = Text(24, 64, r"[\w+]+", _whole(r"[\w+]+"))
DEVICE_KEY: Final = Text(1, LONGEST_DEVICE_KEY, DEVICE_KEY_PATTERN, _whole(DEVICE_KEY_PATTERN))
_USER_CODE: Final = Text(6, 6, "[0-9]+", _whole("[0-9]+"))
_STRING: Final = Text(longest=LONGEST_STRING)
_USERNAME: Final = Text(1, LONGEST_USERNAME, r"[\p{L}\p{M}\p{S}\p{N}\p{P}]+", is_username)
_PASSWORD: Final = Text(0, LONGEST_PASSWORD, r"[\S]+", _is_password)
_ATTRIBUTE_NAME: Final = Text(1, 32, r"[\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r ]+", _is_attribute_name)
_AUTH_FLOW: Final = Text(values=KNOWN_AUTH_FLOWS)
_CHALLENGE_NAME: Final = Text(values=CHALLENGE_NAMES)

_ANALYTICS: Final = Structure({"AnalyticsEndpointId": _STRING})
_USER_CONTEXT: Final = Structure({"IpAddress": _STRING, "EncodedData": _STRING})
_HTTP_HEADER: Final = Structure({"headerName": _STRING, "headerValue": _STRING})
_CONTEXT: Final = Structure(
    {
        "IpAddress": _STRING,
        "ServerName": _STRING,
        "ServerPath": _STRING,
        "HttpHeaders": ListOf(_HTTP_HEADER),
        "EncodedData": _STRING,
    },
    frozenset({"IpAddress", "ServerName", "ServerPath", "HttpHeaders"}),
)
_ATTRIBUTES: Final = ListOf(
    Structure({"Name": _ATTRIBUTE_NAME, "Value": Text(longest=LONGEST_VALUE)}, frozenset({"Name"}))
)

INITIATE_AUTH: Final = Structure(
    {
        "AuthFlow": _AUTH_FLOW,
        "AuthParameters": TextMap(),
        "ClientMetadata": TextMap(),
        "ClientId": _CLIENT_ID,
        "AnalyticsMetadata": _ANALYTICS,
        "UserContextData": _USER_CONTEXT,
        "Session": _SESSION,
    },
    frozenset({"AuthFlow", "ClientId"}),
)
ADMIN_INITIATE_AUTH: Final = Structure(
    {
        "UserPoolId": _POOL_ID,
        "ClientId": _CLIENT_ID,
        "AuthFlow": _AUTH_FLOW,
        "AuthParameters": TextMap(),
        "ClientMetadata": TextMap(),
        "AnalyticsMetadata": _ANALYTICS,
        "ContextData": _CONTEXT,
        "Session": _SESSION,
    },
    frozenset({"UserPoolId", "ClientId", "AuthFlow"}),
)
RESPOND_TO_AUTH_CHALLENGE: Final = Structure(
    {
        "ClientId": _CLIENT_ID,
        "ChallengeName": _CHALLENGE_NAME,
        "Session": _SESSION,
        "ChallengeResponses": TextMap(),
        "AnalyticsMetadata": _ANALYTICS,
        "UserContextData": _USER_CONTEXT,
        "ClientMetadata": TextMap(),
    },
    frozenset({"ClientId", "ChallengeName"}),
)
ADMIN_RESPOND_TO_AUTH_CHALLENGE: Final = Structure(
    {
        "UserPoolId": _POOL_ID,
        "ClientId": _CLIENT_ID,
        "ChallengeName": _CHALLENGE_NAME,
        "ChallengeResponses": TextMap(),
        "Session": _SESSION,
        "AnalyticsMetadata": _ANALYTICS,
        "ContextData": _CONTEXT,
        "ClientMetadata": TextMap(),
    },
    frozenset({"UserPoolId", "ClientId", "ChallengeName"}),
)
ADMIN_CREATE_USER: Final = Structure(
    {
        "UserPoolId": _POOL_ID,
        "Username": _USERNAME,
        "UserAttributes": _ATTRIBUTES,
        "ValidationData": _ATTRIBUTES,
        "TemporaryPassword": _PASSWORD,
        "ForceAliasCreation": Flag(),
        "MessageAction": Text(values=("RESEND", "SUPPRESS")),
        "DesiredDeliveryMediums": ListOf(Text(values=("SMS", "EMAIL"))),
        "ClientMetadata": TextMap(),
    },
    frozenset({"UserPoolId", "Username"}),
)
ADMIN_SET_USER_PASSWORD: Final = Structure(
    {
        "UserPoolId": _POOL_ID,
        "Username": _USERNAME,
        "Password": _PASSWORD,
        "Permanent": Flag(),
    },
    frozenset({"UserPoolId", "Username", "Password"}),
)
ADMIN_NAMED_USER: Final = Structure(
    {"UserPoolId": _POOL_ID, "Username": _USERNAME}, frozenset({"UserPoolId", "Username"})
)
ASSOCIATE_SOFTWARE_TOKEN: Final = Structure({"AccessToken": ACCESS_TOKEN, "Session": _SESSION})
VERIFY_SOFTWARE_TOKEN: Final = Structure(
    {
        "AccessToken": ACCESS_TOKEN,
        "Session": _SESSION,
        "UserCode": _USER_CODE,
        "FriendlyDeviceName": _STRING,
    },
    frozenset({"UserCode"}),
)
GET_USER: Final = Structure({"AccessToken": ACCESS_TOKEN}, frozenset({"AccessToken"}))
GET_TOKENS_FROM_REFRESH_TOKEN: Final = Structure(
    {
        "RefreshToken": ACCESS_TOKEN,
        "ClientId": _CLIENT_ID,
        "ClientSecret": _CLIENT_SECRET,
        "DeviceKey": DEVICE_KEY,
        "ClientMetadata": TextMap(),
    },
    frozenset({"RefreshToken", "ClientId"}),
)
REVOKE_TOKEN: Final = Structure(
    {
        "Token": ACCESS_TOKEN,
        "ClientId": _CLIENT_ID,
        "ClientSecret": _CLIENT_SECRET,
        "RevokeAssociatedSessions": Text(values=("NONE", "LINKED")),
    },
    frozenset({"Token", "ClientId"}),
)
GLOBAL_SIGN_OUT: Final = Structure({"AccessToken": ACCESS_TOKEN}, frozenset({"AccessToken"}))
