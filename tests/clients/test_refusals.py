"""A session is good for one user of one client, once, for a while, and as it was handed out."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from tests.clients import deployed, words
from tests.clients.deployed import LEGACY, OTHER, WEB
from tests.clients.served import PASSWORD, Served

Asked = dict[str, Any]


def begun(served: Served, username: str = "alice") -> Asked:
    asked: Asked = served.initiate("CUSTOM_AUTH", USERNAME=username)
    return asked


def answered(served: Served, asked: Asked, session: str | None = None, **more: Any) -> Any:
    """Answer rightly, with another session if one is given."""
    sent = {**asked, "Session": session or asked["Session"]}
    answer = deployed.answer_to(asked["ChallengeParameters"]["question"])
    username, client_id = more.get("username", "alice"), more.get("client_id", WEB)
    return served.respond(sent, username, client_id, ANSWER=answer)


# Replayed


def test_a_session_cannot_be_replayed(served: Served) -> None:
    asked = begun(served)
    assert answered(served, asked)["Session"]
    with served.refuses(words.SPENT):
        answered(served, asked)


def test_the_last_session_of_a_sign_in_cannot_be_replayed(served: Served) -> None:
    second = answered(served, begun(served))
    assert answered(served, second)["AuthenticationResult"]
    with served.refuses(words.SPENT):
        answered(served, second)


def test_a_proved_password_cannot_be_replayed(served: Served) -> None:
    """The first reply of USER_SRP_AUTH has no Session: its SECRET_BLOCK is the handle."""
    asked = served.pycognito("srp_answer", "alice", password=PASSWORD)
    assert not asked["has_session"]
    assert served.call("respond_to_auth_challenge", **asked["answer"])["AuthenticationResult"]
    with served.refuses(words.INCORRECT):
        served.call("respond_to_auth_challenge", **asked["answer"])


# Expired


def test_an_expired_session_says_so(served: Served) -> None:
    asked = begun(served)
    served.expire_newest_sign_in()
    with served.refuses(words.EXPIRED):
        answered(served, asked)


def test_an_expired_secret_block_says_nothing(served: Served) -> None:
    asked = served.pycognito("srp_answer", "alice", password=PASSWORD)
    served.expire_newest_sign_in()
    with served.refuses(words.INCORRECT):
        served.call("respond_to_auth_challenge", **asked["answer"])


# Tampered


@pytest.mark.parametrize("place", [0, 1, 5, 21, 24, 25, 26, 40, 66, 67])
def test_a_session_with_one_character_changed_is_refused(served: Served, place: int) -> None:
    asked = begun(served)
    session = asked["Session"]
    other = "A" if session[place] != "A" else "B"
    with served.refuses(words.FOREIGN):
        answered(served, asked, session[:place] + other + session[place + 1 :])
    assert answered(served, asked)["Session"]


_FORMS: dict[str, Callable[[str], str]] = {
    "cut short": lambda session: session[:-1],
    "longer": lambda session: session + "A",
    "twice": lambda session: session * 2,
    "padded": lambda session: session + "==",
    "of other characters": lambda session: "é" + session[1:],
    "made up": lambda session: "A" * len(session),
}


@pytest.mark.parametrize("form", _FORMS)
def test_a_session_of_another_form_is_refused(served: Served, form: str) -> None:
    asked = begun(served)
    with served.refuses(words.FOREIGN):
        answered(served, asked, _FORMS[form](asked["Session"]))
    assert answered(served, asked)["Session"]


def test_two_sessions_cannot_be_mixed(served: Served) -> None:
    asked, other = begun(served), begun(served)
    ours, theirs = (base64.urlsafe_b64decode(one["Session"]) for one in (asked, other))
    for cut in (1, 17, 19, 35):
        mixed = base64.urlsafe_b64encode(ours[:cut] + theirs[cut:]).decode()
        if mixed == other["Session"]:  # the version, the same in both
            continue
        with served.refuses(words.FOREIGN):
            answered(served, asked, mixed)


@pytest.mark.parametrize("place", [3, 60])
def test_a_changed_secret_block_is_refused(served: Served, place: int) -> None:
    answer = served.pycognito("srp_answer", "alice", password=PASSWORD)["answer"]
    responses = answer["ChallengeResponses"]
    block = responses["PASSWORD_CLAIM_SECRET_BLOCK"]
    other = "A" if block[place] != "A" else "B"
    responses["PASSWORD_CLAIM_SECRET_BLOCK"] = block[:place] + other + block[place + 1 :]
    with served.refuses(words.INCORRECT):
        served.call("respond_to_auth_challenge", **answer)
    responses["PASSWORD_CLAIM_SECRET_BLOCK"] = block
    assert served.call("respond_to_auth_challenge", **answer)["AuthenticationResult"]


# Of somebody else


@pytest.mark.parametrize("username", ["bob", "nobody", "ALICE", "alice "])
def test_a_session_of_another_user_is_refused(served: Served, username: str) -> None:
    asked = begun(served)
    with served.refuses(words.FOREIGN):
        answered(served, asked, username=username)
    assert answered(served, asked)["Session"]


@pytest.mark.parametrize("client_id", [OTHER, LEGACY])
def test_a_session_of_another_client_is_refused(served: Served, client_id: str) -> None:
    asked = begun(served)
    with served.refuses(words.FOREIGN):
        answered(served, asked, client_id=client_id)
    assert answered(served, asked)["Session"]


def test_a_secret_block_of_another_client_is_refused(served: Served) -> None:
    answer = served.pycognito("srp_answer", "alice", password=PASSWORD)["answer"]
    with served.refuses(words.INCORRECT):
        served.call("respond_to_auth_challenge", **{**answer, "ClientId": OTHER})
    assert served.call("respond_to_auth_challenge", **answer)["AuthenticationResult"]


def test_a_session_of_another_challenge_is_refused(served: Served) -> None:
    asked = begun(served)
    with served.refuses(words.FOREIGN):
        served.respond(
            {**asked, "ChallengeName": "SOFTWARE_TOKEN_MFA"},
            "alice",
            SOFTWARE_TOKEN_MFA_CODE="123456",
        )
    assert answered(served, asked)["Session"]


def test_an_answer_without_a_session_is_refused(served: Served) -> None:
    asked = begun(served)
    del asked["Session"]
    with served.refuses(words.NO_SESSION):
        served.respond(asked, "alice", ANSWER="any")
