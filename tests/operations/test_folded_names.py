"""Where case makes no other user, it does not tell a user from nobody either."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowengine.engine.replies import ChallengeReply
from tests.operations.accounts import Mailing, forgot, mailing
from tests.operations.signing_up import confirm_join, join
from tests.operations.world import POOL

_FOLDING = replace(POOL, usernames_case_sensitive=False)
_SRP_A = "5ca1ab1e" * 32


def _with_users() -> Mailing:
    """Put a world together with two who signed up, one in capitals."""
    mails = mailing(pool=_FOLDING)
    for username in ("Ada", "grace"):
        join(mails.world, username, email=f"{username}@Example.com")
        confirm_join(mails.world, mails.last.code, username)
    return mails


def _called(mails: Mailing, typed: str) -> set[str]:
    """Give what somebody who typed a name is told that the user is called."""
    reply = mails.world.initiate("USER_SRP_AUTH", USERNAME=typed, SRP_A=_SRP_A)
    assert isinstance(reply, ChallengeReply)
    names = ("USERNAME", "USER_ID_FOR_SRP")
    return {reply.challenge_parameters[name] for name in names}


@pytest.mark.parametrize("typed", ["ada", "ADA", "Ada", "GRACE", "gRace", "NOBODY", "noBody"])
def test_a_sign_in_tells_the_name_folded_whoever_is_there(typed: str) -> None:
    assert _called(_with_users(), typed) == {typed.casefold()}


@pytest.mark.parametrize("name", ["Ada", "grace", "Nobody"])
def test_what_is_shown_of_an_address_is_folded_whoever_is_there(name: str) -> None:
    mails, address = _with_users(), f"{name}@Example.com"
    shown = f"{name[0].casefold()}***@e***"
    for typed in (address, address.upper(), address.lower()):
        assert forgot(mails.world, typed).destination == shown


def test_a_user_is_found_by_any_case_and_called_by_one() -> None:
    world = _with_users().world
    assert world.user("ADA").username == world.user("ada").username == "ada"
    assert world.user("ADA").attributes["email"] == "Ada@Example.com"
    assert world.access_token("aDa")
