"""Sign-ins that begin with nobody, through the whole engine."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from flowengine.accounts.user import UserStatus
from flowengine.crypto import secret_hash, srp_client
from flowengine.engine.replies import ChallengeReply, Reply, SuccessReply
from flowengine.engine.requests import InitiateAuthRequest
from flowengine.errors import (
    InvalidParameterError,
    NotAuthorizedError,
    SpentSessionError,
    UnknownSessionError,
    UserNotConfirmedError,
    UserNotFoundError,
)
from flowengine.runtime.record import SignInRecord
from flowengine.runtime.token import parse_session
from tests import planted
from tests.authenticator import UP, UV, Authenticator
from tests.engine.test_web_authn import PASSKEYS, options, passkey_of, phone
from tests.engine.world import NOW, OTHER, PASSWORD, WEB, World
from tests.flow_texts import NAMING_NODES

FLOW: Final = f"""
flow: sign-in
version: 1
auth_flows:
  USER_AUTH: {{names_user: false, parameters: ['DEVICE_KEY?']}}
require: [proved.passkey || proved.password]
start: passkey
nodes:
{NAMING_NODES}"""
OVER: Final = FLOW.replace("    wrong: plain\n", "")
INCORRECT: Final = "Incorrect username or password."


def nobodys(there: World, **parameters: str) -> ChallengeReply:
    """Begin a sign-in without a name."""
    reply = there.engine.initiate(InitiateAuthRequest(WEB, "USER_AUTH", parameters))
    assert isinstance(reply, ChallengeReply)
    return reply


def world(*phones: Authenticator, flow: str = FLOW, **client: Any) -> World:
    made = World(flow, pool=PASSKEYS, **client)
    for each in phones:
        name = each.credential_id.decode().removeprefix("phone-of-")
        made.add_user(name, passkeys=(passkey_of(each),))
    return made


def by_passkey(there: World, reply: ChallengeReply, written: object, **sent: str) -> Reply:
    responses = {"CREDENTIAL": json.dumps(written), **sent}
    return there.answer("WEB_AUTHN", reply.session, responses)


def switched(there: World, to: str) -> ChallengeReply:
    reply = there.answer("WEB_AUTHN", nobodys(there).session, {"SWITCH": to})
    assert isinstance(reply, ChallengeReply)
    return reply


def by_password(
    there: World, reply: ChallengeReply, username: str = "alice", password: str = PASSWORD
) -> Reply:
    return there.answer("PASSWORD", reply.session, {"USERNAME": username, "PASSWORD": password})


def record_of(there: World, session: str | None) -> SignInRecord:
    token = parse_session(session or "")
    assert token is not None
    record = SignInRecord.from_json(there.sessions._rows[token.id].now.record)
    assert record is not None
    return record


def test_a_discoverable_passkey_names_its_user_and_signs_them_in() -> None:
    alice, bob = phone(), phone("bob")
    there = world(alice, bob)
    reply = nobodys(there)
    assert options(reply)["allowCredentials"] == []
    assert "USERNAME" not in reply.challenge_parameters
    done = by_passkey(there, reply, bob.get(options(reply)))
    assert isinstance(done, SuccessReply)
    assert done.user.username == "bob"
    assert set(done.proved) == {"passkey"}


def test_a_verified_passkey_says_so() -> None:
    alice = phone()
    there = world(alice)
    reply = nobodys(there)
    done = by_passkey(there, reply, alice.get(options(reply), flags=UP | UV))
    assert isinstance(done, SuccessReply)
    assert set(done.proved) == {"passkey", "passkey_uv"}


def test_a_passkey_must_say_whose_it_is_and_say_it_right() -> None:
    alice = phone()
    for handle in (None, phone("bob").handle, b"x"):
        there = world(alice, flow=OVER)
        reply = nobodys(there)
        written = replace(alice, handle=handle).get(options(reply))
        with pytest.raises(NotAuthorizedError, match=INCORRECT):
            by_passkey(there, reply, written)


def test_what_is_named_beside_a_passkey_must_be_its_owner() -> None:
    alice = phone()
    for name in ("bob", "nobody", "ALICE"):
        there = world(alice, phone("bob"), flow=OVER)
        reply = nobodys(there)
        with pytest.raises(NotAuthorizedError, match=INCORRECT):
            by_passkey(there, reply, alice.get(options(reply)), USERNAME=name)
    there = world(alice, flow=OVER)
    reply = nobodys(there)
    assert isinstance(
        by_passkey(there, reply, alice.get(options(reply)), USERNAME="alice"), SuccessReply
    )


def test_an_unknown_passkey_is_told_what_a_wrong_one_is() -> None:
    alice, mallory = phone(), phone("mallory")
    there = world(alice, flow=OVER)
    told = []
    for authenticator, changes in ((mallory, {}), (alice, {"origin": "https://evil.example"})):
        reply = nobodys(there)
        with pytest.raises(NotAuthorizedError) as refused:
            by_passkey(there, reply, authenticator.get(options(reply), **changes))
        told.append((type(refused.value), refused.value.message))
        with pytest.raises(SpentSessionError):
            by_passkey(there, reply, alice.get(options(reply)))
    assert told[0] == told[1]


def test_an_unknown_passkey_is_no_user_whose_name_it_spells() -> None:
    mallory = phone("mallory")
    there = world(flow=OVER)
    account = there.add_user(mallory.credential_id.hex())
    mallory.handle = None
    reply = nobodys(there)
    with pytest.raises(NotAuthorizedError, match=INCORRECT):
        by_passkey(there, reply, mallory.get(options(reply)))
    assert there.find(account.username) == account


def test_tries_by_a_passkey_lock_its_owner_and_nobody_for_an_unknown_one() -> None:
    alice = phone()
    for authenticator in (alice, phone("mallory")):
        there = world(alice, flow=OVER)
        for expected in (*[INCORRECT] * 5, "Password attempts exceeded"):
            reply = nobodys(there)
            with pytest.raises(NotAuthorizedError, match=expected):
                by_passkey(
                    there, reply, authenticator.get(options(reply), origin="https://evil.example")
                )


def test_a_right_password_names_its_user() -> None:
    there = world()
    there.add_user()
    done = by_password(there, switched(there, "PASSWORD"))
    assert isinstance(done, SuccessReply)
    assert done.user.username == "alice"


def test_a_wrong_answer_names_nobody() -> None:
    alice = phone()
    there = world(alice, phone("bob"))
    reply = nobodys(there)
    second = by_passkey(there, reply, alice.get(options(reply), origin="https://evil.example"))
    assert isinstance(second, ChallengeReply)
    assert "USERNAME" not in second.challenge_parameters
    assert not record_of(there, second.session).named
    done = by_password(there, second, "bob")
    assert isinstance(done, SuccessReply)
    assert (done.user.username, set(done.proved)) == ("bob", {"password"})


def test_who_was_named_stays_named() -> None:
    there = world()
    there.add_user(with_totp=True)
    there.add_user("bob", with_totp=True)
    asked = by_password(there, switched(there, "PASSWORD"))
    assert isinstance(asked, ChallengeReply)
    assert asked.challenge_parameters["USERNAME"] == "alice"
    assert record_of(there, asked.session).named
    code = there.totp_code()
    with pytest.raises(UnknownSessionError):
        there.answer_totp(asked, code, "bob")
    with pytest.raises(InvalidParameterError, match="USERNAME"):
        there.answer("SOFTWARE_TOKEN_MFA", asked.session, {"SOFTWARE_TOKEN_MFA_CODE": code})
    done = there.answer_totp(asked, code)
    assert isinstance(done, SuccessReply)
    assert done.user.username == "alice"


def srp_answered(there: World, username: str, password: str, **sent: str) -> Reply:
    ephemeral = srp_client.begin(there.entropy.draw)
    chosen = switched(there, "PASSWORD_SRP")
    named = {"USERNAME": username, "SRP_A": ephemeral.srp_a}
    asked = there.answer("PASSWORD_SRP", chosen.session, named)
    assert isinstance(asked, ChallengeReply)
    told = asked.challenge_parameters
    server = srp_client.ServerHalf(told["SALT"], told["SRP_B"], told["SECRET_BLOCK"])
    claim = srp_client.answer(
        ephemeral, there.pool.srp_name, told["USER_ID_FOR_SRP"], password, server, NOW
    )
    responses = {"USERNAME": username, **claim.responses(), **sent}
    return there.answer("PASSWORD_VERIFIER", asked.session, responses)


def test_srp_names_who_it_is_for_before_the_proof() -> None:
    there = world()
    there.add_user()
    done = srp_answered(there, "alice", PASSWORD)
    assert isinstance(done, SuccessReply)
    assert set(done.proved) == {"password"}


def test_the_proof_of_srp_is_for_who_was_named_and_for_nobody_else() -> None:
    there = world()
    there.add_user()
    there.add_user("bob")
    with pytest.raises(UnknownSessionError):
        srp_answered(there, "alice", PASSWORD, USERNAME="bob")
    with pytest.raises(NotAuthorizedError, match=INCORRECT):
        srp_answered(there, "alice", planted.OTHER_PASSWORD)


def test_an_unknown_name_is_a_decoy() -> None:
    there = world()
    with pytest.raises(NotAuthorizedError, match=INCORRECT):
        srp_answered(there, "nobody", PASSWORD)
    with pytest.raises(NotAuthorizedError, match=INCORRECT):
        by_password(there, switched(there, "PASSWORD"), "nobody")


def test_where_the_client_lets_it_be_said_an_unknown_name_is_told() -> None:
    there = world(prevent_user_existence_errors=False)
    with pytest.raises(UserNotFoundError):
        by_password(there, switched(there, "PASSWORD"), "nobody")


def test_who_may_not_sign_in_is_told_so_once_named() -> None:
    alice, bob = phone(), phone("bob")
    there = world(flow=OVER)
    there.add_user(passkeys=(passkey_of(alice),), enabled=False)
    there.add_user("bob", passkeys=(passkey_of(bob),), status=UserStatus.UNCONFIRMED)
    reply = nobodys(there)
    with pytest.raises(NotAuthorizedError, match="disabled"):
        by_passkey(there, reply, alice.get(options(reply)))
    with pytest.raises(UserNotConfirmedError):
        by_passkey(there, reply, bob.get(options(reply)))


def test_a_name_at_a_menu_of_nobody_is_not_taken() -> None:
    there = world()
    there.add_user()
    reply = nobodys(there, USERNAME="alice")
    assert options(reply)["allowCredentials"] == []
    with pytest.raises(UnknownSessionError):
        by_password(there, reply)
    with pytest.raises(UnknownSessionError):
        there.answer_totp(reply)
    record = record_of(there, reply.session)
    assert (record.named, record.ledger.decoy, record.user.username) == (False, True, "")


def test_what_is_no_assertion_leaves_the_session_good() -> None:
    alice = phone()
    there = world(alice)
    reply = nobodys(there)
    nonsense: tuple[object, ...] = ("nonsense", {}, None)
    for written in nonsense:
        with pytest.raises(InvalidParameterError):
            by_passkey(there, reply, written)
    with pytest.raises(InvalidParameterError, match="CREDENTIAL"):
        there.answer("WEB_AUTHN", reply.session, {})
    assert isinstance(by_passkey(there, reply, alice.get(options(reply))), SuccessReply)


def test_a_session_of_nobody_is_its_clients_alone() -> None:
    alice = phone()
    there = world(alice)
    reply = nobodys(there)
    responses = {"CREDENTIAL": json.dumps(alice.get(options(reply)))}
    with pytest.raises(UnknownSessionError):
        there.answer("WEB_AUTHN", reply.session, responses, OTHER)


def test_the_secret_hash_is_of_the_name_that_comes_with_it() -> None:
    alice = phone()
    there = world(alice, secret=planted.CLIENT_SECRET)

    def hashed(name: str) -> str:
        return secret_hash.compute(planted.CLIENT_SECRET, name, WEB)

    for wrong in ({}, {"SECRET_HASH": hashed("alice")}):
        with pytest.raises(NotAuthorizedError):
            nobodys(there, **wrong)
    reply = nobodys(there, SECRET_HASH=hashed(""))
    written = alice.get(options(reply))
    with pytest.raises(NotAuthorizedError, match="secret"):
        by_passkey(there, reply, written, SECRET_HASH=hashed("alice"))
    assert isinstance(
        by_passkey(there, reply, written, USERNAME="alice", SECRET_HASH=hashed("alice")),
        SuccessReply,
    )


def test_whoever_changes_the_user_after_the_naming_ends_the_sign_in() -> None:
    there = world()
    account = there.add_user(with_totp=True)
    asked = by_password(there, switched(there, "PASSWORD"))
    there.clock.advance(timedelta(seconds=1))
    there.save(replace(account, stamp="another"), account.stamp)
    with pytest.raises(NotAuthorizedError, match="Invalid session"):
        there.answer_totp(asked)
