"""Custom authentication by Lambda handlers: the events that they are given, key by key."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from flowengine.engine.engine import AsyncEngine
from flowengine.engine.replies import ChallengeReply, SuccessReply
from flowengine.engine.requests import InitiateAuthRequest, RespondToAuthChallengeRequest
from flowengine.engine.triggers.registering import PoolTriggers, lambda_triggers
from flowengine.errors import (
    InvalidParameterError,
    NotAuthorizedError,
    UnavailableError,
    UserNotFoundError,
)
from flowengine.stores.memory import MemoryCounters, MemorySessions
from tests import planted
from tests.engine.triggered import (
    ADDRESSES,
    FLOW,
    Event,
    Triggered,
    create_passwordless,
    define_passwordless,
    in_pool,
    verify_passwordless,
)
from tests.engine.world import OTHER, POOL, WEB, World, program

ALICE = {**ADDRESSES, "sub": "sub-of-alice", "cognito:user_status": "CONFIRMED"}
METADATA = f"CODE-{len(planted.CODE)}"


def envelope(source: str, request: Event, response: Event, username: str = "alice") -> Event:
    return {
        "version": "1",
        "region": "eu-west-1",
        "userPoolId": POOL.id,
        "userName": username,
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": WEB},
        "triggerSource": f"{source}_Authentication",
        "request": request,
        "response": response,
    }


UNDECIDED = {"challengeName": None, "issueTokens": None, "failAuthentication": None}
UNMADE = {
    "publicChallengeParameters": None,
    "privateChallengeParameters": None,
    "challengeMetadata": None,
}


def entry(name: str, metadata: str | None = None, *, result: bool = True) -> Event:
    return {"challengeName": name, "challengeResult": result, "challengeMetadata": metadata}


def test_the_events_of_two_rounds_are_cognitos_key_by_key() -> None:
    world = Triggered()
    world.add_alice()
    asked = world.begin(metadata={"at": "the beginning"})
    assert asked.challenge_name == "CUSTOM_CHALLENGE"
    assert asked.challenge_parameters == {"email": "alice@example.com", "USERNAME": "alice"}
    again = world.say(asked, "no", metadata={"tab": "1"})
    assert isinstance(again, ChallengeReply)
    assert again.session != asked.session
    assert isinstance(world.say(again), SuccessReply)

    told = {"userAttributes": ALICE, "userNotFound": False}
    sent = {"clientMetadata": {"tab": "1"}}
    wrong = entry("CUSTOM_CHALLENGE", METADATA, result=False)
    right = entry("CUSTOM_CHALLENGE", METADATA)
    source = "DefineAuthChallenge"
    assert world.define.events == [
        envelope(source, {**told, "session": []}, UNDECIDED),
        envelope(source, {**told, **sent, "session": [wrong]}, UNDECIDED),
        envelope(source, {**told, "session": [wrong, right]}, UNDECIDED),
    ]
    source, created = "CreateAuthChallenge", {**told, "challengeName": "CUSTOM_CHALLENGE"}
    assert world.create.events == [
        envelope(source, {**created, "session": []}, UNMADE),
        envelope(source, {**created, **sent, "session": [wrong]}, UNMADE),
    ]
    source, private = "VerifyAuthChallengeResponse", {"secretLoginCode": planted.CODE}
    judged = {**told, "privateChallengeParameters": private}
    assert world.verify.events == [
        envelope(source, {**judged, **sent, "challengeAnswer": "no"}, {"answerCorrect": None}),
        envelope(source, {**judged, "challengeAnswer": planted.CODE}, {"answerCorrect": None}),
    ]


def test_a_handlers_own_limit_of_rounds_holds() -> None:
    world = Triggered()
    world.add_alice()
    reply: Any = world.begin()
    for _ in range(2):
        reply = world.say(reply, "no")
    with pytest.raises(NotAuthorizedError, match=r"^Incorrect username or password\.$"):
        world.say(reply, "no")


def test_a_client_that_tells_who_exists_has_no_user_not_found() -> None:
    world = Triggered(prevent_user_existence_errors=False)
    world.add_alice()
    world.begin()
    assert "userNotFound" not in world.define.events[0]["request"]
    with pytest.raises(UserNotFoundError):
        world.begin("nobody")
    assert len(world.define.events) == 1


def test_the_attributes_name_the_aliases_and_the_second_factor() -> None:
    world = Triggered(pool=in_pool(aliases=("email", "phone_number")))
    world.add_alice(with_totp=True)
    world.begin()
    told = world.define.events[0]["request"]["userAttributes"]
    assert told == {
        **ALICE,
        "cognito:email_alias": ADDRESSES["email"],
        "cognito:phone_number_alias": ADDRESSES["phone_number"],
        "cognito:mfa_enabled": "true",
    }


def test_an_unknown_user_gets_the_same_rounds_and_never_a_token() -> None:
    world = Triggered()
    asked = world.begin("nobody")
    again = world.say(asked, "no", "nobody")
    with pytest.raises(NotAuthorizedError, match=r"^Incorrect username or password\.$"):
        world.say(again, planted.CODE, "nobody")
    last = world.define.events[-1]["request"]
    assert last["userNotFound"] is True
    assert last["userAttributes"] == {}
    assert [each["challengeResult"] for each in last["session"]] == [False, True]
    assert world.delivery.messages == []


def test_an_unknown_users_right_answer_is_followed_by_the_next_round_as_anybodys_is() -> None:
    def define(event: Event, _context: Any) -> Event:
        rounds = len(event["request"]["session"])
        event["response"].update(issueTokens=rounds > 1, challengeName="CUSTOM_CHALLENGE")
        return event

    world = Triggered(define)
    world.add_alice()
    shapes = []
    for username in ("alice", "nobody"):
        second = world.say(world.begin(username), username=username)
        assert isinstance(second, ChallengeReply)
        shapes.append((second.challenge_name, second.challenge_parameters.keys(), second.node))
    assert shapes[0] == shapes[1]


def test_a_decision_for_tokens_alone_is_not_enough() -> None:
    def define(event: Event, _context: Any) -> Event:
        event["response"]["issueTokens"] = True
        return event

    world = Triggered(define)
    world.add_alice()
    with pytest.raises(NotAuthorizedError):
        world.begin()


def test_what_fails_goes_before_what_issues_and_that_before_what_asks() -> None:
    world = Triggered(
        lambda event, _: {
            **event,
            "response": {
                "failAuthentication": len(event["request"]["session"]) > 1,
                "issueTokens": len(event["request"]["session"]) > 0,
                "challengeName": "CUSTOM_CHALLENGE",
            },
        }
    )
    world.add_alice()
    assert isinstance(world.say(world.begin()), SuccessReply)
    assert world.define.events[-1]["request"]["session"] != []
    everything = {"failAuthentication": True, "issueTokens": True, "challengeName": "X"}
    fails = Triggered(lambda event, _: {**event, "response": everything})
    fails.add_alice()
    with pytest.raises(NotAuthorizedError):
        fails.begin()


def test_each_pool_has_triggers_of_its_own_and_async_engine_takes_coroutines() -> None:
    called: list[str] = []

    async def define(event: Event, context: Any) -> Event:
        await asyncio.sleep(0)
        called.append(f"{context.function_name} {context.get_remaining_time_in_millis() > 4000}")
        return define_passwordless(event, context)

    world = World(FLOW, functions=lambda_triggers(
        define=define_passwordless, create=create_passwordless, verify=verify_passwordless
    ))  # fmt: skip
    world.add_user(attributes=ADDRESSES)
    elsewhere = replace(POOL, id="eu-west-1_Elsewhere")
    doors = {"CUSTOM_AUTH": "lambda-triggers"}
    engine = AsyncEngine(
        [program(FLOW)],
        sessions=MemorySessions(),
        counters=MemoryCounters(),
        directory=world.directory,
        delivery=world.delivery,
        triggers={
            POOL.id: PoolTriggers(define, create_passwordless, verify_passwordless),
        },
        pools=[POOL, elsewhere],
        clients=[
            replace(world.client, auth_flows=doors),
            replace(world.client, id=OTHER, name="other", pool_id=elsewhere.id, auth_flows=doors),
        ],
        decoy_secret=planted.KEY,
        clock=world.clock,
    )

    async def signed_in() -> Any:
        asked = await engine.initiate(
            InitiateAuthRequest(WEB, "CUSTOM_AUTH", {"USERNAME": "alice"})
        )
        assert isinstance(asked, ChallengeReply)
        given = {"USERNAME": "alice", "ANSWER": planted.CODE}
        return await engine.respond(
            RespondToAuthChallengeRequest(WEB, "CUSTOM_CHALLENGE", asked.session, given)
        )

    assert isinstance(asyncio.run(signed_in()), SuccessReply)
    assert called == ["DefineAuthChallenge True"] * 2
    request = InitiateAuthRequest(OTHER, "CUSTOM_AUTH", {"USERNAME": "alice"})
    with pytest.raises(InvalidParameterError) as refused:
        asyncio.run(engine.initiate(request))
    assert refused.value.message == (
        "Custom auth lambda trigger is not configured for the user pool."
    )


def test_an_engine_where_no_pool_has_the_triggers_is_not_made() -> None:
    with pytest.raises(UnavailableError, match="function define_auth_challenge is not registered"):
        World(FLOW)
