from __future__ import annotations

from dataclasses import replace

import pytest

from flowengine.accounts.user import UserStatus
from flowengine.engine.replies import ChallengeReply, SuccessReply
from flowengine.engine.requests import InitiateAuthRequest
from flowengine.errors import (
    CodeMismatchError,
    ExpiredCodeError,
    ExpiredSessionError,
    InvalidParameterError,
    InvalidPasswordError,
    NotAuthorizedError,
    PasswordResetRequiredError,
    ResourceNotFoundError,
    SessionError,
    SpentSessionError,
    UnknownSessionError,
    UserNotConfirmedError,
    UserNotFoundError,
)
from tests.engine.world import FORCED, LATER, NOW, OTHER, SIGN_IN, WEB, World

WRONG = "Incorrect username or password."


def test_srp_signs_in_without_a_session() -> None:
    world = World()
    world.add_user()
    first, responses = world.srp()
    assert first.session is None
    reply = world.answer("PASSWORD_VERIFIER", None, responses)
    assert isinstance(reply, SuccessReply)
    assert set(reply.proved) == {"password"}


def test_a_plain_password_signs_in_with_the_auth_flow_itself() -> None:
    world = World()
    world.add_user()
    reply = world.sign_in_by_password()
    assert isinstance(reply, SuccessReply)
    assert reply.user.username == "alice"


@pytest.mark.parametrize("door", ["srp", "password"])
def test_a_wrong_password_is_refused_and_ends_the_sign_in(door: str) -> None:
    world = World()
    world.add_user()
    enter = world.sign_in_by_srp if door == "srp" else world.sign_in_by_password
    with pytest.raises(NotAuthorizedError, match=WRONG):
        enter(password="wrong")


def test_a_right_proof_after_a_wrong_one_on_the_same_handle_is_refused() -> None:
    world = World()
    world.add_user()
    _, responses = world.srp()
    with pytest.raises(NotAuthorizedError):
        world.answer("PASSWORD_VERIFIER", None, {**responses, "PASSWORD_CLAIM_SIGNATURE": "AAAA"})
    with pytest.raises(NotAuthorizedError, match=WRONG):
        world.answer("PASSWORD_VERIFIER", None, responses)


def test_totp_is_asked_when_the_condition_says_so() -> None:
    world = World()
    world.add_user(with_totp=True)
    reply = world.sign_in_by_srp()
    assert isinstance(reply, ChallengeReply)
    assert reply.challenge_name == "SOFTWARE_TOKEN_MFA"
    done = world.answer_totp(reply)
    assert isinstance(done, SuccessReply)
    assert set(done.proved) == {"password", "totp"}


def test_a_wrong_code_leaves_the_session_good_until_the_tries_are_used() -> None:
    world = World()
    world.add_user(with_totp=True)
    reply = world.sign_in_by_password()
    for _ in range(2):
        with pytest.raises(CodeMismatchError):
            world.answer_totp(reply, "000000")
    with pytest.raises(NotAuthorizedError, match=WRONG):
        world.answer_totp(reply, "000000")
    with pytest.raises(SpentSessionError):
        world.answer_totp(reply)


def test_the_second_try_may_be_the_right_one() -> None:
    world = World()
    world.add_user(with_totp=True)
    reply = world.sign_in_by_password()
    with pytest.raises(CodeMismatchError):
        world.answer_totp(reply, "000000")
    assert isinstance(world.answer_totp(reply), SuccessReply)


def test_a_code_is_good_once_over_all_sign_ins() -> None:
    world = World()
    world.add_user(with_totp=True)
    assert isinstance(world.answer_totp(world.sign_in_by_password()), SuccessReply)
    with pytest.raises(ExpiredCodeError, match="already been used once"):
        world.answer_totp(world.sign_in_by_password())


def test_an_older_code_is_burnt_with_a_newer_one() -> None:
    world = World()
    world.add_user(with_totp=True)
    older = world.totp_code(-1)
    assert isinstance(world.answer_totp(world.sign_in_by_password()), SuccessReply)
    with pytest.raises(ExpiredCodeError):
        world.answer_totp(world.sign_in_by_password(), older)


def test_a_missing_key_gives_the_try_back() -> None:
    world = World()
    world.add_user(with_totp=True)
    reply = world.sign_in_by_password()
    assert isinstance(reply, ChallengeReply)
    for _ in range(10):
        with pytest.raises(
            InvalidParameterError, match="Missing required parameter SOFTWARE_TOKEN_MFA_CODE"
        ):
            world.answer("SOFTWARE_TOKEN_MFA", reply.session, {"USERNAME": "alice"})
    assert isinstance(world.answer_totp(reply), SuccessReply)


