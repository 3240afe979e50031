"""Every operation that is served."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from flowengine.engine.engine import AsyncEngine
from flowengine.engine.parts import count_analytics
from flowengine.engine.requests import RequestOrigin
from flowengine.server import (
    account_inputs,
    account_settings,
    accounts,
    devices,
    inputs,
    passkey_inputs,
    passkeys,
    sign_in,
    tokens,
    users,
)
from flowengine.server.shapes import Structure

TARGET_PREFIX: Final = "AWSCognitoIdentityProviderService."

Handler = Callable[[AsyncEngine, Mapping[str, Any], RequestOrigin], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    Attributes:
        admin: Whether the request has to be signed; its input then names a pool.
    """

    input: Structure
    handler: Handler
    admin: bool = False


def _counted(handler: Handler) -> Handler:
    """Have what a client asks for around its sign-ins counted, where AnalyticsMetadata came."""

    async def handled(
        engine: AsyncEngine, members: Mapping[str, Any], origin: RequestOrigin
    ) -> dict[str, Any]:
        client = engine.parts.clients.get(members["ClientId"])
        if client is not None:
            count_analytics(engine.parts, client, members.get("AnalyticsMetadata", {}))
        return await handler(engine, members, origin)

    return handled


OPERATIONS: Final[Mapping[str, Operation]] = MappingProxyType(
    {
        "InitiateAuth": Operation(inputs.INITIATE_AUTH, sign_in.initiate_auth),
        "RespondToAuthChallenge": Operation(
            inputs.RESPOND_TO_AUTH_CHALLENGE, sign_in.respond_to_auth_challenge
        ),
        "AdminInitiateAuth": Operation(
            inputs.ADMIN_INITIATE_AUTH, sign_in.admin_initiate_auth, admin=True
        ),
        "AdminRespondToAuthChallenge": Operation(
            inputs.ADMIN_RESPOND_TO_AUTH_CHALLENGE,
            sign_in.admin_respond_to_auth_challenge,
            admin=True,
        ),
        "AdminCreateUser": Operation(inputs.ADMIN_CREATE_USER, users.admin_create_user, admin=True),
        "AdminSetUserPassword": Operation(
            inputs.ADMIN_SET_USER_PASSWORD, users.admin_set_user_password, admin=True
        ),
        "AdminGetUser": Operation(inputs.ADMIN_NAMED_USER, users.admin_get_user, admin=True),
        "AdminDeleteUser": Operation(inputs.ADMIN_NAMED_USER, users.admin_delete_user, admin=True),
        "AssociateSoftwareToken": Operation(
            inputs.ASSOCIATE_SOFTWARE_TOKEN, users.associate_software_token
        ),
        "VerifySoftwareToken": Operation(inputs.VERIFY_SOFTWARE_TOKEN, users.verify_software_token),
        "StartWebAuthnRegistration": Operation(
            passkey_inputs.START_WEB_AUTHN_REGISTRATION, passkeys.start_registration
        ),
        "CompleteWebAuthnRegistration": Operation(
            passkey_inputs.COMPLETE_WEB_AUTHN_REGISTRATION, passkeys.complete_registration
        ),
        "ListWebAuthnCredentials": Operation(
            passkey_inputs.LIST_WEB_AUTHN_CREDENTIALS, passkeys.list_credentials
        ),
        "DeleteWebAuthnCredential": Operation(
            passkey_inputs.DELETE_WEB_AUTHN_CREDENTIAL, passkeys.delete_credential
        ),
        "SignUp": Operation(account_inputs.SIGN_UP, _counted(accounts.sign_up)),
        "ConfirmSignUp": Operation(
            account_inputs.CONFIRM_SIGN_UP, _counted(accounts.confirm_sign_up)
        ),
        "ResendConfirmationCode": Operation(
            account_inputs.NAMED_USER, _counted(accounts.resend_confirmation_code)
        ),
        "ForgotPassword": Operation(account_inputs.NAMED_USER, _counted(accounts.forgot_password)),
        "ConfirmForgotPassword": Operation(
            account_inputs.CONFIRM_FORGOT_PASSWORD, _counted(accounts.confirm_forgot_password)
        ),
        "ChangePassword": Operation(account_inputs.CHANGE_PASSWORD, accounts.change_password),
        "AdminResetUserPassword": Operation(
            account_inputs.ADMIN_NAMED_USER_WITH_METADATA,
            accounts.admin_reset_user_password,
            admin=True,
        ),
        "AdminConfirmSignUp": Operation(
            account_inputs.ADMIN_NAMED_USER_WITH_METADATA,
            accounts.admin_confirm_sign_up,
            admin=True,
        ),
        "AdminDisableUser": Operation(
            inputs.ADMIN_NAMED_USER, accounts.admin_disable_user, admin=True
        ),
        "AdminEnableUser": Operation(
            inputs.ADMIN_NAMED_USER, accounts.admin_enable_user, admin=True
        ),
        "AdminUpdateUserAttributes": Operation(
            account_inputs.ADMIN_UPDATE_USER_ATTRIBUTES,
            accounts.admin_update_user_attributes,
            admin=True,
        ),
        "UpdateUserAttributes": Operation(
            account_inputs.UPDATE_USER_ATTRIBUTES, accounts.update_user_attributes
        ),
        "GetUserAttributeVerificationCode": Operation(
            account_inputs.GET_USER_ATTRIBUTE_VERIFICATION_CODE,
            accounts.get_user_attribute_verification_code,
        ),
        "VerifyUserAttribute": Operation(
            account_inputs.VERIFY_USER_ATTRIBUTE, accounts.verify_user_attribute
        ),
        "SetUserMFAPreference": Operation(
            account_inputs.SET_USER_MFA_PREFERENCE, account_settings.set_user_mfa_preference
        ),
        "AdminSetUserMFAPreference": Operation(
            account_inputs.ADMIN_SET_USER_MFA_PREFERENCE,
            account_settings.admin_set_user_mfa_preference,
            admin=True,
        ),
        "GetUserAuthFactors": Operation(inputs.GET_USER, account_settings.get_user_auth_factors),
        "ListUsers": Operation(account_inputs.LIST_USERS, account_settings.list_users, admin=True),
        "DescribeUserPool": Operation(
            account_inputs.DESCRIBE_USER_POOL, account_settings.describe_user_pool, admin=True
        ),
        "DescribeUserPoolClient": Operation(
            account_inputs.DESCRIBE_USER_POOL_CLIENT,
            account_settings.describe_user_pool_client,
            admin=True,
        ),
        "GetUser": Operation(inputs.GET_USER, users.get_user),
        "ConfirmDevice": Operation(devices.CONFIRM_DEVICE, devices.confirm_device),
        "GetDevice": Operation(devices.NAMED_DEVICE, devices.get_device),
        "ListDevices": Operation(devices.LIST_DEVICES, devices.list_devices),
        "UpdateDeviceStatus": Operation(devices.UPDATE_DEVICE_STATUS, devices.update_device_status),
        "ForgetDevice": Operation(devices.NAMED_DEVICE, devices.forget_device),
        "GetTokensFromRefreshToken": Operation(
            inputs.GET_TOKENS_FROM_REFRESH_TOKEN, tokens.get_tokens
        ),
        "RevokeToken": Operation(inputs.REVOKE_TOKEN, tokens.revoke_token),
        "GlobalSignOut": Operation(inputs.GLOBAL_SIGN_OUT, tokens.global_sign_out),
        "AdminUserGlobalSignOut": Operation(
            inputs.ADMIN_NAMED_USER, tokens.admin_user_global_sign_out, admin=True
        ),
    }
)
