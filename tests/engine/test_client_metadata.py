"""ClientMetadata reaches the triggers that it is for, and no others (COGNITO.md, C and K)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flowengine.engine.replies import ChallengeReply, SuccessReply
from flowengine.engine.requests import InitiateAuthRequest, RespondToAuthChallengeRequest
from flowengine.engine.triggers.registering import PoolTriggers
from flowengine.errors import NotAuthorizedError
from flowengine.testing.fakes import KeptMessages
from tests.engine.triggered import (
    ADDRESSES,
    FLOW,
    Handler,
    Kept,
    create_passwordless,
    define_passwordless,
    verify_passwordless,
)
from tests.engine.world import program
from tests.operations.world import PASSWORD, POOL, WEB, World, new_world, run
from tests.planted import CODE

AT_START = {"at": "start"}
WITH_ANSWER = {"with": "answer"}
CALLED = (
    "DefineAuthChallenge_Authentication",
    "CreateAuthChallenge_Authentication",
    "VerifyAuthChallengeResponse_Authentication",
    "PostAuthentication_Authentication",
    "TokenGeneration_Authentication",
)


def same(event: Any, _context: Any) -> Any:
    return event


class Heard:
    """A world whose pool has every trigger, and what each was told by the client."""

    def __init__(self) -> None:
        handlers: dict[str, Handler] = {
            "define_auth_challenge": define_passwordless,
            "create_auth_challenge": create_passwordless,
            "verify_auth_challenge_response": verify_passwordless,
            "pre_authentication": same,
            "post_authentication": same,
            "pre_token_generation": same,
            "user_migration": same,
        }
        self.kept = {name: Kept(handler) for name, handler in handlers.items()}
        triggers: dict[str, Any] = {**self.kept}
        client = replace(WEB, auth_flows={**WEB.auth_flows, "CUSTOM_AUTH": "lambda-triggers"})
        self.world: World = new_world(
            POOL,
            program(FLOW),
            triggers={POOL.id: PoolTriggers(**triggers)},
            clients=(client,),
            delivery=KeptMessages(),
        )
        self.world.add_user(attributes=ADDRESSES)

    def told(self) -> dict[str, Any]:
        """Give what each trigger that was called was told, by its source; and forget it."""
        heard: dict[str, Any] = {}
        for kept in self.kept.values():
            for event in kept.events:
                request = event["request"]
                found = {
                    k: request[k] for k in ("clientMetadata", "validationData") if k in request
                }
                heard[event["triggerSource"]] = found
            kept.events.clear()
        return heard

    def initiate(self, auth_flow: str, **parameters: str) -> Any:
        sent = InitiateAuthRequest(WEB.id, auth_flow, parameters, client_metadata=AT_START)
        return run(self.world.engine.initiate(sent))


def test_what_comes_with_the_start_is_for_pre_authentication_alone() -> None:
    heard = Heard()
    assert isinstance(heard.initiate("CUSTOM_AUTH", USERNAME="ada"), ChallengeReply)
    assert heard.told() == {
        "PreAuthentication_Authentication": {"validationData": AT_START},
        "DefineAuthChallenge_Authentication": {},
        "CreateAuthChallenge_Authentication": {},
    }


def test_what_comes_with_an_answer_is_for_all_that_the_answer_calls() -> None:
    heard = Heard()
    asked = heard.initiate("CUSTOM_AUTH", USERNAME="ada")
    heard.told()
    for answer in ("wrong", CODE):
        responses = {"USERNAME": "ada", "ANSWER": answer}
        sent = RespondToAuthChallengeRequest(
            WEB.id, "CUSTOM_CHALLENGE", asked.session, responses, client_metadata=WITH_ANSWER
        )
        asked = run(heard.world.engine.respond(sent))
    assert isinstance(asked, SuccessReply)
    assert heard.told() == {source: {"clientMetadata": WITH_ANSWER} for source in CALLED}


def test_a_sign_in_that_is_over_at_once_tells_the_later_triggers_nothing() -> None:
    heard = Heard()
    signed_in = heard.initiate("USER_PASSWORD_AUTH", USERNAME="ada", PASSWORD=PASSWORD)
    assert isinstance(signed_in, SuccessReply)
    assert heard.told() == {
        "PreAuthentication_Authentication": {"validationData": AT_START},
        "PostAuthentication_Authentication": {},
        "TokenGeneration_Authentication": {},
    }


def test_a_user_who_is_looked_for_elsewhere_is_told_of_with_it() -> None:
    heard = Heard()
    with pytest.raises(NotAuthorizedError):
        heard.initiate("USER_PASSWORD_AUTH", USERNAME="grace", PASSWORD=PASSWORD)
    told = heard.told()
    assert told["UserMigration_Authentication"] == {"validationData": AT_START}
