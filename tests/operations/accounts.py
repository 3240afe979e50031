"""Worlds whose engine sends codes, and what the tests of the operations with codes share."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flowengine.accounts.account import Account
from flowengine.accounts.pool import Client, Pool
from flowengine.crypto import secret_hash
from flowengine.engine.replies import SuccessReply
from flowengine.errors import CallerError
from flowengine.operations.codes import CodeDelivery
from flowengine.operations.confirm_forgot_password import (
    ConfirmForgotPasswordRequest,
    confirm_forgot_password,
)
from flowengine.operations.forgot_password import ForgotPasswordRequest, forgot_password
from flowengine.runtime.messages import Message
from flowengine.testing.fakes import KeptMessages
from tests.operations.world import POOL, WEB, World, new_world, run
from tests.planted import CLIENT_SECRET, OTHER_PASSWORD

FRESH = OTHER_PASSWORD
MAIL = "ada@example.com"
PHONE = "+15550100"
VERIFIED = {"email": MAIL, "email_verified": "true"}
BY_PHONE = {"phone_number": PHONE, "phone_number_verified": "true"}

Told = tuple[str, str]

WRONG = ("CodeMismatchException", "Invalid verification code provided, please try again.")
EXPIRED = ("ExpiredCodeException", "Invalid code provided, please request a code again.")
LIMITED = ("LimitExceededException", "Attempt limit exceeded, please try after some time.")
NOBODY = ("UserNotFoundException", "Username/client id combination not found.")
NO_USER = ("UserNotFoundException", "User does not exist.")
DISABLED = ("NotAuthorizedException", "User is disabled.")
UNDELIVERED = ("CodeDeliveryFailureException", "This server delivers no messages.")
NO_CLIENT = ("ResourceNotFoundException", "User pool client {client_id} does not exist.")
NO_POOL = ("ResourceNotFoundException", "User pool eu-west-1_Nowhere does not exist.")
NO_HASH = (
    "NotAuthorizedException",
    "Client {client_id} is configured with secret but SECRET_HASH was not received",
)
WRONG_HASH = ("NotAuthorizedException", "Unable to verify secret hash for client {client_id}")
WRONG_PASSWORD = ("NotAuthorizedException", "Incorrect username or password.")
TOO_SHORT = (
    "InvalidPasswordException",
    "Password did not conform with policy: Password not long enough",
)


@dataclass(frozen=True, slots=True)
class Mailing:
    """A world and what was sent in it."""

    world: World
    sent: KeptMessages

    @property
    def last(self) -> Message:
        """What was sent last."""
        return self.sent.messages[-1]

    @property
    def code(self) -> str:
        """The last code."""
        return self.last.code

    def wrong(self) -> str:
        """A code that was never sent."""
        sent = {message.code for message in self.sent.messages}
        return next(code for code in ("000000", "000001", "000002") if code not in sent)

    def wait(self, **duration: float) -> None:
        """Let time pass."""
        self.world.clock.advance(timedelta(**duration))


def mailing(pool: Pool = POOL, **engine: Any) -> Mailing:
    """Put a world together that sends codes."""
    sent = KeptMessages()
    return Mailing(new_world(pool, **{"delivery": sent, **engine}), sent)


def with_ada(pool: Pool = POOL, **changes: Any) -> Mailing:
    """Put a world together with a user whose address was verified."""
    mails = mailing(pool)
    mails.world.add_user(pool=pool, **{"attributes": VERIFIED, **changes})
    return mails


def told(call: Callable[..., object], *args: Any, **kwargs: Any) -> Told:
    """Give the exception's name and message of a refused call."""
    try:
        call(*args, **kwargs)
    except CallerError as error:
        return error.code, error.message
    raise AssertionError("it was not refused")


def told_by(coroutine: Coroutine[Any, Any, object]) -> Told:
    """The same for a coroutine."""
    return told(lambda: run(coroutine))


def hash_of(client: Client, username: str) -> str | None:
    """Give the SECRET_HASH that a client sends."""
    if client.secret is None:
        return None
    return secret_hash.compute(CLIENT_SECRET, username, client.id)


def forgot(world: World, username: str = "ada", client: Client = WEB) -> CodeDelivery:
    """Ask for a code that resets a password."""
    sent = hash_of(client, username)
    return run(forgot_password(world.parts, ForgotPasswordRequest(client.id, username, sent)))


def confirm(
    world: World, code: str, password: str = FRESH, username: str = "ada", client: Client = WEB
) -> None:
    """Set a password with a code."""
    sent = hash_of(client, username)
    request = ConfirmForgotPasswordRequest(client.id, username, code, password, sent)
    run(confirm_forgot_password(world.parts, request))


def signs_in(world: World, password: str, username: str = "ada") -> bool:
    """Say whether a password signs a user in at once."""
    try:
        reply = world.initiate("USER_PASSWORD_AUTH", USERNAME=username, PASSWORD=password)
    except CallerError:
        return False
    return isinstance(reply, SuccessReply)


def changed(world: World, before: Account) -> bool:
    """Say whether a user's stamp moved."""
    return world.user(before.username).stamp != before.stamp
