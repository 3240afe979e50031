"""Sign-up, passwords and attributes, between the wire and ``flowengine.operations``.

ClientMetadata goes to CustomMessage, and of ForgotPassword to UserMigration too; that of what sends
nothing, and ValidationData, goes nowhere: there are no triggers that take them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowengine.engine.engine import AsyncEngine
from flowengine.engine.requests import RequestOrigin
from flowengine.operations.admin_confirm_sign_up import admin_confirm_sign_up as confirm_by_admin
from flowengine.operations.admin_disable_user import admin_disable_user as disable
from flowengine.operations.admin_enable_user import admin_enable_user as enable
from flowengine.operations.admin_reset_user_password import admin_reset_user_password as reset
from flowengine.operations.admin_update_user_attributes import AdminUpdateUserAttributesRequest
from flowengine.operations.admin_update_user_attributes import (
    admin_update_user_attributes as update_by_admin,
)
from flowengine.operations.change_password import ChangePasswordRequest
from flowengine.operations.change_password import change_password as change
from flowengine.operations.codes import CodeDelivery
from flowengine.operations.confirm_forgot_password import ConfirmForgotPasswordRequest
from flowengine.operations.confirm_forgot_password import confirm_forgot_password as confirm_forgot
from flowengine.operations.confirm_sign_up import ConfirmSignUpRequest
from flowengine.operations.confirm_sign_up import confirm_sign_up as confirm
from flowengine.operations.forgot_password import ForgotPasswordRequest
from flowengine.operations.forgot_password import forgot_password as forgot
from flowengine.operations.get_user_attribute_verification_code import (
    get_user_attribute_verification_code as ask_to_verify,
)
from flowengine.operations.resend_confirmation_code import ResendConfirmationCodeRequest
from flowengine.operations.resend_confirmation_code import resend_confirmation_code as resend
from flowengine.operations.sign_up import SignUpRequest
from flowengine.operations.sign_up import sign_up as join
from flowengine.operations.update_user_attributes import UpdateUserAttributesRequest
from flowengine.operations.update_user_attributes import update_user_attributes as update
from flowengine.operations.verify_user_attribute import VerifyUserAttributeRequest
from flowengine.operations.verify_user_attribute import verify_user_attribute as verify
from flowengine.server.users import read_attributes

Members = Mapping[str, Any]
Body = dict[str, Any]


async def sign_up(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """SignUp."""
    request = SignUpRequest(
        client_id=members["ClientId"],
        username=members["Username"],
        password=members.get("Password"),
        attributes=read_attributes(members.get("UserAttributes", [])),
        secret_hash=members.get("SecretHash"),
        client_metadata=members.get("ClientMetadata", {}),
    )
    answer = await join(engine.parts, request)
    body: Body = {"UserConfirmed": False, "UserSub": answer.sub, **_session(answer.session)}
    return body if answer.delivery is None else {**body, **_details(answer.delivery)}


async def confirm_sign_up(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """ConfirmSignUp."""
    request = ConfirmSignUpRequest(
        client_id=members["ClientId"],
        username=members["Username"],
        code=members["ConfirmationCode"],
        secret_hash=members.get("SecretHash"),
        force_alias_creation=members.get("ForceAliasCreation", False),
        session=members.get("Session"),
    )
    return _session(await confirm(engine.parts, request))


def _session(session: str | None) -> Body:
    return {} if session is None else {"Session": session}


async def resend_confirmation_code(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """ResendConfirmationCode."""
    request = ResendConfirmationCodeRequest(
        members["ClientId"],
        members["Username"],
        members.get("SecretHash"),
        members.get("ClientMetadata", {}),
    )
    return _details(await resend(engine.parts, request))


async def forgot_password(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """ForgotPassword."""
    request = ForgotPasswordRequest(
        members["ClientId"],
        members["Username"],
        members.get("SecretHash"),
        members.get("ClientMetadata", {}),
    )
    return _details(await forgot(engine.parts, request))


async def confirm_forgot_password(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """ConfirmForgotPassword."""
    request = ConfirmForgotPasswordRequest(
        client_id=members["ClientId"],
        username=members["Username"],
        code=members["ConfirmationCode"],
        password=members["Password"],
        secret_hash=members.get("SecretHash"),
    )
    await confirm_forgot(engine.parts, request)
    return {}


async def change_password(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """ChangePassword."""
    request = ChangePasswordRequest(
        members["AccessToken"], members["ProposedPassword"], members.get("PreviousPassword")
    )
    await change(engine.parts, request)
    return {}


async def admin_reset_user_password(
    engine: AsyncEngine, members: Members, _: RequestOrigin
) -> Body:
    """AdminResetUserPassword."""
    told = members.get("ClientMetadata", {})
    await reset(engine.parts, members["UserPoolId"], members["Username"], told)
    return {}


async def admin_confirm_sign_up(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """AdminConfirmSignUp."""
    await confirm_by_admin(engine.parts, members["UserPoolId"], members["Username"])
    return {}


async def admin_disable_user(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """AdminDisableUser."""
    await disable(engine.parts, members["UserPoolId"], members["Username"])
    return {}


async def admin_enable_user(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """AdminEnableUser."""
    await enable(engine.parts, members["UserPoolId"], members["Username"])
    return {}


async def admin_update_user_attributes(
    engine: AsyncEngine, members: Members, _: RequestOrigin
) -> Body:
    """AdminUpdateUserAttributes."""
    attributes = read_attributes(members["UserAttributes"])
    request = AdminUpdateUserAttributesRequest(
        members["UserPoolId"], members["Username"], attributes
    )
    await update_by_admin(engine.parts, request)
    return {}


async def update_user_attributes(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """UpdateUserAttributes."""
    attributes = read_attributes(members["UserAttributes"])
    told = members.get("ClientMetadata", {})
    request = UpdateUserAttributesRequest(members["AccessToken"], attributes, told)
    deliveries = await update(engine.parts, request)
    return {"CodeDeliveryDetailsList": [_delivery(each) for each in deliveries]}


async def get_user_attribute_verification_code(
    engine: AsyncEngine, members: Members, _: RequestOrigin
) -> Body:
    """GetUserAttributeVerificationCode."""
    token, attribute = members["AccessToken"], members["AttributeName"]
    told = members.get("ClientMetadata", {})
    return _details(await ask_to_verify(engine.parts, token, attribute, told))


async def verify_user_attribute(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """VerifyUserAttribute."""
    request = VerifyUserAttributeRequest(
        members["AccessToken"], members["AttributeName"], members["Code"]
    )
    await verify(engine.parts, request)
    return {}


def _details(delivery: CodeDelivery) -> Body:
    return {"CodeDeliveryDetails": _delivery(delivery)}


def _delivery(delivery: CodeDelivery) -> Body:
    return {
        "Destination": delivery.destination,
        "DeliveryMedium": delivery.medium,
        "AttributeName": delivery.attribute,
    }
