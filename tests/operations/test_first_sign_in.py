"""A sign-up that goes on into a sign-in: SignUp's Session, ConfirmSignUp's, USER_AUTH."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from flowengine.accounts.user import UserStatus
from flowengine.engine.replies import ChallengeReply, SuccessReply
from flowengine.engine.requests import InitiateAuthRequest, RespondToAuthChallengeRequest
from flowengine.errors import CallerError, UnknownSessionError
from flowengine.flow.loading import load_source
from flowengine.source import SourceText
from tests.operations.accounts import MAIL, PHONE, Mailing, changed, hash_of, mailing, told
from tests.operations.signing_up import confirm_join, join
from tests.operations.world import CONFIDENTIAL, FLOWS, OTHER, PASSWORD, WEB, World, run

FLOW: Final = """\
flow: welcome
version: 1
auth_flows:
  USER_AUTH: {start: password, after_sign_up: welcome}
require: [proved.password || proved.email]
start: password
nodes:
  password: {challenge: PASSWORD, responses: [PASSWORD], next: done}
  welcome:
    choose:
      - when: proved.email && age.email < duration("5m")
        goto: done
      - else: password
  done: {end: success}
"""
UNKNOWN: Final = ("NotAuthorizedException", "Invalid session for the user.")
SPENT: Final = (
    "NotAuthorizedException",
    "Invalid session for the user, session can only be used once.",
)
EXPIRED: Final = (
    "NotAuthorizedException",
    "Invalid session for the user, session is expired.",
)


def deployed(text: str = FLOW) -> Mailing:
    program, found = load_source(SourceText("welcome.flow.yaml", text))
    assert program is not None, [each.message for each in found]
    flows = {**FLOWS, "USER_AUTH": "welcome"}
    clients = {c.id: replace(c, auth_flows=flows) for c in (WEB, CONFIDENTIAL, OTHER)}
    mails = mailing()
    engine = mails.world.engine
    programs = {**engine.parts.flows, "welcome": program}
    engine._parts = replace(engine.parts, flows=programs, clients=clients)
    return mails


def begun(mails: Mailing, **attributes: str) -> str:
    session = join(mails.world, "ada", WEB, **(attributes or {"email": MAIL})).session
    assert session is not None
    return session


def confirmed(mails: Mailing, session: str, **named: Any) -> str:
    after = confirm_join(mails.world, mails.code, session=session, **named)
    assert after is not None
    return after


def first(world: World, session: str | None, username: str = "ada", client: Any = WEB) -> Any:
    parameters = {"USERNAME": username}
    sent = hash_of(client, username)
    if sent is not None:
        parameters["SECRET_HASH"] = sent
    request = InitiateAuthRequest(client.id, "USER_AUTH", parameters, session=session)
    return run(world.engine.initiate(request))


def test_a_confirmed_sign_up_signs_in_without_another_code() -> None:
    mails = deployed()
    reply = first(mails.world, confirmed(mails, begun(mails)))
    assert isinstance(reply, SuccessReply)
    assert set(reply.proved) == {"email"}
    assert reply.authentication_result is not None
    assert len(mails.sent.messages) == 1


def test_a_text_message_proves_the_phone_and_the_flow_decides_what_that_is_worth() -> None:
    mails = deployed()
    reply = first(mails.world, confirmed(mails, begun(mails, phone_number=PHONE)))
    assert isinstance(reply, ChallengeReply)
    assert reply.challenge_name == "PASSWORD"


def test_nothing_is_issued_that_the_flow_requires_more_for() -> None:
    mails = deployed(
        FLOW.replace("require: [proved.password || proved.email]", "require: [proved.password]")
    )
    session = confirmed(mails, begun(mails))
    refused = ("NotAuthorizedException", "Incorrect username or password.")
    assert told(first, mails.world, session) == refused


def test_a_flow_that_did_not_foresee_it_starts_as_ever() -> None:
    mails = deployed(FLOW.replace(", after_sign_up: welcome", ""))
    assert join(mails.world, email=MAIL).session is None
    assert confirm_join(mails.world, mails.code) is None
    reply = first(mails.world, "x" * 68)
    assert isinstance(reply, ChallengeReply)
    assert reply.challenge_name == "PASSWORD"


def test_without_a_session_a_sign_in_begins_as_ever() -> None:
    mails = deployed()
    confirmed(mails, begun(mails))
    reply = first(mails.world, None)
    assert isinstance(reply, ChallengeReply)
    assert reply.challenge_name == "PASSWORD"


def test_who_confirms_without_the_session_is_given_none() -> None:
    mails = deployed()
    session = begun(mails)
    assert confirm_join(mails.world, mails.code) is None
    assert told(first, mails.world, session) == UNKNOWN


def test_a_sign_up_that_was_not_confirmed_signs_nobody_in() -> None:
    mails = deployed()
    code, _ = told(first, mails.world, begun(mails))
    assert code == "UserNotConfirmedException"
    assert mails.world.user().status is UserStatus.UNCONFIRMED


def test_a_session_is_good_once_at_each_step() -> None:
    mails = deployed()
    before = begun(mails)
    after = confirmed(mails, before)
    assert told(first, mails.world, before) == SPENT
    assert isinstance(first(mails.world, after), SuccessReply)
    assert told(first, mails.world, after) == SPENT


def test_two_at_once_have_one_winner() -> None:
    mails = deployed()
    session = confirmed(mails, begun(mails))

    async def both() -> list[object]:
        request = InitiateAuthRequest(WEB.id, "USER_AUTH", {"USERNAME": "ada"}, session=session)
        calls = [mails.world.engine.initiate(request) for _ in range(2)]
        return await asyncio.gather(*calls, return_exceptions=True)

    replies = run(both())
    assert [isinstance(each, SuccessReply) for each in replies].count(True) == 1


def test_a_wrong_code_leaves_the_session_good() -> None:
    mails = deployed()
    session = begun(mails)
    code, _ = told(confirm_join, mails.world, mails.wrong(), session=session)
    assert code == "CodeMismatchException"
    assert isinstance(first(mails.world, confirmed(mails, session)), SuccessReply)


def test_a_wrong_session_confirms_nobody() -> None:
    mails = deployed()
    begun(mails)
    before = mails.world.user()
    for session in ("x", "A" * 68):
        assert told(confirm_join, mails.world, mails.code, session=session) == UNKNOWN
    assert not changed(mails.world, before)


@pytest.mark.parametrize("when", ["confirming", "signing in"])
def test_a_session_lives_as_long_as_any(when: str) -> None:
    mails = deployed()
    session = begun(mails)
    if when == "confirming":
        mails.world.clock.advance(WEB.session_validity)
        assert told(confirm_join, mails.world, mails.code, session=session) == EXPIRED
        return
    session = confirmed(mails, session)
    mails.world.clock.advance(WEB.session_validity)
    assert told(first, mails.world, session) == EXPIRED


def test_a_session_is_its_users_alone() -> None:
    mails = deployed()
    session = begun(mails)
    other = join(mails.world, "robert", email="robert@example.com")
    assert other.session is not None
    assert told(confirm_join, mails.world, mails.code, "robert", session=session) == UNKNOWN
    after = confirm_join(mails.world, mails.code, "robert", session=other.session)
    assert after is not None
    mails.world.add_user("carol-anne")
    for name in ("carol-anne", "nobody"):
        assert told(first, mails.world, after, name) == UNKNOWN
    assert isinstance(first(mails.world, after, "robert"), SuccessReply)


def test_a_session_is_its_clients_alone() -> None:
    mails = deployed()
    session = begun(mails)
    assert (
        told(confirm_join, mails.world, mails.code, client=CONFIDENTIAL, session=session) == UNKNOWN
    )
    after = confirmed(mails, session)
    assert told(first, mails.world, after, client=CONFIDENTIAL) == UNKNOWN
    assert isinstance(first(mails.world, after), SuccessReply)


def test_whoever_is_changed_after_the_confirmation_signs_in_as_ever() -> None:
    mails = deployed()
    session = confirmed(mails, begun(mails))
    before = mails.world.user()
    assert run(mails.world.directory.save(replace(before, stamp="another"), before.stamp))
    assert told(first, mails.world, session) == UNKNOWN
    assert told(first, mails.world, session) == SPENT


def test_a_disabled_user_is_told_so() -> None:
    mails = deployed()
    session = confirmed(mails, begun(mails))
    before = mails.world.user()
    disabled = replace(before, stamp="another", enabled=False)
    assert run(mails.world.directory.save(disabled, before.stamp))
    assert told(first, mails.world, session) == ("NotAuthorizedException", "User is disabled.")


def test_the_handle_of_a_sign_up_answers_no_challenge_and_the_other_way_round() -> None:
    mails = deployed()
    session = begun(mails)
    request = RespondToAuthChallengeRequest(
        WEB.id, "PASSWORD", session, {"USERNAME": "ada", "PASSWORD": PASSWORD}
    )
    with pytest.raises(UnknownSessionError):
        run(mails.world.engine.respond(request))
    with pytest.raises(UnknownSessionError):
        run(mails.world.engine.advance(session, "AssociateSoftwareToken"))
    after = confirmed(mails, session)
    with pytest.raises(UnknownSessionError):
        run(mails.world.engine.respond(replace(request, session=after)))
    challenge = first(mails.world, None)
    assert isinstance(challenge, ChallengeReply)
    assert told(first, mails.world, challenge.session) == UNKNOWN
    mails.world.clock.advance(timedelta(seconds=1))
    done = mails.world.respond(challenge, USERNAME="ada", PASSWORD=PASSWORD)
    assert isinstance(done, SuccessReply), "the try that was claimed came back"
    assert isinstance(first(mails.world, after), SuccessReply)


def test_the_flow_may_ask_how_long_ago_the_code_came() -> None:
    mails = deployed(FLOW.replace("5m", "1m"))
    session = confirmed(mails, begun(mails))
    mails.world.clock.advance(timedelta(minutes=1))
    reply = first(mails.world, session)
    assert isinstance(reply, ChallengeReply)
    assert reply.challenge_name == "PASSWORD"


def test_a_taken_name_has_no_session() -> None:
    mails = deployed()
    begun(mails)
    with pytest.raises(CallerError) as refused:
        join(mails.world, email=MAIL)
    assert refused.value.code == "UsernameExistsException"
