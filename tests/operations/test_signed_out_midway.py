"""Nobody stays signed in by an old password: not when its process dies, nor by being fast."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from flowengine.accounts.account import Account
from flowengine.accounts.user import UserStatus
from flowengine.operations.admin_disable_user import admin_disable_user
from flowengine.operations.admin_reset_user_password import admin_reset_user_password
from flowengine.operations.admin_set_user_password import (
    AdminSetUserPasswordRequest,
    admin_set_user_password,
)
from flowengine.operations.change_password import ChangePasswordRequest, change_password
from flowengine.stores.memory import MemoryDirectory
from tests.operations.accounts import FRESH, VERIFIED, Mailing, confirm, forgot, mailing
from tests.operations.refreshing import REVOKED, refresh, refresh_token, refused, sign_in
from tests.operations.world import PASSWORD, POOL, run


class DiedError(Exception):
    """The process is no more."""


class LastWriteDirectory(MemoryDirectory):
    """A directory whose next write, once ``last`` is set, is the last that its process does."""

    last = False

    async def save(self, account: Account, old_stamp: str) -> bool:
        """Save, and die."""
        saved = await super().save(account, old_stamp)
        if self.last:
            raise DiedError
        return saved


class OvertakenDirectory(MemoryDirectory):
    """A directory before whose next write, once ``before`` is set, that is done."""

    before: Callable[[], None] | None = None

    async def save(self, account: Account, old_stamp: str) -> bool:
        """Let the other be faster, then save."""
        before, self.before = self.before, None
        if before is not None:
            await asyncio.to_thread(before)
        return await super().save(account, old_stamp)


def _change(mails: Mailing) -> None:
    token = sign_in(mails.world).access_token
    run(change_password(mails.world.parts, ChangePasswordRequest(token, FRESH, PASSWORD)))


def _recover(mails: Mailing) -> None:
    forgot(mails.world)
    confirm(mails.world, mails.code)


def _set(mails: Mailing) -> None:
    request = AdminSetUserPasswordRequest(POOL.id, "ada", FRESH, permanent=True)
    run(admin_set_user_password(mails.world.parts, request))


def _reset(mails: Mailing) -> None:
    run(admin_reset_user_password(mails.world.parts, POOL.id, "ada"))


def _disable(mails: Mailing) -> None:
    run(admin_disable_user(mails.world.parts, POOL.id, "ada"))


def _renew(mails: Mailing) -> None:
    asked = mails.world.initiate("USER_PASSWORD_AUTH", USERNAME="ada", PASSWORD=PASSWORD)
    mails.world.respond(asked, USERNAME="ada", NEW_PASSWORD=FRESH)  # type: ignore[arg-type]


@pytest.mark.parametrize("ends", [_change, _recover, _set, _reset, _disable, _renew])
def test_what_ends_sign_ins_ends_them_even_if_its_process_dies(
    ends: Callable[[Mailing], None],
) -> None:
    directory = LastWriteDirectory({POOL.id: POOL})
    mails = mailing(directory=directory)
    mails = replace(mails, world=replace(mails.world, directory=directory))
    ada = mails.world.add_user(attributes=VERIFIED)
    token = refresh_token(sign_in(mails.world))
    if ends is _renew:  # an administrator's tool wrote the status beside the operations
        demanded = replace(ada, status=UserStatus.FORCE_CHANGE_PASSWORD, stamp="demanded")
        assert run(directory.save(demanded, ada.stamp))
    directory.last = True
    with pytest.raises(DiedError):
        ends(mails)
    directory.last = False
    written = mails.world.user()
    assert written.stamp not in {ada.stamp, "demanded"}
    assert refused(refresh, mails.world, token) == REVOKED


@pytest.mark.parametrize("ends", [_change, _recover, _set, _reset, _disable])
def test_who_signs_in_while_another_password_is_written_is_signed_out_too(
    ends: Callable[[Mailing], None],
) -> None:
    directory, tokens = OvertakenDirectory({POOL.id: POOL}), list[str]()
    mails = mailing(directory=directory)
    mails = replace(mails, world=replace(mails.world, directory=directory))
    mails.world.add_user(attributes=VERIFIED)
    directory.before = lambda: tokens.append(refresh_token(sign_in(mails.world)))
    ends(mails)
    assert refused(refresh, mails.world, *tokens) == REVOKED
