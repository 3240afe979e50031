"""Pools and clients as the API describes them; what a deployment does not have is left out.

Source: Amazon Cognito API reference, UserPoolType and UserPoolClientType.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from flowengine.accounts.attributes import STANDARD_ATTRIBUTES, VERIFIED_MARKS
from flowengine.accounts.device import RememberDevices
from flowengine.accounts.pool import Client, Mfa, Pool

Body = dict[str, Any]

_MFA: Final = {Mfa.NONE: "OFF", Mfa.OPTIONAL: "OPTIONAL", Mfa.REQUIRED: "ON"}
_UNITS: Final = {"AccessToken": "seconds", "IdToken": "seconds", "RefreshToken": "seconds"}
_MECHANISMS: Final = ("verified_email", "verified_phone_number")
_BOOLEANS: Final = frozenset(VERIFIED_MARKS.values())
_LONGEST_NAME: Final = 20


def pool_body(pool: Pool) -> Body:
    """Describe a pool."""
    aliases = {"AliasAttributes": list(pool.aliases)} if pool.aliases else {}
    return {
        "Id": pool.id,
        "Name": pool.name,
        "Policies": {"PasswordPolicy": _password_policy(pool)},
        "SchemaAttributes": list(_schema(pool)),
        **aliases,
        "UsernameConfiguration": {"CaseSensitive": pool.usernames_case_sensitive},
        "MfaConfiguration": _MFA[pool.mfa],
        **_devices(pool),
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": not pool.sign_up},
        "AccountRecoverySetting": {
            "RecoveryMechanisms": [
                {"Priority": place, "Name": name} for place, name in enumerate(_MECHANISMS, start=1)
            ]
        },
    }


def client_body(client: Client) -> Body:
    """Describe a client, with its secret: whoever asks holds a key of the deployment."""
    lives, rotation = client.tokens, client.tokens.rotation
    secret = {} if client.secret is None else {"ClientSecret": client.secret}
    flows = [f"ALLOW_{name}" for name in sorted(client.auth_flows)]
    body: Body = {
        "UserPoolId": client.pool_id,
        "ClientName": client.label or client.name,
        "ClientId": client.id,
        **secret,
        "AccessTokenValidity": _seconds(lives.access),
        "IdTokenValidity": _seconds(lives.id),
        "RefreshTokenValidity": _seconds(lives.refresh),
        "TokenValidityUnits": dict(_UNITS),
        "ExplicitAuthFlows": [*flows, *_refreshing(client)],
        "PreventUserExistenceErrors": (
            "ENABLED" if client.prevent_user_existence_errors else "LEGACY"
        ),
        "EnableTokenRevocation": True,
        "AuthSessionValidity": math.ceil(client.session_validity / timedelta(minutes=1)),
    }
    if rotation is not None:
        grace = _seconds(rotation.grace)
        body["RefreshTokenRotation"] = {"Feature": "ENABLED", "RetryGracePeriodSeconds": grace}
    return body


def _refreshing(client: Client) -> list[str]:
    refreshes = client.refreshes and client.tokens.rotation is None
    return ["ALLOW_REFRESH_TOKEN_AUTH"] if refreshes else []


def _password_policy(pool: Pool) -> Body:
    policy = pool.password_policy
    return {
        "MinimumLength": policy.min_length,
        "RequireLowercase": policy.require_lowercase,
        "RequireUppercase": policy.require_uppercase,
        "RequireNumbers": policy.require_numbers,
        "RequireSymbols": policy.require_symbols,
        "TemporaryPasswordValidityDays": math.ceil(
            pool.temporary_password_life / timedelta(days=1)
        ),
    }


def _schema(pool: Pool) -> Iterator[Body]:
    """Give the attributes of a pool; ``sub`` is the one that nobody writes."""
    names = {"sub", *STANDARD_ATTRIBUTES, *_BOOLEANS, *pool.required_attributes}
    for name in sorted(names):
        # The API's model has no room for the longest names, ``phone_number_verified`` among them.
        if len(name) <= _LONGEST_NAME:
            yield {
                "Name": name,
                "AttributeDataType": "Boolean" if name in _BOOLEANS else "String",
                "Mutable": name != "sub",
                "Required": name == "sub" or name in pool.required_attributes,
            }


def _devices(pool: Pool) -> Body:
    if pool.devices is None:
        return {}
    on_request = pool.devices.remember is RememberDevices.ON_REQUEST
    return {
        "DeviceConfiguration": {
            "ChallengeRequiredOnNewDevice": pool.devices.challenge_on_new,
            "DeviceOnlyRememberedOnUserPrompt": on_request,
        }
    }


def _seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())
