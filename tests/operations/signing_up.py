"""Signing up, as the tests of the operations around it do it."""

from __future__ import annotations

from flowengine.accounts.pool import Client
from flowengine.operations.codes import CodeDelivery
from flowengine.operations.confirm_sign_up import ConfirmSignUpRequest, confirm_sign_up
from flowengine.operations.resend_confirmation_code import (
    ResendConfirmationCodeRequest,
    resend_confirmation_code,
)
from flowengine.operations.sign_up import SignedUp, SignUpRequest, sign_up
from tests.operations.accounts import MAIL, Mailing, hash_of, mailing
from tests.operations.world import PASSWORD, WEB, World, run


def join(
    world: World,
    username: str = "ada",
    client: Client = WEB,
    password: str | None = PASSWORD,
    **attributes: str,
) -> SignedUp:
    """Sign up."""
    sent = hash_of(client, username)
    request = SignUpRequest(client.id, username, password, attributes, sent)
    return run(sign_up(world.parts, request))


def confirm_join(
    world: World,
    code: str,
    username: str = "ada",
    client: Client = WEB,
    *,
    force: bool = False,
    session: str | None = None,
) -> str | None:
    """Confirm a sign-up."""
    sent = hash_of(client, username)
    request = ConfirmSignUpRequest(client.id, username, code, sent, force, session)
    return run(confirm_sign_up(world.parts, request))


def resend(world: World, username: str = "ada", client: Client = WEB) -> CodeDelivery:
    """Ask for another code."""
    sent = hash_of(client, username)
    request = ResendConfirmationCodeRequest(client.id, username, sent)
    return run(resend_confirmation_code(world.parts, request))


def joined() -> Mailing:
    """Put a world together with a user who has signed up."""
    mails = mailing()
    join(mails.world, email=MAIL)
    return mails
