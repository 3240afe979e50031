"""The operations on users and their apps, between the wire and ``flowengine.operations``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flowengine.engine.engine import AsyncEngine
from flowengine.engine.requests import RequestOrigin
from flowengine.errors import InvalidParameterError
from flowengine.operations.admin_create_user import AdminCreateUserRequest
from flowengine.operations.admin_create_user import admin_create_user as create
from flowengine.operations.admin_delete_user import admin_delete_user as delete
from flowengine.operations.admin_get_user import admin_get_user as get
from flowengine.operations.admin_set_user_password import AdminSetUserPasswordRequest
from flowengine.operations.admin_set_user_password import admin_set_user_password as set_password
from flowengine.operations.associate_software_token import AssociateSoftwareTokenRequest
from flowengine.operations.associate_software_token import associate_software_token as associate
from flowengine.operations.get_user import get_user as get_own
from flowengine.operations.verify_software_token import VerifySoftwareTokenRequest
from flowengine.operations.verify_software_token import verify_software_token as verify
from flowengine.server.replies import attribute_list, factors_body, user_body

Members = Mapping[str, Any]
Body = dict[str, Any]


async def admin_create_user(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """AdminCreateUser."""
    request = AdminCreateUserRequest(
        pool_id=members["UserPoolId"],
        username=members["Username"],
        temporary_password=members.get("TemporaryPassword"),
        attributes=read_attributes(members.get("UserAttributes", [])),
        message_action=members.get("MessageAction"),
        force_alias_creation=members.get("ForceAliasCreation", False),
        mediums=tuple(members.get("DesiredDeliveryMediums", ())),
        client_metadata=members.get("ClientMetadata", {}),
    )
    return {"User": user_body(await create(engine.parts, request), "Attributes")}


async def admin_set_user_password(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """AdminSetUserPassword."""
    request = AdminSetUserPasswordRequest(
        pool_id=members["UserPoolId"],
        username=members["Username"],
        password=members["Password"],
        permanent=members.get("Permanent", False),
    )
    await set_password(engine.parts, request)
    return {}


async def admin_get_user(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """AdminGetUser."""
    profile = await get(engine.parts, members["UserPoolId"], members["Username"])
    return {**user_body(profile, "UserAttributes"), **factors_body(profile)}


async def admin_delete_user(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """AdminDeleteUser."""
    await delete(engine.parts, members["UserPoolId"], members["Username"])
    return {}


async def get_user(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """GetUser."""
    profile = await get_own(engine.parts, members["AccessToken"])
    return {
        "Username": profile.username,
        "UserAttributes": attribute_list(profile.attributes),
        **factors_body(profile),
    }


async def associate_software_token(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """AssociateSoftwareToken."""
    request = AssociateSoftwareTokenRequest(members.get("AccessToken"), members.get("Session"))
    associated = await associate(engine.parts, request)
    return {"SecretCode": associated.secret_code, **_next_session(associated.session)}


async def verify_software_token(engine: AsyncEngine, members: Members, _: RequestOrigin) -> Body:
    """VerifySoftwareToken."""
    request = VerifySoftwareTokenRequest(
        user_code=members["UserCode"],
        access_token=members.get("AccessToken"),
        session=members.get("Session"),
        friendly_device_name=members.get("FriendlyDeviceName", ""),
    )
    return {"Status": "SUCCESS", **_next_session(await verify(engine.parts, request))}


def _next_session(session: str | None) -> Body:
    return {} if session is None else {"Session": session}


def read_attributes(written: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Read a list of names and values; a name that stands there twice is refused."""
    attributes = {one["Name"]: one.get("Value", "") for one in written}
    if len(attributes) != len(written):
        raise InvalidParameterError("Invalid attributes given, a name is given twice")
    return attributes
