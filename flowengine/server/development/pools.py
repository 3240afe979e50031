"""From the members of CreateUserPool to a pool.

Source: Amazon Cognito API reference, CreateUserPool.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from flowengine.accounts.device import DeviceSettings, RememberDevices
from flowengine.accounts.password_policy import PasswordPolicy
from flowengine.accounts.pool import Mfa, Pool
from flowengine.errors import InvalidParameterError
from flowengine.server.development.pool_inputs import REFUSED_OF_POOLS
from flowengine.server.development.refusing import refuse, unsupported
from flowengine.server.development.schemas import read_schema, required_attributes

Members = Mapping[str, Any]

_NOTHING: Final[Members] = {}
MFA: Final = {"OFF": Mfa.NONE, "OPTIONAL": Mfa.OPTIONAL, "ON": Mfa.REQUIRED}
_TEMPORARY_DAYS: Final = 7
_RECOVERY: Final = ["verified_email", "verified_phone_number"]
"""The only order that codes for a new password are sent in."""


def read_pool(members: Members, pool_id: str, issuer: str) -> Pool:
    """Give the pool that is asked for.

    Raises:
        InvalidParameterError: A member is not supported, or asks for what is not.
    """
    _refuse(members)
    policy = members.get("Policies", _NOTHING).get("PasswordPolicy")
    creating = members.get("AdminCreateUserConfig", _NOTHING)
    schema = members.get("Schema", [])
    return Pool(
        id=pool_id,
        name=members["PoolName"],
        issuer=issuer,
        mfa=MFA[members.get("MfaConfiguration", "OFF")],
        mfa_methods=(
            "SOFTWARE_TOKEN_MFA",
            *(["SMS_MFA"] if members.get("SmsConfiguration") else []),
        ),
        required_attributes=required_attributes(schema),
        password_policy=_password_policy(policy),
        temporary_password_life=_temporary_life(policy or _NOTHING, creating),
        usernames_case_sensitive=members.get("UsernameConfiguration", {}).get(
            "CaseSensitive", True
        ),
        aliases=tuple(dict.fromkeys(members.get("AliasAttributes", []))),
        named_by=tuple(dict.fromkeys(members.get("UsernameAttributes", []))),
        attribute_rules=read_schema(schema),
        sign_up=not creating.get("AllowAdminCreateUserOnly", False),
        devices=_devices(members.get("DeviceConfiguration")),
    )


def first_factors(members: Members) -> frozenset[str]:
    """Give what sign-ins by choice may begin with; as in Cognito, a password unless said."""
    policy = members.get("Policies", _NOTHING).get("SignInPolicy", _NOTHING)
    return frozenset(policy.get("AllowedFirstAuthFactors") or ["PASSWORD"])


def _refuse(members: Members) -> None:
    refuse(members, REFUSED_OF_POOLS)
    if members.get("LambdaConfig"):
        raise unsupported(
            "LambdaConfig",
            ": an ARN names no function here; pools of a deployment have `triggers`",
        )
    if members.get("UsernameAttributes") and members.get("AliasAttributes"):
        raise InvalidParameterError(
            "Only one of the aliasAttributes or usernameAttributes can be set in a user pool."
        )
    if "preferred_username" in members.get("AliasAttributes", []):
        raise unsupported("AliasAttributes with preferred_username")
    if members.get("UserPoolAddOns", {}).get("AdvancedSecurityMode", "OFF") != "OFF":
        raise unsupported("UserPoolAddOns.AdvancedSecurityMode")
    refuse(members.get("UserPoolAddOns", _NOTHING), ["AdvancedSecurityAdditionalFlows"])
    template = members.get("VerificationMessageTemplate", _NOTHING)
    if template.get("DefaultEmailOption") == "CONFIRM_WITH_LINK":
        raise unsupported("VerificationMessageTemplate.DefaultEmailOption CONFIRM_WITH_LINK")
    if members.get("Policies", _NOTHING).get("PasswordPolicy", {}).get("PasswordHistorySize"):
        raise unsupported("Policies.PasswordPolicy.PasswordHistorySize")
    _refuse_recovery(members.get("AccountRecoverySetting", _NOTHING))


def _refuse_recovery(setting: Members) -> None:
    mechanisms = sorted(setting.get("RecoveryMechanisms", []), key=lambda one: one["Priority"])
    if mechanisms and [one["Name"] for one in mechanisms] != _RECOVERY:
        raise unsupported(
            "AccountRecoverySetting.RecoveryMechanisms",
            f", but {_RECOVERY[0]} and then {_RECOVERY[1]}",
        )


def _password_policy(written: Members | None) -> PasswordPolicy:
    """Read a policy; one that is not there demands everything, as Cognito's own does."""
    if not written:
        return PasswordPolicy(8, *(True,) * 4)
    return PasswordPolicy(
        min_length=written.get("MinimumLength", PasswordPolicy().min_length),
        require_lowercase=written.get("RequireLowercase", False),
        require_uppercase=written.get("RequireUppercase", False),
        require_numbers=written.get("RequireNumbers", False),
        require_symbols=written.get("RequireSymbols", False),
    )


def _temporary_life(policy: Members, creating: Members) -> timedelta:
    """Read how long a temporary password is good; 0 days, as in Cognito, are the usual ones."""
    written, former = (
        policy.get("TemporaryPasswordValidityDays"),
        creating.get("UnusedAccountValidityDays"),
    )
    if written and former and written != former:
        raise InvalidParameterError(
            "TemporaryPasswordValidityDays and UnusedAccountValidityDays contradict each other."
        )
    return timedelta(days=written or former or _TEMPORARY_DAYS)


def _devices(written: Members | None) -> DeviceSettings | None:
    if written is None:
        return None
    on_request = written.get("DeviceOnlyRememberedOnUserPrompt", False)
    return DeviceSettings(
        RememberDevices.ON_REQUEST if on_request else RememberDevices.ALWAYS,
        written.get("ChallengeRequiredOnNewDevice", False),
    )
