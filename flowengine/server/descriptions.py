"""Pools and clients as the API describes them; what a deployment does not have is left out.

Source: Amazon Cognito API reference, UserPoolType and UserPoolClientType.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from flowengine.accounts.attributes import (
    CUSTOM,
    VERIFIED_MARKS,
    AttributeRule,
    AttributeType,
)
from flowengine.accounts.device import RememberDevices
from flowengine.accounts.pool import Client, Mfa, Pool

Body = dict[str, Any]

_MFA: Final = {Mfa.NONE: "OFF", Mfa.OPTIONAL: "OPTIONAL", Mfa.REQUIRED: "ON"}
_UNITS: Final = {"AccessToken": "seconds", "IdToken": "seconds", "RefreshToken": "seconds"}
_BOOLEANS: Final = frozenset(VERIFIED_MARKS.values())
_LONGEST_NAME: Final = 20
_ANY: Final = AttributeRule()


def pool_body(pool: Pool) -> Body:
    """Describe a pool."""
    named = {"AliasAttributes": list(pool.aliases), "UsernameAttributes": list(pool.named_by)}
    return {
        "Id": pool.id,
        "Name": pool.name,
        "Policies": {"PasswordPolicy": _password_policy(pool)},
        "SchemaAttributes": list(_schema(pool)),
        **{name: attributes for name, attributes in named.items() if attributes},
        "UsernameConfiguration": {"CaseSensitive": pool.usernames_case_sensitive},
        "MfaConfiguration": _MFA[pool.mfa],
        **_devices(pool),
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": not pool.sign_up},
        "AccountRecoverySetting": {
            "RecoveryMechanisms": [
                {"Priority": place, "Name": name}
                for place, name in enumerate(pool.account_recovery or ("admin_only",), start=1)
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


def mfa_body(pool: Pool) -> Body:
    """Describe second factors and passkeys of a pool, as GetUserPoolMfaConfig does."""
    body: Body = {"MfaConfiguration": _MFA[pool.mfa]}
    if pool.passkeys is not None:
        body["WebAuthnConfiguration"] = {
            "RelyingPartyId": pool.passkeys.relying_party,
            "UserVerification": pool.passkeys.user_verification.value,
        }
    if pool.mfa is Mfa.NONE:
        return body
    if "SMS_MFA" in pool.mfa_methods:
        body["SmsMfaConfiguration"] = {}
    if "EMAIL_OTP" in pool.mfa_methods:
        body["EmailMfaConfiguration"] = {}
    body["SoftwareTokenMfaConfiguration"] = {"Enabled": "SOFTWARE_TOKEN_MFA" in pool.mfa_methods}
    return body


def _schema(pool: Pool) -> Iterator[Body]:
    """Give the attributes of a pool; ``sub`` is the one that nobody writes."""
    for name in sorted({"sub", *_BOOLEANS, *pool.attributes}):
        # The API's model has no room for the longest names, ``phone_number_verified`` among them.
        if len(name) <= _LONGEST_NAME or name.startswith(CUSTOM):
            rule = pool.attribute_rules.get(name, _ANY)
            yield {
                "Name": name,
                "AttributeDataType": "Boolean" if name in _BOOLEANS else rule.type.value,
                "DeveloperOnlyAttribute": False,
                "Mutable": name != "sub" and rule.mutable,
                "Required": name == "sub" or name in pool.required_attributes,
                **_constraints(rule),
            }


def _constraints(rule: AttributeRule) -> Body:
    """Give the limits that a rule has; a number is written as text."""
    is_number = rule.type is AttributeType.NUMBER
    ends = ("MinValue", "MaxValue") if is_number else ("MinLength", "MaxLength")
    written = {
        end: str(limit)
        for end, limit in zip(ends, (rule.least, rule.most), strict=True)
        if limit is not None
    }
    kind = "NumberAttributeConstraints" if is_number else "StringAttributeConstraints"
    return {kind: written} if written else {}


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
