"""From the members of CreateUserPool to a pool.

Source: Amazon Cognito API reference, CreateUserPool.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from flowengine.accounts.device import DeviceSettings, RememberDevices
from flowengine.accounts.password_policy import PasswordPolicy
from flowengine.accounts.pool import Mfa, Pool, Recovery
from flowengine.errors import InvalidParameterError
from flowengine.server.development.pool_inputs import REFUSED_OF_POOLS
from flowengine.server.development.refusing import refuse, unsupported
from flowengine.server.development.schemas import read_schema, required_attributes

Members = Mapping[str, Any]

_NOTHING: Final[Members] = {}
MFA: Final = {"OFF": Mfa.NONE, "OPTIONAL": Mfa.OPTIONAL, "ON": Mfa.REQUIRED}
_TEMPORARY_DAYS: Final = 7
_ADMIN_ONLY: Final = "admin_only"
_TRIGGERS: Final = {
    "PreAuthentication": "pre_authentication",
    "PostAuthentication": "post_authentication",
    "DefineAuthChallenge": "define_auth_challenge",
    "CreateAuthChallenge": "create_auth_challenge",
    "VerifyAuthChallengeResponse": "verify_auth_challenge_response",
    "PreTokenGeneration": "pre_token_generation",
    "PreTokenGenerationConfig": "pre_token_generation",
    "UserMigration": "user_migration",
    "CustomMessage": "custom_message",
}
"""What a deployment calls the triggers that it can have."""


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
        account_recovery=_recovery(members.get("AccountRecoverySetting", _NOTHING)),
        sign_up=not creating.get("AllowAdminCreateUserOnly", False),
        devices=_devices(members.get("DeviceConfiguration")),
    )


def first_factors(members: Members) -> frozenset[str]:
    """Give what sign-ins by choice may begin with; as in Cognito, a password unless said."""
    policy = members.get("Policies", _NOTHING).get("SignInPolicy", _NOTHING)
    return frozenset(policy.get("AllowedFirstAuthFactors") or ["PASSWORD"])


def _refuse(members: Members) -> None:
    refuse(members, REFUSED_OF_POOLS)
    _refuse_triggers(members.get("LambdaConfig") or _NOTHING)
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


def _refuse_triggers(config: Members) -> None:
    """Refuse triggers: an ARN names no function of this machine, and none is guessed from it."""
    for name in config:
        trigger = _TRIGGERS.get(name)
        instead = (
            "there is no such trigger here"
            if trigger is None
            else f"write the pool in flowengine.yaml, with `triggers: {{{trigger}: "
            "'my_backend.auth:handler'}`, which runs the handler as it is"
        )
        raise unsupported(f"LambdaConfig.{name}", f": an ARN names no function here; {instead}")


def _recovery(setting: Members) -> tuple[Recovery, ...]:
    """Read where codes for a new password go; nowhere where an administrator sets one."""
    written = sorted(setting.get("RecoveryMechanisms", []), key=lambda one: one["Priority"])
    names = [one["Name"] for one in written]
    if len(set(names)) < len(names) or len({one["Priority"] for one in written}) < len(names):
        raise InvalidParameterError(
            "Invalid account recovery setting parameter. Account Recovery Setting cannot have a "
            "name or a priority twice."
        )
    if _ADMIN_ONLY in names and len(names) > 1:
        raise InvalidParameterError(
            "Invalid account recovery setting parameter. Account Recovery Setting cannot use "
            "admin_only setting with any other recovery mechanisms."
        )
    if not names:
        return tuple(Recovery)
    return tuple(Recovery(name) for name in names if name != _ADMIN_ONLY)


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
