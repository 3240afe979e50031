"""The inputs of the operations on pools, as the API model limits them.

A member that the model does not have is refused: what a newer one means is not known here.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from flowengine.server.account_inputs import DESCRIBE_USER_POOL
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

_NAME_PATTERN: Final = r"[\w\s+=,.@-]+"
_KEY_PATTERN: Final = r"[\S]+"


def _is_name(text: str) -> bool:
    return re.fullmatch(_NAME_PATTERN, text, re.ASCII) is not None


def _is_key(text: str) -> bool:
    return re.fullmatch(_KEY_PATTERN, text) is not None


NAME: Final = Text(1, 128, _NAME_PATTERN, _is_name)
PAGE_KEY: Final = Text(1, None, _KEY_PATTERN, _is_key)
PAGE_SIZE: Final = Whole(1, 60)
_ADDRESSES: Final = ListOf(Text(values=("phone_number", "email")))

PASSWORD_POLICY: Final = Structure(
    {
        "MinimumLength": Whole(6, 99),
        "RequireUppercase": Flag(),
        "RequireLowercase": Flag(),
        "RequireNumbers": Flag(),
        "RequireSymbols": Flag(),
        "PasswordHistorySize": Whole(0, 24),
        "TemporaryPasswordValidityDays": Whole(0, 365),
    },
    closed=True,
)
SIGN_IN_POLICY: Final = Structure(
    {
        "AllowedFirstAuthFactors": ListOf(
            Text(values=("PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"))
        )
    },
    closed=True,
)
_LIMIT: Final = Text(longest=LONGEST_STRING)
ATTRIBUTE: Final = Structure(
    {
        "Name": Text(1, 20),
        "AttributeDataType": Text(values=("String", "Number", "DateTime", "Boolean")),
        "DeveloperOnlyAttribute": Flag(),
        "Mutable": Flag(),
        "Required": Flag(),
        "NumberAttributeConstraints": Structure(
            {"MinValue": _LIMIT, "MaxValue": _LIMIT}, closed=True
        ),
        "StringAttributeConstraints": Structure(
            {"MinLength": _LIMIT, "MaxLength": _LIMIT}, closed=True
        ),
    },
    closed=True,
)
DEVICES: Final = Structure(
    {"ChallengeRequiredOnNewDevice": Flag(), "DeviceOnlyRememberedOnUserPrompt": Flag()},
    closed=True,
)
ADMIN_CREATE_USER: Final = Structure(
    {
        "AllowAdminCreateUserOnly": Flag(),
        "UnusedAccountValidityDays": Whole(0, 365),
        "InviteMessageTemplate": Document(),
    },
    closed=True,
)
_READ: Final[dict[str, Shape]] = {
    "PoolName": NAME,
    "Policies": Structure(
        {"PasswordPolicy": PASSWORD_POLICY, "SignInPolicy": SIGN_IN_POLICY}, closed=True
    ),
    "DeletionProtection": Text(values=("ACTIVE", "INACTIVE")),
    "AutoVerifiedAttributes": _ADDRESSES,
    "AliasAttributes": ListOf(Text(values=("phone_number", "email", "preferred_username"))),
    "UsernameAttributes": _ADDRESSES,
    "VerificationMessageTemplate": Structure(
        {
            "SmsMessage": Document(),
            "EmailMessage": Document(),
            "EmailSubject": Document(),
            "EmailMessageByLink": Document(),
            "EmailSubjectByLink": Document(),
            "DefaultEmailOption": Text(values=("CONFIRM_WITH_LINK", "CONFIRM_WITH_CODE")),
        },
        closed=True,
    ),
    "MfaConfiguration": Text(values=("OFF", "ON", "OPTIONAL")),
    "DeviceConfiguration": DEVICES,
    "AdminCreateUserConfig": ADMIN_CREATE_USER,
    "Schema": ListOf(ATTRIBUTE),
    "UserPoolAddOns": Structure(
        {
            "AdvancedSecurityMode": Text(values=("OFF", "AUDIT", "ENFORCED")),
            "AdvancedSecurityAdditionalFlows": Document(),
        },
        frozenset({"AdvancedSecurityMode"}),
        closed=True,
    ),
    "UsernameConfiguration": Structure(
        {"CaseSensitive": Flag()}, frozenset({"CaseSensitive"}), closed=True
    ),
    "AccountRecoverySetting": Structure(
        {
            "RecoveryMechanisms": ListOf(
                Structure(
                    {
                        "Priority": Whole(1, 2),
                        "Name": Text(
                            values=("verified_email", "verified_phone_number", "admin_only")
                        ),
                    },
                    frozenset({"Priority", "Name"}),
                    closed=True,
                )
            )
        },
        closed=True,
    ),
    "SmsConfiguration": Document(),
    "LambdaConfig": Document(),
}

UNUSED_OF_POOLS: Final = (
    "EmailConfiguration",
    "EmailVerificationMessage",
    "EmailVerificationSubject",
    "SmsAuthenticationMessage",
    "SmsVerificationMessage",
    "UserPoolTags",
    "UserPoolTier",
)
"""Taken and not used: how messages are worded and sent, what a pool costs. Nobody gets in by it."""

REFUSED_OF_POOLS: Final = (
    "AcrConfiguration",
    "DcrConfiguration",
    "IssuerConfiguration",
    "KeyConfiguration",
    "UserAttributeUpdateSettings",
)
"""Refused unless empty."""

CREATE_USER_POOL: Final = Structure(
    MappingProxyType(
        {
            **_READ,
            **dict.fromkeys((*UNUSED_OF_POOLS, *REFUSED_OF_POOLS, "LambdaConfig"), Document()),
        }
    ),
    frozenset({"PoolName"}),
    closed=True,
)
FIXED_OF_POOLS: Final = (
    "AliasAttributes",
    "Schema",
    "UsernameAttributes",
    "UsernameConfiguration",
)
"""What a pool is made with, and keeps: UpdateUserPool has no such members."""

_POOL_ID: Final = DESCRIBE_USER_POOL.members["UserPoolId"]
UPDATE_USER_POOL: Final = Structure(
    MappingProxyType(
        {
            "UserPoolId": _POOL_ID,
            **{
                name: shape
                for name, shape in CREATE_USER_POOL.members.items()
                if name not in FIXED_OF_POOLS
            },
        }
    ),
    frozenset({"UserPoolId"}),
    closed=True,
)
ADD_CUSTOM_ATTRIBUTES: Final = Structure(
    {"UserPoolId": _POOL_ID, "CustomAttributes": ListOf(ATTRIBUTE)},
    frozenset({"UserPoolId", "CustomAttributes"}),
    closed=True,
)
SET_USER_POOL_MFA_CONFIG: Final = Structure(
    {
        "UserPoolId": _POOL_ID,
        "SmsMfaConfiguration": Structure(
            {"SmsAuthenticationMessage": Document(), "SmsConfiguration": Document()}, closed=True
        ),
        "SoftwareTokenMfaConfiguration": Structure({"Enabled": Flag()}, closed=True),
        "EmailMfaConfiguration": Structure(
            {"Message": Document(), "Subject": Document()}, closed=True
        ),
        "MfaConfiguration": _READ["MfaConfiguration"],
        "WebAuthnConfiguration": Structure(
            {
                "RelyingPartyId": Text(1, 127),
                "UserVerification": Text(values=("required", "preferred")),
                "FactorConfiguration": Text(
                    values=("SINGLE_FACTOR", "MULTI_FACTOR_WITH_USER_VERIFICATION")
                ),
            },
            closed=True,
        ),
    },
    frozenset({"UserPoolId"}),
    closed=True,
)
GET_USER_POOL_MFA_CONFIG: Final = DESCRIBE_USER_POOL
DELETE_USER_POOL: Final = DESCRIBE_USER_POOL
LIST_USER_POOLS: Final = Structure(
    {"NextToken": PAGE_KEY, "MaxResults": PAGE_SIZE}, frozenset({"MaxResults"}), closed=True
)