def test_a_forced_new_password_is_written_and_signs_in() -> None:
    world = World()
    before = world.add_user(status=FORCED, temporary_until=LATER)
    reply = world.sign_in_by_srp()
    assert isinstance(reply, ChallengeReply)
    assert reply.challenge_name == "NEW_PASSWORD_REQUIRED"
    with pytest.raises(InvalidPasswordError):
        world.answer(
            "NEW_PASSWORD_REQUIRED", reply.session, {"USERNAME": "alice", "NEW_PASSWORD": "x"}
        )
    new = "Another-Horse-10"
    responses = {"USERNAME": "alice", "NEW_PASSWORD": new}
    done = world.answer("NEW_PASSWORD_REQUIRED", reply.session, responses)
    assert isinstance(done, SuccessReply)
    after = world.find()
    assert after.status is UserStatus.CONFIRMED
    assert after.stamp != before.stamp
    assert isinstance(world.sign_in_by_password(password=new), SuccessReply)
    with pytest.raises(NotAuthorizedError):
        world.sign_in_by_password()


def test_a_temporary_password_is_expired_from_its_instant_on() -> None:
    world = World()
    world.add_user(status=FORCED, temporary_until=NOW)
    with pytest.raises(NotAuthorizedError, match="Temporary password has expired"):
        world.sign_in_by_password()


def test_a_reset_is_told_only_after_a_right_password() -> None:
    world = World()
    world.add_user(status=UserStatus.RESET_REQUIRED)
    with pytest.raises(NotAuthorizedError, match=WRONG):
        world.sign_in_by_password(password="wrong")
    with pytest.raises(PasswordResetRequiredError):
        world.sign_in_by_password()


def test_disabled_and_unconfirmed_users_are_refused_before_the_password() -> None:
    world = World()
    world.add_user("off", enabled=False)
    world.add_user("new", status=UserStatus.UNCONFIRMED)
    with pytest.raises(NotAuthorizedError, match="User is disabled"):
        world.sign_in_by_password("off", "wrong")
    with pytest.raises(UserNotConfirmedError):
        world.sign_in_by_password("new", "wrong")


def test_an_unknown_user_is_played_by_a_decoy() -> None:
    world = World()
    first, responses = world.srp("nobody")
    again, _ = world.srp("nobody")
    assert first.challenge_parameters["SALT"] == again.challenge_parameters["SALT"]
    with pytest.raises(NotAuthorizedError, match=WRONG):
        world.answer("PASSWORD_VERIFIER", None, responses)


def test_an_unknown_user_is_named_where_the_client_lets_it() -> None:
    world = World(prevent_user_existence_errors=False)
    with pytest.raises(UserNotFoundError, match=r"User does not exist\."):
        world.srp("nobody")


def test_a_decoy_is_locked_out_like_a_user() -> None:
    world = World()
    world.add_user()
    for name in ("alice", "nobody"):
        for _ in range(5):
            with pytest.raises(NotAuthorizedError, match=WRONG):
                world.sign_in_by_password(name, "wrong")
        with pytest.raises(NotAuthorizedError, match="Password attempts exceeded"):
            world.sign_in_by_password(name, "wrong")


def test_a_right_password_does_not_clear_the_count_of_codes() -> None:
    world = World()
    world.add_user(with_totp=True)
    for _ in range(5):
        reply = world.sign_in_by_password()
        with pytest.raises(CodeMismatchError):
            world.answer_totp(reply, "000000")
    with pytest.raises(NotAuthorizedError, match="Password attempts exceeded"):
        world.answer_totp(world.sign_in_by_password())


def test_a_session_is_good_once() -> None:
    world = World()
    world.add_user(with_totp=True)
    reply = world.sign_in_by_password()
    assert isinstance(world.answer_totp(reply), SuccessReply)
    with pytest.raises(SpentSessionError, match="session can only be used once"):
        world.answer_totp(reply)


def test_the_instant_of_expiry_is_too_late() -> None:
    world = World()
    world.add_user(with_totp=True)
    reply = world.sign_in_by_password()
    world.clock.advance(world.client.session_validity)
    with pytest.raises(ExpiredSessionError, match="session is expired"):
        world.answer_totp(reply)


