"""The inputs of the operations on clients, as the API model limits them."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Final

from flowengine.server.account_inputs import DESCRIBE_USER_POOL_CLIENT
from flowengine.server.development.pool_inputs import NAME, PAGE_KEY, PAGE_SIZE
from flowengine.server.shapes import (
    LONGEST_STRING,
    Document,
    Flag,
    ListOf,
    Shape,
    Structure,
    Text,
    Whole,
)

POOL_ID: Final = DESCRIBE_USER_POOL_CLIENT.members["UserPoolId"]
CLIENT_ID: Final = DESCRIBE_USER_POOL_CLIENT.members["ClientId"]

UNITS: Final = ("seconds", "minutes", "hours", "days")
EXPLICIT_AUTH_FLOWS: Final = (
    "ADMIN_NO_SRP_AUTH",
    "CUSTOM_AUTH_FLOW_ONLY",
    "USER_PASSWORD_AUTH",
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_CUSTOM_AUTH",
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_USER_SRP_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
    "ALLOW_USER_AUTH",
)

_READ: Final[dict[str, Shape]] = {
    "UserPoolId": POOL_ID,
    "ClientName": NAME,
    "RefreshTokenValidity": Whole(0, 315_360_000),
    "AccessTokenValidity": Whole(1, 86_400),
    "IdTokenValidity": Whole(1, 86_400),
    "TokenValidityUnits": Structure(
        dict.fromkeys(("AccessToken", "IdToken", "RefreshToken"), Text(values=UNITS)), closed=True
    ),
    "ExplicitAuthFlows": ListOf(Text(values=EXPLICIT_AUTH_FLOWS)),
    "SupportedIdentityProviders": ListOf(Text(1, 32)),
    "PreventUserExistenceErrors": Text(values=("LEGACY", "ENABLED")),
    "EnableTokenRevocation": Flag(),
    "AuthSessionValidity": Whole(3, 15),
    "RefreshTokenRotation": Structure(
        {
            "Feature": Text(values=("ENABLED", "DISABLED")),
            "RetryGracePeriodSeconds": Whole(0, 60),
        },
        frozenset({"Feature"}),
        closed=True,
    ),
}

UNUSED_OF_CLIENTS: Final = (
    "AnalyticsConfiguration",
    "CallbackURLs",
    "DefaultRedirectURI",
    "LogoutURLs",
)
"""Taken and not used: there are no sign-in pages that would send anybody there."""

REFUSED_OF_CLIENTS: Final = (
    "AllowedOAuthFlows",
    "AllowedOAuthFlowsUserPoolClient",
    "AllowedOAuthScopes",
    "EnablePropagateAdditionalUserContextData",
    "PublishSecretsInAWSSecretsManager",
    "ReadAttributes",
    "WriteAttributes",
)
"""Refused unless empty or false."""

_COMMON: Final = {
    **_READ,
    **dict.fromkeys((*UNUSED_OF_CLIENTS, *REFUSED_OF_CLIENTS), Document()),
}

CREATE_USER_POOL_CLIENT: Final = Structure(
    MappingProxyType({**_COMMON, "GenerateSecret": Flag(), "ClientSecret": Document()}),
    frozenset({"UserPoolId", "ClientName"}),
    closed=True,
)
UPDATE_USER_POOL_CLIENT: Final = Structure(
    MappingProxyType({**_COMMON, "ClientId": CLIENT_ID}),
    frozenset({"UserPoolId", "ClientId"}),
    closed=True,
)
DELETE_USER_POOL_CLIENT: Final = DESCRIBE_USER_POOL_CLIENT
LIST_USER_POOL_CLIENTS: Final = Structure(
    {
        "UserPoolId": POOL_ID,
        "MaxResults": PAGE_SIZE,
        "NextToken": replace(PAGE_KEY, longest=LONGEST_STRING),
        "ClientType": Document(),
    },
    frozenset({"UserPoolId"}),
    closed=True,
)
