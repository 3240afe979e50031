"""What a backend begins whose engine has a directory: the user is the directory's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from flowengine.accounts.user import UserFacts, UserStatus
from flowengine.engine.replies import ChallengeReply, Reply, SuccessReply
from flowengine.errors import (
    CodeMismatchError,
    NotAuthorizedError,
    SessionError,
    UserNotConfirmedError,
    UserNotFoundError,
)
from tests.engine.world import World

STEP_UP = """
flow: step-up
version: 1
require: [proved.totp, '"staff" in user.groups']
start: totp
nodes:
  totp:
    challenge: SOFTWARE_TOKEN_MFA
    responses: [SOFTWARE_TOKEN_MFA_CODE]
    attempts: 3
    unavailable: refused
    next: done
  done: {end: success}
"""


def world(*, with_totp: bool = True, **changes: Any) -> World:
    made = World(STEP_UP)
    made.add_user(with_totp=with_totp, **{"groups": ("staff",), **changes})
    return made


def begin(made: World, user: UserFacts | None = None) -> Reply:
    return made.engine.start("step-up", user=user or UserFacts("alice"), client_id=made.client.id)


def test_a_stored_credential_is_verified_for_a_user_that_a_backend_names() -> None:
    made = world()
    reply = made.answer_totp(begin(made))
    assert isinstance(reply, SuccessReply)
    assert set(reply.proved) == {"totp"}
    assert reply.user.sub == "sub-of-alice"


def test_the_facts_are_the_directorys_and_not_what_the_caller_says() -> None:
    made = world(groups=())
    said = UserFacts("alice", groups=("staff",))
    with pytest.raises(NotAuthorizedError):
        made.answer_totp(begin(made, said))


def test_wrong_codes_end_it_as_they_do_every_sign_in() -> None:
    made = world()
    reply = begin(made)
    for _ in range(2):
        with pytest.raises(CodeMismatchError):
            made.answer_totp(reply, "000000")
    with pytest.raises(NotAuthorizedError):
        made.answer_totp(reply, "000000")
    with pytest.raises(SessionError):
        made.answer_totp(reply)


def test_a_user_without_the_factor_does_not_pass() -> None:
    with pytest.raises(NotAuthorizedError):
        begin(world(with_totp=False))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"enabled": False}, NotAuthorizedError),
        ({"status": UserStatus.UNCONFIRMED}, UserNotConfirmedError),
    ],
)
def test_an_account_that_may_not_sign_in_does_not_begin(
    changes: dict[str, Any], error: type[Exception]
) -> None:
    made = world(**changes)
    with pytest.raises(error):
        begin(made)


def test_a_user_whom_the_directory_does_not_know_is_told_to_the_backend() -> None:
    with pytest.raises(UserNotFoundError):
        begin(world(), UserFacts("mallory"))


def test_a_user_who_was_changed_meanwhile_does_not_go_on() -> None:
    made = world()
    reply = begin(made)
    account = made.find()
    made.save(replace(account, stamp="moved"), account.stamp)
    with pytest.raises(SessionError):
        made.answer_totp(reply)


def test_a_session_is_over_when_its_time_is() -> None:
    made = world()
    reply = begin(made)
    assert isinstance(reply, ChallengeReply)
    made.clock.advance(timedelta(hours=1))
    with pytest.raises(SessionError):
        made.answer_totp(reply)