def test_a_tampered_session_is_unknown() -> None:
    world = World()
    world.add_user(with_totp=True)
    reply = world.sign_in_by_password()
    assert isinstance(reply, ChallengeReply)
    assert reply.session is not None
    flipped = "A" if reply.session[-1] != "A" else "B"
    responses = {"USERNAME": "alice", "SOFTWARE_TOKEN_MFA_CODE": world.totp_code()}
    for session in (reply.session[:-1] + flipped, reply.session + "=", "x" * 68):
        with pytest.raises(UnknownSessionError):
            world.answer("SOFTWARE_TOKEN_MFA", session, responses)
    assert isinstance(world.answer_totp(reply), SuccessReply)


def test_a_session_of_another_user_client_or_challenge_is_unknown() -> None:
    world = World()
    world.add_user(with_totp=True)
    world.add_user("bob", with_totp=True)
    reply = world.sign_in_by_password()
    assert isinstance(reply, ChallengeReply)
    code = {"SOFTWARE_TOKEN_MFA_CODE": world.totp_code()}
    tries = (
        ("SOFTWARE_TOKEN_MFA", {"USERNAME": "bob", **code}, WEB),
        ("SOFTWARE_TOKEN_MFA", {"USERNAME": "alice", **code}, OTHER),
        ("PASSWORD", {"USERNAME": "alice", "PASSWORD": "x", **code}, WEB),
        ("EMAIL_OTP", {"USERNAME": "alice", "EMAIL_OTP_CODE": "1"}, WEB),
    )
    for challenge, responses, client in tries:
        with pytest.raises(UnknownSessionError, match=r"Invalid session for the user\."):
            world.answer(challenge, reply.session, responses, client)
    assert isinstance(world.answer_totp(reply), SuccessReply)


def test_a_secret_block_and_a_session_that_differ_are_refused() -> None:
    world = World()
    world.add_user(with_totp=True)
    reply = world.sign_in_by_password()
    assert isinstance(reply, ChallengeReply)
    _, responses = world.srp()
    with pytest.raises(NotAuthorizedError, match=WRONG):
        world.answer("PASSWORD_VERIFIER", reply.session, responses)


def test_a_user_changed_by_someone_else_does_not_sign_in() -> None:
    world = World()
    account = world.add_user(with_totp=True)
    reply = world.sign_in_by_password()
    world.save(replace(account, stamp="moved"), account.stamp)
    with pytest.raises(SessionError, match=r"Invalid session for the user\."):
        world.answer_totp(reply)


def test_require_is_recomputed_at_issuance() -> None:
    world = World(SIGN_IN.replace("goto: totp", "goto: done"))
    world.add_user(with_totp=True)
    with pytest.raises(NotAuthorizedError, match=WRONG):
        world.sign_in_by_password()
    assert ("require-not-met", "proved.totp || !user.has.totp") in [
        (event, fields.get("require")) for event, fields in world.notes.events
    ]


def test_a_client_may_require_more() -> None:
    world = World(require=("proved.totp",))
    world.add_user()
    with pytest.raises(NotAuthorizedError, match=WRONG):
        world.sign_in_by_password()


def test_unknown_clients_and_auth_flows_are_told_apart() -> None:
    world = World()
    world.add_user()
    parameters = {"USERNAME": "alice", "PASSWORD": "x"}
    with pytest.raises(ResourceNotFoundError, match="User pool client"):
        world.engine.initiate(InitiateAuthRequest("nobody", "USER_PASSWORD_AUTH", parameters))
    for flow, text in (
        ("CUSTOM_AUTH", "CUSTOM_AUTH is not enabled for the client."),
        ("ADMIN_USER_PASSWORD_AUTH", "Initiate Auth method not supported."),
        ("WHATEVER", "Member must satisfy enum value set"),
    ):
        with pytest.raises(InvalidParameterError, match=text):
            world.engine.initiate(InitiateAuthRequest(WEB, flow, parameters))


def test_missing_parameters_are_named() -> None:
    world = World()
    world.add_user()
    for parameters, key in (({}, "USERNAME"), ({"USERNAME": "alice"}, "SRP_A")):
        with pytest.raises(InvalidParameterError, match=f"Missing required parameter {key}"):
            world.engine.initiate(InitiateAuthRequest(WEB, "USER_SRP_AUTH", parameters))


def test_the_repr_of_requests_and_replies_hides_what_is_secret() -> None:
    world = World()
    world.add_user(with_totp=True)
    request = InitiateAuthRequest(WEB, "USER_PASSWORD_AUTH", {"PASSWORD": "planted-secret"})
    reply = world.sign_in_by_password()
    assert isinstance(reply, ChallengeReply)
    shown = repr(request) + repr(reply) + repr(world.engine)
    assert "planted-secret" not in shown
    assert WEB not in shown
    assert str(reply.session) not in shown
