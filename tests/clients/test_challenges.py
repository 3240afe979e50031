"""The challenges after the first one, as boto3 and pycognito meet them."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests import planted
from tests.clients import deployed, words
from tests.clients.deployed import HASTY, KIOSK, OTHER, WEB
from tests.clients.served import PASSWORD, WRONG_PASSWORD, Served

NEW_PASSWORD = planted.OTHER_PASSWORD


def answer_to(asked: dict[str, Any]) -> str:
    return deployed.answer_to(asked["ChallengeParameters"]["question"])


# A password that must be changed


def test_a_forced_new_password_asks_for_the_required_attributes(served: Served) -> None:
    username = served.new_user(temporary=True, email="fay@example.com")
    asked = served.by_password(username)
    assert asked["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    assert asked["ChallengeParameters"]["requiredAttributes"] == '["userAttributes.name"]'
    assert "fay@example.com" in asked["ChallengeParameters"]["userAttributes"]
    with served.refuses(words.NAME_MISSING, "sessions: used+1"):
        served.respond(asked, username, NEW_PASSWORD=NEW_PASSWORD)
    given = {"userAttributes.name": "Fay", "userAttributes.email": "eve@example.com"}
    with served.refuses(words.EMAIL_GIVEN, "sessions: used+1"):
        served.respond(asked, username, NEW_PASSWORD=NEW_PASSWORD, **given)
    del given["userAttributes.email"]
    with served.refuses(words.TOO_SHORT, "sessions: used+1"):
        served.respond(asked, username, NEW_PASSWORD="Short-1", **given)
    assert served.respond(asked, username, NEW_PASSWORD=NEW_PASSWORD, **given)[
        "AuthenticationResult"
    ]
    with served.refuses(words.INCORRECT, "counters: failures+1", "sessions: new, refused"):
        served.by_password(username, PASSWORD)
    token = served.by_password(username, NEW_PASSWORD)["AuthenticationResult"]["AccessToken"]
    kept = served.call("get_user", AccessToken=token)["UserAttributes"]
    assert {"Name": "name", "Value": "Fay"} in kept
    assert {"Name": "email", "Value": "fay@example.com"} in kept


def test_pycognito_is_told_that_the_password_must_change_and_changes_it(served: Served) -> None:
    username = served.new_user(temporary=True, name="Fay")
    told = served.raises("authenticate", username, password=PASSWORD)
    assert told["class"] == "ForceChangePasswordException"
    chosen = {"password": PASSWORD, "chosen": NEW_PASSWORD}
    signed_in = served.pycognito("new_password", username, **chosen)
    assert signed_in["access"]["username"] == username
    assert served.pycognito("authenticate", username, password=NEW_PASSWORD)["id"]


# A code of an authenticator app, where the expression says so


def test_a_code_is_asked_where_the_expression_says_so_and_else_not(served: Served) -> None:
    with_app, _ = served.new_user_with_app()
    without = served.new_user()
    assert served.by_password(with_app)["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    assert "ChallengeName" not in served.by_password(with_app, client_id=KIOSK)
    assert "ChallengeName" not in served.by_password(without)


def test_pycognito_is_asked_for_a_code_and_signs_in_with_it(served: Served) -> None:
    username, app = served.new_user_with_app()
    asked = served.raises("authenticate", username, password=PASSWORD)
    assert asked["class"] == "SoftwareTokenMFAChallengeException"
    told = served.raises("answer_totp", username, code=app.wrong_code(), tokens=asked["tokens"])
    assert (told["class"], told["message"]) == words.WRONG_CODE
    code = app.code(1)  # that of now was spent when the app was set up
    signed_in = served.pycognito("answer_totp", username, code=code, tokens=asked["tokens"])
    assert signed_in["access"]["username"] == username


def test_a_wrong_code_may_be_tried_again_and_a_used_one_is_refused(served: Served) -> None:
    username, app = served.new_user_with_app()
    asked = served.by_password(username)
    with served.refuses(words.WRONG_CODE, "counters: failures+1", "sessions: used+1"):
        served.respond(asked, username, SOFTWARE_TOKEN_MFA_CODE=app.wrong_code())
    code = app.code(1)
    assert served.respond(asked, username, SOFTWARE_TOKEN_MFA_CODE=code)["AuthenticationResult"]
    asked = served.by_password(username)
    with served.refuses(words.USED_CODE, "counters: failures+1", "sessions: used+1"):
        served.respond(asked, username, SOFTWARE_TOKEN_MFA_CODE=code)


def test_no_code_is_looked_at_once_the_tries_are_used_up(served: Served) -> None:
    username, app = served.new_user_with_app()
    asked = served.by_password(username)
    for _ in range(2):
        with served.refuses_in_words(words.WRONG_CODE):
            served.respond(asked, username, SOFTWARE_TOKEN_MFA_CODE=app.wrong_code())
    with served.refuses_in_words(words.INCORRECT):
        served.respond(asked, username, SOFTWARE_TOKEN_MFA_CODE=app.wrong_code())
    with served.refuses(words.SPENT):
        served.respond(asked, username, SOFTWARE_TOKEN_MFA_CODE=app.code(1))


# A challenge of the application's own, of two rounds


@pytest.mark.parametrize("client_id", [WEB, OTHER])
def test_a_custom_challenge_of_two_rounds(served: Served, client_id: str) -> None:
    first = served.initiate("CUSTOM_AUTH", client_id, USERNAME="alice")
    assert first["ChallengeName"] == "CUSTOM_CHALLENGE"
    assert first["ChallengeParameters"]["question"] == "first of alice"
    second = served.respond(first, "alice", client_id, ANSWER=answer_to(first))
    assert second["ChallengeName"] == "CUSTOM_CHALLENGE"
    assert second["ChallengeParameters"]["question"] == "second of alice"
    assert second["Session"] != first["Session"]
    done = served.respond(second, "alice", client_id, ANSWER=answer_to(second))
    assert done["AuthenticationResult"]["AccessToken"]


def test_a_wrong_answer_asks_again_with_a_session_of_its_own(served: Served) -> None:
    first = served.initiate("CUSTOM_AUTH", USERNAME="alice")
    again = served.respond(first, "alice", ANSWER="wrong")
    assert again["ChallengeParameters"]["question"] == "first of alice"
    with served.refuses(words.SPENT):
        served.respond(first, "alice", ANSWER=answer_to(first))
    second = served.respond(again, "alice", ANSWER=answer_to(again))
    assert second["ChallengeParameters"]["question"] == "second of alice"


@pytest.mark.parametrize("username", ["alice", "nobody"])
def test_the_last_wrong_answer_ends_it_for_everyone_alike(served: Served, username: str) -> None:
    asked = served.initiate("CUSTOM_AUTH", USERNAME=username)
    for _ in range(2):
        asked = served.respond(asked, username, ANSWER="wrong")
        assert asked["ChallengeName"] == "CUSTOM_CHALLENGE"
    with served.refuses(words.INCORRECT, "sessions: refused"):
        served.respond(asked, username, ANSWER="wrong")


def test_an_answer_that_is_missing_uses_no_try(served: Served) -> None:
    asked = served.initiate("CUSTOM_AUTH", USERNAME="alice")
    for _ in range(4):
        with served.refuses(words.NO_ANSWER):
            served.respond(asked, "alice")
    assert served.respond(asked, "alice", ANSWER=answer_to(asked))["ChallengeName"]


def test_a_function_that_raises_proves_nothing(served: Served) -> None:
    asked = served.initiate("CUSTOM_AUTH", USERNAME="alice")
    with served.refuses(words.FUNCTION_RAISED, "sessions: refused"):
        served.respond(asked, "alice", ANSWER=deployed.RAISES)
    with served.refuses(words.SPENT):
        served.respond(asked, "alice", ANSWER=answer_to(asked))


def test_a_wrong_password_cannot_be_made_up_for_by_another_flow(served: Served) -> None:
    asked = served.initiate("CUSTOM_AUTH", USERNAME="alice")
    block = served.pycognito("srp_answer", "alice", password=WRONG_PASSWORD)["answer"]
    with served.refuses(words.INCORRECT):
        served.call("respond_to_auth_challenge", **block, Session=asked["Session"])
    assert served.respond(asked, "alice", ANSWER=answer_to(asked))["ChallengeName"]


def test_an_answer_that_comes_too_late_is_not_looked_at(served: Served) -> None:
    asked = served.initiate("CUSTOM_AUTH", HASTY, USERNAME="alice")
    time.sleep(1.1)  # the node expires after a second
    with served.refuses(words.LATE_CODE, "sessions: refused"):
        served.respond(asked, "alice", HASTY, ANSWER=answer_to(asked))
