"""The inputs of the operations around a sign-in, as the API model of 2016-04-18 limits them."""

from __future__ import annotations

import re
from typing import Final

from flowengine.operations.list_users import MOST_USERS
from flowengine.server.inputs import (
    ACCESS_TOKEN,
    ADMIN_CREATE_USER,
    ADMIN_NAMED_USER,
    INITIATE_AUTH,
)
from flowengine.server.shapes import Flag, ListOf, Shape, Structure, Text, TextMap, Whole

_PATTERN: Final = r"[\S]+"


def _is_unbroken(text: str) -> bool:
    return re.fullmatch(r"\S+", text) is not None


def _is_hash(text: str) -> bool:
    return re.fullmatch(r"[\w+=/]+", text, re.ASCII) is not None


_CLIENT_ID: Final = INITIATE_AUTH.members["ClientId"]
_ANALYTICS: Final = INITIATE_AUTH.members["AnalyticsMetadata"]
_USER_CONTEXT: Final = INITIATE_AUTH.members["UserContextData"]
_SESSION: Final = INITIATE_AUTH.members["Session"]
_POOL_ID: Final = ADMIN_NAMED_USER.members["UserPoolId"]
_USERNAME: Final = ADMIN_NAMED_USER.members["Username"]
_PASSWORD: Final = ADMIN_CREATE_USER.members["TemporaryPassword"]
_ATTRIBUTES: Final = ADMIN_CREATE_USER.members["UserAttributes"]
_SECRET_HASH: Final = Text(1, 128, r"[\w+=/]+", _is_hash)
_CODE: Final = Text(1, 2048, _PATTERN, _is_unbroken)


def _attribute_name() -> Shape:
    """Give the shape of a name out of that of a list of names and values."""
    if not isinstance(_ATTRIBUTES, ListOf) or not isinstance(_ATTRIBUTES.element, Structure):
        raise TypeError("attributes are a list of structures")
    return _ATTRIBUTES.element.members["Name"]


_ATTRIBUTE_NAME: Final = _attribute_name()
_ABOUT: Final = {
    "ClientId": _CLIENT_ID,
    "SecretHash": _SECRET_HASH,
    "Username": _USERNAME,
    "AnalyticsMetadata": _ANALYTICS,
    "UserContextData": _USER_CONTEXT,
    "ClientMetadata": TextMap(),
}
"""What the operations of who is not signed in have in common."""

_BOTH: Final = frozenset({"ClientId", "Username"})
_FACTOR: Final = Structure({"Enabled": Flag(), "PreferredMfa": Flag()})
_FACTORS: Final = {
    "SMSMfaSettings": _FACTOR,
    "SoftwareTokenMfaSettings": _FACTOR,
    "EmailMfaSettings": _FACTOR,
    "WebAuthnMfaSettings": Structure({"Enabled": Flag()}),
}

SIGN_UP: Final = Structure(
    {
        **_ABOUT,
        "Password": _PASSWORD,
        "UserAttributes": _ATTRIBUTES,
        "ValidationData": _ATTRIBUTES,
    },
    _BOTH,
)
CONFIRM_SIGN_UP: Final = Structure(
    {
        **_ABOUT,
        "ConfirmationCode": _CODE,
        "ForceAliasCreation": Flag(),
        "Session": _SESSION,
    },
    _BOTH | {"ConfirmationCode"},
)
NAMED_USER: Final = Structure(_ABOUT, _BOTH)
CONFIRM_FORGOT_PASSWORD: Final = Structure(
    {**_ABOUT, "ConfirmationCode": _CODE, "Password": _PASSWORD},
    _BOTH | {"ConfirmationCode", "Password"},
)
CHANGE_PASSWORD: Final = Structure(
    {
        "PreviousPassword": _PASSWORD,
        "ProposedPassword": _PASSWORD,
        "AccessToken": ACCESS_TOKEN,
    },
    frozenset({"ProposedPassword", "AccessToken"}),
)
ADMIN_NAMED_USER_WITH_METADATA: Final = Structure(
    {**ADMIN_NAMED_USER.members, "ClientMetadata": TextMap()}, ADMIN_NAMED_USER.required
)
ADMIN_UPDATE_USER_ATTRIBUTES: Final = Structure(
    {
        **ADMIN_NAMED_USER.members,
        "UserAttributes": _ATTRIBUTES,
        "ClientMetadata": TextMap(),
    },
    ADMIN_NAMED_USER.required | {"UserAttributes"},
)
UPDATE_USER_ATTRIBUTES: Final = Structure(
    {
        "UserAttributes": _ATTRIBUTES,
        "AccessToken": ACCESS_TOKEN,
        "ClientMetadata": TextMap(),
    },
    frozenset({"UserAttributes", "AccessToken"}),
)
VERIFY_USER_ATTRIBUTE: Final = Structure(
    {"AccessToken": ACCESS_TOKEN, "AttributeName": _ATTRIBUTE_NAME, "Code": _CODE},
    frozenset({"AccessToken", "AttributeName", "Code"}),
)
GET_USER_ATTRIBUTE_VERIFICATION_CODE: Final = Structure(
    {
        "AccessToken": ACCESS_TOKEN,
        "AttributeName": _ATTRIBUTE_NAME,
        "ClientMetadata": TextMap(),
    },
    frozenset({"AccessToken", "AttributeName"}),
)
SET_USER_MFA_PREFERENCE: Final = Structure(
    {**_FACTORS, "AccessToken": ACCESS_TOKEN}, frozenset({"AccessToken"})
)
ADMIN_SET_USER_MFA_PREFERENCE: Final = Structure(
    {**_FACTORS, **ADMIN_NAMED_USER.members}, ADMIN_NAMED_USER.required
)
LIST_USERS: Final = Structure(
    {
        "UserPoolId": _POOL_ID,
        "AttributesToGet": ListOf(_ATTRIBUTE_NAME),
        "Limit": Whole(0, MOST_USERS),
        "PaginationToken": Text(1, None, _PATTERN, _is_unbroken),
        "Filter": Text(longest=256),
    },
    frozenset({"UserPoolId"}),
)
DESCRIBE_USER_POOL: Final = Structure({"UserPoolId": _POOL_ID}, frozenset({"UserPoolId"}))
DESCRIBE_USER_POOL_CLIENT: Final = Structure(
    {"UserPoolId": _POOL_ID, "ClientId": _CLIENT_ID}, frozenset({"UserPoolId", "ClientId"})
)
