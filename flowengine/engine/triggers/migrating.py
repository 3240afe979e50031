"""Makes the account of a user who was found elsewhere."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from flowengine.accounts.account import Account, PasswordCredential
from flowengine.accounts.attributes import VERIFIED_MARKS, is_storable
from flowengine.accounts.credentials import make_password
from flowengine.accounts.new_names import new_username, with_address
from flowengine.accounts.pool import Client, Pool
from flowengine.accounts.triggers import pool_function
from flowengine.accounts.user import UserFacts
from flowengine.engine.locking import give_back, reserve
from flowengine.engine.parts import Parts
from flowengine.engine.triggers.calling import call_hook
from flowengine.engine.triggers.context import TriggerContext
from flowengine.engine.triggers.user_migration import Migrated
from flowengine.engine.users import play
from flowengine.errors import CallerError, InvalidLambdaResponseError

PASSWORD_FLOWS: Final = frozenset({"USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH"})
_USERNAME: Final = "username"
_LONGEST_USERNAME: Final = 128
_LONGEST_PASSWORD: Final = 256
_NOTHING: Mapping[str, str] = MappingProxyType({})


async def migrate(
    parts: Parts,
    pool: Pool,
    client: Client,
    username: str,
    password: str | None = None,
    metadata: Mapping[str, str] = _NOTHING,
    ip: str = "",
) -> None:
    """Ask UserMigration for a user who is unknown, and keep the one that it gives.

    A sign-in's password is kept as it is: the pool's policy is not asked, as in Cognito. A guess
    counts as one at the name's own decoy, whose lock-out holds here too. A trigger that refuses or
    fails is noted, and the user stays unknown: clients are told that in the usual way.

    Args:
        password: None where a forgotten one is to be replaced.
        ip: Where the user is; "" where that is not known.

    Raises:
        NotAuthorizedError: Too many passwords of this name were wrong.
        TooManyRequestsError: Too many are being tried.
    """
    name = pool_function(pool.id, "user_migration")
    if parts.directory is None or not parts.functions.has(name) or not _is_name(username):
        return
    if password is not None and not 0 < len(password) <= _LONGEST_PASSWORD:
        return
    if await parts.directory.find(pool.id, username) is not None:
        return
    factor = None if password is None else "password"
    reservation = await reserve(parts, pool, play(parts, pool, username).facts.sub, factor, ip)
    try:
        await _ask(parts, pool, client, username, password, metadata)
    except CallerError as error:
        parts.observer.note("migration-failed", {"pool": pool.id, "error": error.code})
    finally:
        await give_back(parts, reservation)


async def _ask(
    parts: Parts,
    pool: Pool,
    client: Client,
    username: str,
    password: str | None,
    metadata: Mapping[str, str],
) -> None:
    user = UserFacts(username, exists=False)
    context = TriggerContext(pool, client, user, client_metadata=metadata)
    source = "ForgotPassword" if password is None else "Authentication"
    found = await call_hook(parts, context, "user_migration", source=source, password=password)
    if not isinstance(found, Migrated) or parts.directory is None:
        return
    sub = str(uuid.UUID(bytes=parts.entropy.draw(16), version=4))
    name = new_username(pool, found.attributes.get(_USERNAME, username), sub)
    attributes = with_address(pool, username, _attributes(pool, found.attributes))
    if not _is_name(name):
        raise InvalidLambdaResponseError
    credential = await _credential(parts, pool, name, password)
    now = parts.clock.now()
    account = Account(
        pool_id=pool.id,
        username=name,
        sub=sub,
        stamp=parts.entropy.draw(16).hex(),
        created_at=now,
        modified_at=now,
        status=found.status,
        attributes=attributes,
        password=credential,
        sms_mfa=found.sms_mfa,
    )
    # False where another request was faster, or an address is another user's already.
    added = await parts.directory.add(account)
    parts.observer.note("migrated" if added else "migration-taken", {"pool": pool.id})


async def _credential(
    parts: Parts, pool: Pool, name: str, password: str | None
) -> PasswordCredential | None:
    if password is None:
        return None
    return await parts.work.run(lambda: make_password(pool, name, password, parts.entropy.draw))


def _attributes(pool: Pool, given: Mapping[str, str]) -> Mapping[str, str]:
    """Take the attributes that the pool's users can have.

    Raises:
        InvalidLambdaResponseError: There is another one, or a value that does not fit.
    """
    marks = {mark: address for address, mark in VERIFIED_MARKS.items()}
    kept = {name: value for name, value in given.items() if name != _USERNAME and value}
    for name, value in kept.items():
        if name in marks:
            good = value in ("true", "false") and marks[name] in kept
        else:
            good = name in pool.attributes and pool.value_objection(name, value) is None
        if not good:
            raise InvalidLambdaResponseError
    return MappingProxyType(kept)


def _is_name(text: str) -> bool:
    return (
        0 < len(text) <= _LONGEST_USERNAME
        and is_storable(text)
        and not any(character.isspace() or not character.isprintable() for character in text)
    )
