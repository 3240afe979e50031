"""Nothing that a client is told tells a user from a name that nobody has.

A wrong answer is what an attacker has: to each, both are told the same, in the same shape, however
often, and the same is written. Sources: COGNITO.md, G; DESIGN.md, section 3 (decoys).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from flowengine.engine.replies import ChallengeReply, Reply
from flowengine.errors import CallerError
from tests.shipped.routes import Route, Shipped
from tests.shipped.ways import PASSKEYS, ROUTES, TOKEN

FIRST = {
    "PASSWORD_VERIFIER": {
        "PASSWORD_CLAIM_SIGNATURE": "AAAA",
        "TIMESTAMP": "Sun Mar 1 12:00:00 UTC 2026",
    },
    "PASSWORD": {"PASSWORD": "wrong"},
    "EMAIL_OTP": {"EMAIL_OTP_CODE": "00000000"},
    "SMS_OTP": {"SMS_OTP_CODE": "00000000"},
    "PASSWORD_SRP": {"SRP_A": "xyz"},
    "SELECT_CHALLENGE": {"ANSWER": "NOTHING"},
    "WEB_AUTHN": {"CREDENTIAL": "{}"},
    "CUSTOM_CHALLENGE": {"ANSWER": "wrong"},
}
routes = pytest.mark.parametrize(
    "route",
    # A name beside an access token is its user's, or refused.
    [r for r in ROUTES if r.begin != TOKEN and r.known == 0],
    ids=lambda route: route.name,
)


def told(call: Callable[[], Reply]) -> Any:
    """Give all that a client sees of a reply, but for what is drawn anew each time."""
    try:
        reply = call()
    except CallerError as error:
        return (error.code, error.message, error.status)
    assert isinstance(reply, ChallengeReply)
    shapes = {key: _shape(value) for key, value in reply.challenge_parameters.items()}
    return (reply.challenge_name, shapes, reply.session is None, reply.available_challenges)


def _shape(text: str) -> str:
    """Give the form of a value: its letters and digits all alike, names and what is drawn cut."""
    form = re.sub(r"alice|nobody\w*", "name", re.sub(r"[\w+/=-]{16,}", "drawn", text))
    return form if form in ("drawn", "name") else re.sub(r"[a-z]", "a", re.sub(r"\d", "9", form))


def wrong(world: Shipped, asked: Reply, username: str) -> Callable[[], Reply]:
    assert isinstance(asked, ChallengeReply)
    answer = dict(FIRST[asked.challenge_name])
    if asked.challenge_name == "PASSWORD_VERIFIER":
        answer["PASSWORD_CLAIM_SECRET_BLOCK"] = asked.challenge_parameters["SECRET_BLOCK"]
    sent = {"USERNAME": username, **answer}
    return lambda: world.answer(asked.challenge_name, asked.session, sent)


def begun(route: Route, world: Shipped, username: str) -> Any:
    """Give what is told of a sign-in with a wrong password, or without one."""
    begin = {key: "wrong" if key == "PASSWORD" else value for key, value in route.begin.items()}
    return told(lambda: world.begin(route.auth_flow, username, **begin))


def stranger(route: Route) -> str:
    """Give a name that nobody has and that is offered what alice is: the menus of both vary."""
    world = route.world()
    *_, offered = begun(route, world, "alice")
    names = (f"nobody{first}{second}" for first in "abcdefghijklmnop" for second in "abcdefghijkl")
    return next(name for name in names if begun(route, world, name)[-1] == offered)


@routes
def test_what_is_told_at_first_is_the_same(route: Route) -> None:
    world, nobody = route.world(), stranger(route)
    for _ in range(7):  # past the lock
        assert begun(route, world, "alice") == begun(route, world, nobody)


@routes
def test_what_is_told_of_wrong_answers_is_the_same(route: Route) -> None:
    if "PASSWORD" in route.begin:
        return  # the password comes with the auth flow: see above
    world, nobody = route.world(), stranger(route)
    for _ in range(5):  # as often as a code is sent to one address
        known, unknown = route.start(world), route.start(world, nobody)
        for _ in range(3):
            first = told(wrong(world, known, "alice"))
            assert first == told(wrong(world, unknown, nobody))


def switched(world: Shipped, to: str) -> ChallengeReply:
    """Begin with nobody, and ask for a password instead of a passkey."""
    asked = world.begin("USER_AUTH")
    assert isinstance(asked, ChallengeReply)
    reply = world.answer("WEB_AUTHN", asked.session, {"SWITCH": to})
    assert isinstance(reply, ChallengeReply)
    return reply


def test_a_name_that_is_given_on_the_way_is_told_nothing() -> None:
    world = Shipped("passkey-first", PASSKEYS)
    for _ in range(7):  # past the lock
        seen = []
        for username in ("alice", "nobody"):
            plain = switched(world, "PASSWORD")
            named = {"USERNAME": username}
            seen.append(
                told(
                    lambda p=plain, n=named: world.answer(  # type: ignore[misc]
                        "PASSWORD", p.session, {**n, "PASSWORD": "wrong"}
                    )
                )
            )
            asked = switched(world, "PASSWORD_SRP")
            srp = {**named, "SRP_A": world.ephemeral.srp_a}
            verifier = world.answer("PASSWORD_SRP", asked.session, srp)
            seen.append(told(lambda v=verifier: v))  # type: ignore[misc]
            seen.append(told(wrong(world, verifier, username)))
        assert seen[:3] == seen[3:]
