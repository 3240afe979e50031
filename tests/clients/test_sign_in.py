"""boto3 and pycognito sign in, and are told as Cognito tells them why they do not."""

from __future__ import annotations

import pytest

from tests.clients import deployed, words
from tests.clients.deployed import CONFIDENTIAL, LEGACY, WEB
from tests.clients.served import PASSWORD, WRONG_PASSWORD, Served


def test_the_client_has_nothing_of_ours(served: Served) -> None:
    modules = served.client.ask("modules")
    assert {"boto3", "pycognito"} <= set(modules)
    assert "flowengine" not in modules


def test_pycognito_signs_in_by_srp_and_verifies_the_tokens(served: Served) -> None:
    signed_in = served.pycognito("authenticate", "alice", password=PASSWORD)
    access, identity = signed_in["access"], signed_in["id"]
    assert (access["username"], access["client_id"], access["token_use"]) == (
        "alice",
        WEB,
        "access",
    )
    assert (identity["cognito:username"], identity["aud"], identity["token_use"]) == (
        "alice",
        WEB,
        "id",
    )
    assert access["sub"] == identity["sub"]
    assert served.call("get_user", AccessToken=signed_in["access_token"])["Username"] == "alice"


def test_boto3_signs_in_with_a_password(served: Served) -> None:
    reply = served.by_password("alice")
    assert reply["ChallengeParameters"] == {}
    assert reply["AuthenticationResult"]["TokenType"] == "Bearer"
    assert "ChallengeName" not in reply


@pytest.mark.parametrize("client_id", [WEB, LEGACY])
def test_a_wrong_password_is_refused(served: Served, client_id: str) -> None:
    username = served.new_user()
    asked = served.pycognito("srp_answer", username, client_id, password=WRONG_PASSWORD)
    with served.refuses(words.INCORRECT, "counters: new", "sessions: refused"):
        served.call("respond_to_auth_challenge", **asked["answer"])
    with served.refuses(words.INCORRECT, "counters: failures+1", "sessions: new, refused"):
        served.by_password(username, WRONG_PASSWORD, client_id)
    assert served.by_password(username, client_id=client_id)["AuthenticationResult"]


def test_an_unknown_user_sounds_as_a_wrong_password_does(served: Served) -> None:
    asked = served.pycognito("srp_answer", "nobody", password=PASSWORD)
    with served.refuses(words.INCORRECT, "counters: new", "sessions: refused"):
        served.call("respond_to_auth_challenge", **asked["answer"])
    with served.refuses(words.INCORRECT, "counters: failures+1", "sessions: new, refused"):
        served.by_password("nobody")


def test_an_unknown_user_is_named_where_the_client_lets_it(served: Served) -> None:
    with served.refuses(words.NO_SUCH_USER):
        served.pycognito("srp_answer", "nobody", LEGACY, password=PASSWORD)
    with served.refuses(words.NO_SUCH_USER):
        served.by_password("nobody", client_id=LEGACY)


def test_a_right_secret_hash_signs_in(served: Served) -> None:
    secret = deployed.SECRET
    signed_in = served.pycognito(
        "authenticate", "alice", CONFIDENTIAL, password=PASSWORD, client_secret=secret
    )
    assert signed_in["access"]["client_id"] == CONFIDENTIAL
    hashed = served.secret_hash("alice", CONFIDENTIAL, secret)
    assert served.by_password("alice", PASSWORD, CONFIDENTIAL, SECRET_HASH=hashed)


def test_a_wrong_secret_hash_is_refused(served: Served) -> None:
    told = words.hash_wrong(CONFIDENTIAL)
    with served.refuses(told):
        served.pycognito("srp_answer", "alice", CONFIDENTIAL, password=PASSWORD, client_secret="x")
    for username, secret in (("alice", "x" * 40), ("bob", deployed.SECRET)):
        hashed = served.secret_hash(username, CONFIDENTIAL, secret)
        with served.refuses(told):
            served.by_password("alice", PASSWORD, CONFIDENTIAL, SECRET_HASH=hashed)


def test_an_absent_secret_hash_is_refused(served: Served) -> None:
    told = words.hash_absent(CONFIDENTIAL)
    with served.refuses(told):
        served.pycognito("srp_answer", "alice", CONFIDENTIAL, password=PASSWORD)
    with served.refuses(told):
        served.by_password("alice", client_id=CONFIDENTIAL)


def test_the_secret_hash_is_asked_for_with_each_answer(served: Served) -> None:
    who = {"password": PASSWORD, "client_secret": deployed.SECRET}
    answer = served.pycognito("srp_answer", "alice", CONFIDENTIAL, **who)["answer"]
    right = answer["ChallengeResponses"].pop("SECRET_HASH")
    with served.refuses(words.hash_absent(CONFIDENTIAL)):
        served.call("respond_to_auth_challenge", **answer)
    answer["ChallengeResponses"]["SECRET_HASH"] = right[::-1]
    with served.refuses(words.hash_wrong(CONFIDENTIAL)):
        served.call("respond_to_auth_challenge", **answer)
    answer["ChallengeResponses"]["SECRET_HASH"] = right
    assert served.call("respond_to_auth_challenge", **answer)["AuthenticationResult"]


def test_an_unknown_client_is_refused(served: Served) -> None:
    with served.refuses(words.NO_SUCH_CLIENT):
        served.by_password("alice", client_id=words.UNKNOWN_CLIENT)
