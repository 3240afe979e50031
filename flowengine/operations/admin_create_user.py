"""AdminCreateUser: an administrator makes a user with a temporary password.

Source: Amazon Cognito API reference, AdminCreateUser.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from flowengine.accounts.account import Account
from flowengine.accounts.pool import Pool
from flowengine.accounts.user import UserStatus
from flowengine.engine.parts import Parts
from flowengine.errors import InvalidParameterError, UsernameExistsError
from flowengine.operations.new_attributes import read_attributes
from flowengine.operations.new_passwords import kept_password, unknown_password
from flowengine.operations.users import (
    UserProfile,
    directory_of,
    new_stamp,
    new_sub,
    pool_named,
    profile_of,
)

LONGEST_USERNAME = 128


@dataclass(frozen=True, slots=True)
class AdminCreateUserRequest:
    """What is asked.

    Attributes:
        temporary_password: What the administrator will tell the user. This version delivers
            no messages, so without it only ``SUPPRESS`` is accepted: the user then has a
            password that nobody knows, until AdminSetUserPassword sets another.
        message_action: ``SUPPRESS``, or None; ``RESEND`` is refused.
        force_alias_creation: Taking an alias away from its owner; refused.
    """

    pool_id: str
    username: str = field(repr=False)
    temporary_password: str | None = field(default=None, repr=False)
    attributes: Mapping[str, str] = field(default_factory=dict, repr=False)
    message_action: str | None = None
    force_alias_creation: bool = False


async def admin_create_user(parts: Parts, request: AdminCreateUserRequest) -> UserProfile:
    """Make a user who has to choose a password at the first sign-in.

    The temporary password is good for the pool's ``temporary_password_life``.

    Raises:
        ResourceNotFoundError: There is no such pool.
        InvalidParameterError: A name, an attribute or an action that is not taken here.
        InvalidPasswordError: The password does not fit the policy.
        UsernameExistsError: The name, or a verified alias, is another user's.
    """
    pool = pool_named(parts, request.pool_id)
    _check(request)
    attributes = read_attributes(pool, request.attributes)
    account = await _new_account(parts, pool, request, attributes)
    if not await directory_of(parts).add(account):
        raise UsernameExistsError
    return profile_of(account)


def _check(request: AdminCreateUserRequest) -> None:
    if not is_username(request.username):
        raise InvalidParameterError("Invalid value for parameter Username")
    if request.message_action not in (None, "SUPPRESS"):
        raise InvalidParameterError(
            "MessageAction RESEND is not supported: this server delivers no messages."
        )
    if request.force_alias_creation:
        raise InvalidParameterError("ForceAliasCreation is not supported.")
    if request.temporary_password is None and request.message_action is None:
        raise InvalidParameterError(
            "TemporaryPassword is required: this server delivers no messages. "
            "Send it, or MessageAction SUPPRESS."
        )


def is_username(text: str) -> bool:
    r"""Say whether a text can be a user name: ``[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}``."""
    return 0 < len(text) <= LONGEST_USERNAME and all(
        unicodedata.category(character)[0] in "LMSNP" for character in text
    )


async def _new_account(
    parts: Parts, pool: Pool, request: AdminCreateUserRequest, attributes: Mapping[str, str]
) -> Account:
    password = request.temporary_password
    if password is None:
        password = unknown_password(pool.password_policy, parts.entropy.draw)
    credential = await kept_password(parts, pool, request.username, password)
    now = parts.clock.now()
    return Account(
        pool_id=pool.id,
        username=request.username,
        sub=new_sub(parts),
        stamp=new_stamp(parts),
        created_at=now,
        modified_at=now,
        status=UserStatus.FORCE_CHANGE_PASSWORD,
        attributes=attributes,
        password=credential,
        temporary_until=now + pool.temporary_password_life,
    )
