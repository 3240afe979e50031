"""The triggers of a deployment's pools: where they are loaded from, and that they are called."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Final

import pytest

from flowengine import resources
from flowengine.assembly.assembling import assemble_blocking
from flowengine.deployment.definition import Deployment
from flowengine.engine.replies import ChallengeReply, SuccessReply
from flowengine.engine.requests import InitiateAuthRequest, RespondToAuthChallengeRequest
from flowengine.errors import NotAuthorizedError, UnavailableError, UserLambdaValidationError
from tests import planted
from tests.assembly.deployed import CLIENT, opened, set_up, sign_up
from tests.operations.refreshing import claims_of

FLOW: Final = (
    (resources.flows() / "lambda-triggers.flow.yaml")
    .read_text()
    .replace("flow: lambda-triggers", "flow: sign-in")
)
HANDLERS: Final = f"""
def define(event, context):
    session = event["request"]["session"]
    passed = bool(session) and session[-1]["challengeResult"]
    event["response"].update(issueTokens=passed, failAuthentication=len(session) > 2)
    if not passed:
        event["response"]["challengeName"] = "CUSTOM_CHALLENGE"
    return event


def create(event, context):
    event["response"]["publicChallengeParameters"] = {{"trigger": context.function_name}}
    event["response"]["privateChallengeParameters"] = {{"code": "{planted.CODE}"}}
    return event


def verify(event, context):
    request = event["request"]
    right = request["privateChallengeParameters"]["code"]
    event["response"]["answerCorrect"] = request["challengeAnswer"] == right
    return event


def claims(event, context):
    access = {{"claimsToAddOrOverride": {{"tenant": 7}}, "scopesToAdd": ["read"]}}
    event["response"]["claimsAndScopeOverrideDetails"] = {{"accessTokenGeneration": access}}
    return event


def before(event, context):
    if event["request"]["validationData"].get("robot"):
        raise ValueError("No robots")
    return event
"""
_NUMBERS: Final = count()
_DELIVERY: Final = "delivery: {email: 'outbox:o.jsonl', sms: 'outbox:o.jsonl'}"
_BY_CUSTOM: Final = "auth_flows: {CUSTOM_AUTH: sign-in}"


def keys(module: str, *, define: str = "define") -> str:
    names = {
        "define_auth_challenge": define,
        "create_auth_challenge": "create",
        "verify_auth_challenge_response": "verify",
        "pre_authentication": "before",
    }
    written = ", ".join(f"{name}: '{module}:{function}'" for name, function in names.items())
    claims = f"{{function: '{module}:claims', event: V2_0}}"
    return f"triggers: {{{written}, pre_token_generation: {claims}}}"


def module(folder: Path) -> str:
    name = f"handlers_of_a_deployment_{next(_NUMBERS)}"
    (folder / f"{name}.py").write_text(HANDLERS)
    return name


def deployed(folder: Path, pool_keys: str) -> Deployment:
    return set_up(folder, more=_DELIVERY, flow=FLOW, keys=_BY_CUSTOM, pool_keys=pool_keys)


def without_private(folder: Path, empty_private: str) -> Deployment:
    """Deploy handlers that keep nothing private to compare answers with."""
    name = f"handlers_of_a_deployment_{next(_NUMBERS)}"
    text = HANDLERS.replace(
        '"privateChallengeParameters"] = {', '"publicChallengeParameters"] |= {'
    )
    text = text.replace('request["privateChallengeParameters"]["code"]', f'"{planted.CODE}"')
    (folder / f"{name}.py").write_text(text)
    written = keys(name).replace(
        f"'{name}:create'", f"{{function: '{name}:create', empty_private: {empty_private}}}"
    )
    return deployed(folder, written)


def begin(metadata: dict[str, str]) -> InitiateAuthRequest:
    who = {"USERNAME": "ada"}
    return InitiateAuthRequest(CLIENT, "CUSTOM_AUTH", who, client_metadata=metadata)


def test_a_pools_handlers_are_called_as_they_are(tmp_path: Path) -> None:
    with opened(deployed(tmp_path, keys(module(tmp_path)))) as engine:
        sign_up(engine)
        with pytest.raises(UserLambdaValidationError) as refused:
            engine.initiate(begin({"robot": "yes"}))
        assert refused.value.message == "PreAuthentication failed with error No robots."
        asked = engine.initiate(begin({}))
        assert isinstance(asked, ChallengeReply)
        assert asked.challenge_parameters["trigger"] == "CreateAuthChallenge"
        given = {"USERNAME": "ada", "ANSWER": planted.CODE}
        done = engine.respond(
            RespondToAuthChallengeRequest(CLIENT, "CUSTOM_CHALLENGE", asked.session, given)
        )
        assert isinstance(done, SuccessReply)
        assert done.authentication_result is not None
        told = claims_of(done.authentication_result.access_token)
        assert (told["tenant"], told["scope"]) == (7, "aws.cognito.signin.user.admin read")


def test_a_handler_that_is_not_there_keeps_the_deployment_from_opening(tmp_path: Path) -> None:
    name = module(tmp_path)
    for pool_keys, told in (
        (keys(name, define="defin"), f"the module {name} has no function defin"),
        (keys(f"no_{name}"), f"the functions module no_{name} cannot be imported: Module"),
    ):
        deployment = deployed(tmp_path, pool_keys)
        with pytest.raises(UnavailableError, match=told):
            assemble_blocking(deployment)


def test_private_parameters_are_demanded_unless_the_pool_says_otherwise(tmp_path: Path) -> None:
    with opened(without_private(tmp_path, "true")) as engine:
        sign_up(engine)
        asked = engine.initiate(begin({}))
        assert isinstance(asked, ChallengeReply)
        given = {"USERNAME": "ada", "ANSWER": planted.CODE}
        request = RespondToAuthChallengeRequest(CLIENT, "CUSTOM_CHALLENGE", asked.session, given)
        assert isinstance(engine.respond(request), SuccessReply)


def test_a_pool_may_say_that_private_parameters_are_demanded(tmp_path: Path) -> None:
    with opened(without_private(tmp_path, "false")) as engine:
        sign_up(engine)
        with pytest.raises(NotAuthorizedError) as refused:
            engine.initiate(begin({}))
        assert refused.value.message == "Incorrect username or password."
