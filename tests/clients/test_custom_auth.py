"""Lambda handlers in a served deployment, as boto3 meets them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from flowengine import resources
from flowengine.crypto import srp_client
from flowengine.engine.system import SystemClock, SystemEntropy
from tests import planted
from tests.clients.deployed import ADMIN_ID, DATABASE, POOL, WEB
from tests.clients.processes import RefusedError
from tests.clients.served import PASSWORD, Served, serving

_DEPLOYMENT: Final = f"""
pools:
  main:
    id: {POOL}
    issuer: endpoint
    triggers:
      define_auth_challenge: handlers_of_boto3:define
      create_auth_challenge: handlers_of_boto3:create
      verify_auth_challenge_response: handlers_of_boto3:verify
      pre_token_generation: handlers_of_boto3:claims
    clients:
      web:
        id: {WEB}
        auth_flows: {{CUSTOM_AUTH: lambda-triggers}}
flows: [lambda-triggers.flow.yaml]
sessions: sqlite:///{DATABASE}
directory: sqlite:///{DATABASE}
delivery: {{email: 'outbox:outbox.jsonl', sms: 'outbox:outbox.jsonl'}}
admin: {{keys: [{{id: {ADMIN_ID}, secret: {planted.ADMIN_SECRET}}}]}}
listen: 127.0.0.1:0
"""
_HANDLERS: Final = f"""
def define(event, context):
    session, response = event["request"]["session"], event["response"]
    names = [each["challengeName"] for each in session]
    response["issueTokens"] = response["failAuthentication"] = False
    if names == ["SRP_A"]:
        response["challengeName"] = "PASSWORD_VERIFIER"
    elif names[-1:] == ["CUSTOM_CHALLENGE"] and session[-1]["challengeResult"]:
        response["issueTokens"] = True
    elif names.count("CUSTOM_CHALLENGE") < 3:
        response["challengeName"] = "CUSTOM_CHALLENGE"
    else:
        response["failAuthentication"] = True
    return event


def create(event, context):
    event["response"]["publicChallengeParameters"] = {{"captchaUrl": "url/123.jpg"}}
    event["response"]["privateChallengeParameters"] = {{"answer": "{planted.CODE}"}}
    event["response"]["challengeMetadata"] = "CAPTCHA_CHALLENGE"
    return event


def verify(event, context):
    if event["request"].get("clientMetadata", {{}}).get("broken"):
        raise Exception("The captcha service is down")
    expected = event["request"]["privateChallengeParameters"]["answer"]
    event["response"]["answerCorrect"] = event["request"]["challengeAnswer"] == expected
    return event


def claims(event, context):
    claims = {{"source": event["triggerSource"]}}
    event["response"]["claimsOverrideDetails"] = {{"claimsToAddOrOverride": claims}}
    return event
"""
INCORRECT: Final = ("NotAuthorizedException", "Incorrect username or password.")


def _write(folder: Path) -> None:
    name = "lambda-triggers.flow.yaml"
    (folder / "flowengine.yaml").write_text(_DEPLOYMENT)
    (folder / name).write_text((resources.flows() / name).read_text())
    (folder / "handlers_of_boto3.py").write_text(_HANDLERS)


@pytest.fixture(scope="module")
def triggered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("triggered"), _write) as server:
        yield server


def refusal(served: Served, *arguments: Any, **more: Any) -> tuple[str, str]:
    with pytest.raises(RefusedError) as refused:
        served.respond(*arguments, **more)
    return refused.value.told["code"], refused.value.told["message"]


def test_boto3_answers_a_challenge_and_gets_tokens_with_the_handlers_claim(
    triggered: Served,
) -> None:
    username = triggered.new_user()
    asked = triggered.initiate("CUSTOM_AUTH", USERNAME=username)
    assert asked["ChallengeName"] == "CUSTOM_CHALLENGE"
    assert asked["ChallengeParameters"] == {"USERNAME": username, "captchaUrl": "url/123.jpg"}
    again = triggered.respond(asked, username, ANSWER="wrong")
    assert again["ChallengeName"] == "CUSTOM_CHALLENGE"
    assert again["Session"] != asked["Session"]
    done = triggered.respond(again, username, ANSWER=planted.CODE)
    assert done["AuthenticationResult"]["IdToken"].count(".") == 2


def test_three_wrong_answers_end_it_as_the_handler_says(triggered: Served) -> None:
    username = triggered.new_user()
    asked = triggered.initiate("CUSTOM_AUTH", USERNAME=username)
    for _ in range(2):
        asked = triggered.respond(asked, username, ANSWER="wrong")
    assert refusal(triggered, asked, username, ANSWER="wrong") == INCORRECT


def test_the_password_by_srp_comes_first_where_the_client_begins_with_it(
    triggered: Served,
) -> None:
    username, ephemeral = triggered.new_user(), srp_client.begin(SystemEntropy().draw)
    parameters = {"USERNAME": username, "CHALLENGE_NAME": "SRP_A", "SRP_A": ephemeral.srp_a}
    asked = triggered.initiate("CUSTOM_AUTH", **parameters)
    assert asked["ChallengeName"] == "PASSWORD_VERIFIER"
    told, pool = asked["ChallengeParameters"], POOL.partition("_")[2]
    half = srp_client.ServerHalf(told["SALT"], told["SRP_B"], told["SECRET_BLOCK"])
    user, now = told["USER_ID_FOR_SRP"], SystemClock().now()
    claim = srp_client.answer(ephemeral, pool, user, PASSWORD, half, now)
    captcha = triggered.respond(asked, username, **claim.responses())
    assert captcha["ChallengeName"] == "CUSTOM_CHALLENGE"
    assert triggered.respond(captcha, username, ANSWER=planted.CODE)["AuthenticationResult"]


def test_nobody_is_asked_the_same_and_gets_no_tokens(triggered: Served) -> None:
    asked = triggered.initiate("CUSTOM_AUTH", USERNAME="nobody")
    assert asked["ChallengeParameters"] == {"USERNAME": "nobody", "captchaUrl": "url/123.jpg"}
    assert refusal(triggered, asked, "nobody", ANSWER=planted.CODE) == INCORRECT


def test_a_handler_that_raises_is_told_in_its_own_words(triggered: Served) -> None:
    username = triggered.new_user()
    asked = triggered.initiate("CUSTOM_AUTH", USERNAME=username)
    with pytest.raises(RefusedError) as refused:
        triggered.call(
            "respond_to_auth_challenge",
            ClientId=WEB,
            ChallengeName="CUSTOM_CHALLENGE",
            Session=asked["Session"],
            ChallengeResponses={"USERNAME": username, "ANSWER": planted.CODE},
            ClientMetadata={"broken": "yes"},
        )
    told = refused.value.told
    assert (told["code"], told["message"]) == (
        "UserLambdaValidationException",
        "VerifyAuthChallengeResponse failed with error The captcha service is down.",
    )
