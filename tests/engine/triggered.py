"""Lambda handlers as people write them, and worlds in which a pool has them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flowengine import resources
from flowengine.accounts.account import Account
from flowengine.accounts.pool import Pool
from flowengine.crypto import srp_client
from flowengine.engine.replies import ChallengeReply, Reply
from flowengine.engine.requests import InitiateAuthRequest, RespondToAuthChallengeRequest
from flowengine.engine.triggers.registering import lambda_triggers
from tests import planted
from tests.engine.world import PASSWORD, POOL, WEB, World

FLOW = (resources.flows() / "lambda-triggers.flow.yaml").read_text()
ADDRESSES = {
    "email": "alice@example.com",
    "email_verified": "true",
    "phone_number": "+15551231234",
    "phone_number_verified": "true",
}
ROUNDS = 3
Event = dict[str, Any]
Handler = Callable[[Event, Any], Any]


class Kept:
    """Keeps a copy of every event that a handler is given, as it came."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.events: list[Event] = []

    def __call__(self, event: Event, context: Any) -> Any:
        self.events.append(copy.deepcopy(event))
        return self.handler(event, context)


def define_passwordless(event: Event, _context: Any) -> Event:
    """Ask for a code by mail, three times at most."""
    session = event["request"]["session"]
    response = event["response"]
    if session and session[-1]["challengeResult"]:
        response["issueTokens"] = True
        response["failAuthentication"] = False
    elif len(session) >= ROUNDS:
        response["issueTokens"] = False
        response["failAuthentication"] = True
    else:
        response["issueTokens"] = False
        response["failAuthentication"] = False
        response["challengeName"] = "CUSTOM_CHALLENGE"
    return event


def create_passwordless(event: Event, _context: Any) -> Event:
    """Make a code once and say of it what later rounds need: the same code is asked for again."""
    session = event["request"]["session"]
    code = planted.CODE
    if session:
        assert session[-1]["challengeMetadata"] == f"CODE-{len(code)}"
    email = event["request"]["userAttributes"].get("email", "")
    event["response"]["publicChallengeParameters"] = {"email": email}
    event["response"]["privateChallengeParameters"] = {"secretLoginCode": code}
    event["response"]["challengeMetadata"] = f"CODE-{len(code)}"
    return event


def verify_passwordless(event: Event, _context: Any) -> Event:
    """Compare the code."""
    expected = event["request"]["privateChallengeParameters"]["secretLoginCode"]
    event["response"]["answerCorrect"] = event["request"]["challengeAnswer"] == expected
    return event


def define_captcha(event: Event, _context: Any) -> Event:
    """Ask for the password, then for a captcha; whatever Cognito puts between is passed over."""
    passed = [each["challengeName"] for each in event["request"]["session"]]
    response = event["response"]
    response["issueTokens"] = response["failAuthentication"] = False
    if passed == ["SRP_A"]:
        response["challengeName"] = "PASSWORD_VERIFIER"
    elif passed[-1:] == ["CUSTOM_CHALLENGE"]:
        good = event["request"]["session"][-1]["challengeResult"]
        response["issueTokens"] = good
        response["failAuthentication"] = not good
    elif passed[1:2] == ["PASSWORD_VERIFIER"]:
        response["challengeName"] = "CUSTOM_CHALLENGE"
    else:
        response["failAuthentication"] = True
    return event


class Triggered(World):
    """A world whose one client signs in by CUSTOM_AUTH, and the events that were sent."""

    def __init__(
        self,
        define: Handler = define_passwordless,
        create: Handler = create_passwordless,
        verify: Handler = verify_passwordless,
        pool: Pool = POOL,
        **client: Any,
    ) -> None:
        self.define, self.create, self.verify = Kept(define), Kept(create), Kept(verify)
        functions = lambda_triggers(define=self.define, create=self.create, verify=self.verify)
        super().__init__(FLOW, pool, functions, **client)
        self.ephemeral = srp_client.begin(self.entropy.draw)

    def add_alice(self, *, with_totp: bool = False, **changes: Any) -> Account:
        return self.add_user(with_totp=with_totp, **{"attributes": ADDRESSES, **changes})

    def begin(
        self,
        username: str = "alice",
        metadata: Mapping[str, str] | None = None,
        **parameters: Any,
    ) -> ChallengeReply:
        sent = {"USERNAME": username, **parameters}
        request = InitiateAuthRequest(WEB, "CUSTOM_AUTH", sent, client_metadata=metadata or {})
        reply = self.engine.initiate(request)
        assert isinstance(reply, ChallengeReply)
        return reply

    def begin_by_srp(self, username: str = "alice", **parameters: Any) -> ChallengeReply:
        srp_a = self.ephemeral.srp_a
        return self.begin(username, CHALLENGE_NAME="SRP_A", SRP_A=srp_a, **parameters)

    def say(
        self,
        reply: Reply,
        answer: str = planted.CODE,
        username: str = "alice",
        metadata: Mapping[str, str] | None = None,
    ) -> Reply:
        assert isinstance(reply, ChallengeReply)
        responses = {"USERNAME": username, "ANSWER": answer}
        return self.engine.respond(
            RespondToAuthChallengeRequest(
                WEB, "CUSTOM_CHALLENGE", reply.session, responses, client_metadata=metadata or {}
            )
        )

    def prove_password(self, reply: ChallengeReply, password: str = PASSWORD) -> Reply:
        told = reply.challenge_parameters
        server = srp_client.ServerHalf(told["SALT"], told["SRP_B"], told["SECRET_BLOCK"])
        user = told["USER_ID_FOR_SRP"]
        claim = srp_client.answer(
            self.ephemeral, self.pool.srp_name, user, password, server, self.clock.now()
        )
        responses = {"USERNAME": user, **claim.responses()}
        return self.answer("PASSWORD_VERIFIER", reply.session, responses)


def in_pool(**changes: Any) -> Pool:
    return replace(POOL, **changes)
