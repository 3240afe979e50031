"""Custom authentication by Lambda handlers over the wire."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from flowengine.engine.triggers.registering import PoolTriggers
from flowengine.server.app import App
from flowengine.stores.schema import migrate
from flowengine.testing.fakes import KeptMessages
from tests.engine.triggered import (
    ADDRESSES,
    FLOW,
    Event,
    Handler,
    Kept,
    create_passwordless,
    define_passwordless,
    verify_passwordless,
)
from tests.engine.world import program
from tests.operations.world import POOL, WEB, new_world
from tests.planted import CODE
from tests.server.refusals.stage import Stage, good
from tests.server.wire import app_of, error_of, post, succeeded

ANSWERED = "RespondToAuthChallenge"
FLOWS = {"CUSTOM_AUTH": "lambda-triggers"}


def served(**others: Handler) -> App:
    handlers: dict[str, Any] = {
        "define_auth_challenge": define_passwordless,
        "create_auth_challenge": create_passwordless,
        "verify_auth_challenge_response": verify_passwordless,
        **others,
    }
    world = new_world(
        POOL,
        program(FLOW),
        triggers={POOL.id: PoolTriggers(**handlers)},
        clients=(replace(WEB, auth_flows=FLOWS),),
        delivery=KeptMessages(),
    )
    world.add_user(attributes=ADDRESSES)
    return app_of(world)


def begin(app: App, username: str = "ada") -> Any:
    members = {
        "AuthFlow": "CUSTOM_AUTH",
        "ClientId": WEB.id,
        "AuthParameters": {"USERNAME": username},
    }
    return post(app, "InitiateAuth", members)


def say(app: App, session: str, answer: str, username: str = "ada") -> Any:
    members = {
        "ClientId": WEB.id,
        "ChallengeName": "CUSTOM_CHALLENGE",
        "Session": session,
        "ChallengeResponses": {"USERNAME": username, "ANSWER": answer},
    }
    return post(app, "RespondToAuthChallenge", members)


def test_a_wrong_answer_is_no_error_and_a_right_one_ends_with_tokens() -> None:
    app = served()
    asked = succeeded(begin(app), "InitiateAuth")
    assert asked["ChallengeName"] == "CUSTOM_CHALLENGE"
    assert asked["ChallengeParameters"] == {"USERNAME": "ada", "email": ADDRESSES["email"]}
    again = succeeded(say(app, asked["Session"], "no"), ANSWERED)
    assert again["ChallengeName"] == "CUSTOM_CHALLENGE"
    assert again["Session"] != asked["Session"]
    assert error_of(say(app, asked["Session"], CODE))[2].endswith("can only be used once.")
    done = succeeded(say(app, again["Session"], CODE), ANSWERED)
    assert done["AuthenticationResult"]["TokenType"] == "Bearer"
    assert done["ChallengeParameters"] == {}


def test_failures_have_cognitos_names_and_texts() -> None:
    def raising(_event: Any, _context: Any) -> Any:
        raise RuntimeError("Bot detected")

    assert error_of(begin(served(create_auth_challenge=raising))) == (
        400,
        "UserLambdaValidationException",
        "CreateAuthChallenge failed with error Bot detected.",
    )
    assert error_of(begin(served(define_auth_challenge=lambda _event, _context: None))) == (
        400,
        "InvalidLambdaResponseException",
        "Unrecognizable lambda output",
    )


def test_an_unknown_user_is_refused_at_the_very_end() -> None:
    app = served()
    asked = succeeded(begin(app, "nobody"), "InitiateAuth")
    assert error_of(say(app, asked["Session"], CODE, "nobody")) == (
        400,
        "NotAuthorizedException",
        "Incorrect username or password.",
    )


def test_the_last_triggers_are_told_of_devices(tmp_path: Path) -> None:
    def same(event: Event, _context: Any) -> Event:
        return event

    claims, after = Kept(same), Kept(same)
    template = tmp_path / "template.db"
    migrate(f"sqlite:///{template}")
    triggers = PoolTriggers(pre_token_generation=claims, post_authentication=after)
    stage = Stage(template, tmp_path / "stage.db", triggers=triggers)
    stage.add_device(stage.add())
    asked = stage.srp()
    offered = good(stage.respond(asked, **stage.claim(asked)))["AuthenticationResult"]
    proof = stage.device_proof_asked()
    good(stage.respond(proof, **stage.device_claim(proof)))
    stage.close()
    assert "NewDeviceMetadata" in offered
    assert [event["triggerSource"] for event in claims.events] == [
        "TokenGeneration_Authentication",
        "TokenGeneration_AuthenticateDevice",
    ]
    assert [event["request"]["newDeviceUsed"] for event in after.events] == [True, False]
