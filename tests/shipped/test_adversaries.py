"""Everything a client can send at every step of every flow that ships, and what it never gets.

Each way through a flow is walked to each of its steps, and there attacked. No attack succeeds, no
attack changes a user, and one that compared nothing leaves the sign-in as good as it was.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from flowengine.challenges.catalog import CHALLENGE_NAMES
from flowengine.engine.replies import ChallengeReply, Reply, SuccessReply
from flowengine.errors import CallerError
from flowengine.runtime.record import SignInRecord
from tests.engine.world import OTHER
from tests.shipped.routes import Responses, Route, Shipped
from tests.shipped.ways import ROUTES

BLOCK = "PASSWORD_CLAIM_SECRET_BLOCK"
STEPS = [(route, step) for route in ROUTES for step in range(route.known, len(route.asks))]
every_step = pytest.mark.parametrize(
    ("route", "step"), STEPS, ids=[f"{route.name}-{step}" for route, step in STEPS]
)


@dataclass(frozen=True, slots=True)
class Standing:
    """A sign-in that waits for its next answer.

    Attributes:
        before: The answers given on the way, each with its challenge and Session.
    """

    world: Shipped
    asked: ChallengeReply
    right: Responses
    before: tuple[tuple[str, str | None, Responses], ...]

    @property
    def named(self) -> bool:
        """Whether the sign-in is somebody's already; else this answer names its user."""
        (row,) = (r for r in self.world.sessions._rows.values() if r.outcome is None)
        record = SignInRecord.from_json(row.now.record)
        assert record is not None
        return record.named

    def answer(self, **changes: Any) -> Reply:
        """Answer rightly but for what is changed; None takes a key away."""
        named = {"name": self.asked.challenge_name, "session": self.asked.session}
        given = {key: changes.pop(key, value) for key, value in named.items()}
        client = {"client_id": changes.pop("client_id")} if "client_id" in changes else {}
        responses = {**self.right, **changes}
        sent = {key: value for key, value in responses.items() if value is not None}
        return self.world.answer(given["name"], given["session"], sent, **client)


def standing(route: Route, step: int, username: str = "alice") -> Standing:
    """Walk a way up to a step."""
    world = route.world()
    world.add_user("bob")
    reply = route.start(world, username)
    before: list[tuple[str, str | None, Responses]] = []
    for _ in range(step):
        assert isinstance(reply, ChallengeReply)
        ready = _ready(world, reply)
        right = world.right(ready)
        before.append((ready.challenge_name, ready.session, right))
        reply = world.answer(ready.challenge_name, ready.session, right)
    assert isinstance(reply, ChallengeReply)
    ready = _ready(world, reply)
    return Standing(world, ready, world.right(ready), tuple(before))


def _ready(world: Shipped, asked: ChallengeReply) -> ChallengeReply:
    """Do what has to be done before a challenge can be answered at all."""
    if asked.challenge_name != "MFA_SETUP":
        return asked
    return replace(asked, session=world.enrolled(asked))


def finish(world: Shipped, reply: Reply) -> SuccessReply:
    """Go on rightly to the end."""
    while isinstance(reply, ChallengeReply):
        reply = world.reply_to(reply)
    return reply


def refused(call: Callable[[], Reply]) -> CallerError:
    with pytest.raises(CallerError) as error:
        call()
    return error.value


def moved(text: str, place: int) -> str:
    other = "A" if text[place] != "A" else "B"
    return text[:place] + other + text[place + 1 :]


Attack = tuple[str, dict[str, Any]]


def costless(there: Standing) -> Iterator[Attack]:
    """Give attacks that are turned away before anything is compared."""
    yield "another client", {"client_id": OTHER}
    if there.named:
        yield "another user", {"USERNAME": "bob"}
        yield "an unknown user", {"USERNAME": "nobody"}
        yield "no user", {"USERNAME": None}
    for name in set(CHALLENGE_NAMES) - {there.asked.challenge_name}:
        yield f"as {name}", {"name": name}
    yield "as nothing", {"name": ""}
    session = there.asked.session
    if session is not None:
        yield "no session", {"session": None, BLOCK: None, "SRP_A": None}
        for place in (0, 20, 25, 67):
            yield f"a session changed at {place}", {"session": moved(session, place)}
        yield "a longer session", {"session": session + "A"}
        yield "a padded session", {"session": session + "=="}
        yield "half a session", {"session": session[:34]}
    if BLOCK in there.right:
        for place in (0, 20, 25, 67):
            yield f"a block changed at {place}", {BLOCK: moved(there.right[BLOCK], place)}
    for key in set(there.right) - {"USERNAME"}:
        if key != "DEVICE_KEY":
            yield f"without {key}", {key: None}


@every_step
def test_what_compares_nothing_is_refused_and_costs_nothing(route: Route, step: int) -> None:
    there = standing(route, step)
    user = there.world.find()
    for name, changes in costless(there):
        error = refused(lambda changes=changes: there.answer(**changes))  # type: ignore[misc]
        assert error.status == 400, name
    assert there.world.find() == user
    done = finish(there.world, there.answer())
    assert set(done.proved) == route.proved


@every_step
def test_unknown_keys_change_nothing(route: Route, step: int) -> None:
    there = standing(route, step)
    junk = {"ADMIN": "true", "is_verified": "1", "userAttributes.x": "y" * 1000, "é": "\u202e"}
    if there.asked.challenge_name == "NEW_PASSWORD_REQUIRED":
        del junk["userAttributes.x"]
    assert set(finish(there.world, there.answer(**junk)).proved) == route.proved


@every_step
def test_a_wrong_answer_never_goes_on(route: Route, step: int) -> None:
    """Whatever a key is set to; a menu's choice and a new password are the user's own."""
    there = standing(route, step)
    user = there.world.find()
    hint = "DEVICE_KEY" if there.asked.challenge_name == "PASSWORD_VERIFIER" else "USERNAME"
    for key in set(there.right) - {"USERNAME", hint}:
        for value in ("", "0", "wrong", "x" * 131_073, "\0", "{}", "[" * 1000):
            there = standing(route, step)
            assert_turned_away(there, key, value)
            assert there.world.find().password == user.password


def assert_turned_away(there: Standing, key: str, value: str) -> None:
    """A custom challenge asks anew, and the Session that was answered is spent."""
    try:
        again: Reply | CallerError = there.answer(**{key: value})
    except CallerError as error:
        again = error
    if isinstance(again, CallerError):
        assert again.status == 400
        return
    assert isinstance(again, ChallengeReply)
    assert again.challenge_name == there.asked.challenge_name == "CUSTOM_CHALLENGE"
    refused(there.answer)


@every_step
def test_an_answer_is_good_once(route: Route, step: int) -> None:
    there = standing(route, step)
    reply = there.answer()
    refused(there.answer)
    for name, session, responses in there.before:
        refused(lambda n=name, s=session, r=responses: there.world.answer(n, s, r))  # type: ignore[misc]
    done = finish(there.world, reply)
    refused(there.answer)
    assert set(done.proved) == route.proved


@every_step
def test_an_earlier_answer_does_not_stand_for_a_later_one(route: Route, step: int) -> None:
    there = standing(route, step)
    for name, session, responses in there.before:
        refused(lambda n=name, s=session, r=responses: there.world.answer(n, s, r))  # type: ignore[misc]
        refused(
            lambda n=name, r=responses: there.world.answer(n, there.asked.session, r)  # type: ignore[misc]
        )
    assert set(finish(there.world, there.answer()).proved) == route.proved


@every_step
def test_an_expired_session_is_refused(route: Route, step: int) -> None:
    there = standing(route, step)
    user = there.world.find()
    there.world.clock.advance(timedelta(minutes=3))
    refused(there.answer)
    assert there.world.find() == user


@every_step
def test_of_many_answers_at_once_one_goes_on(route: Route, step: int) -> None:
    there = standing(route, step)
    at_once = Barrier(4)

    def answer(_: int) -> Reply | None:
        at_once.wait(10)
        try:
            return there.answer()
        except CallerError:
            return None

    with ThreadPoolExecutor(4) as threads:
        replies = [reply for reply in threads.map(answer, range(4)) if reply is not None]
    assert len(replies) == 1
    assert set(finish(there.world, replies[0]).proved) == route.proved


@every_step
def test_the_session_of_another_user_is_no_use(route: Route, step: int) -> None:
    """Bob, who has all that alice has, hands over the session of his own step."""
    there = standing(route, step)
    if not there.named:
        return  # the session is nobody's, and whoever answers rightly is named by it
    world = there.world
    if there.asked.session is None or "WEB_AUTHN" in route.asks or "device" in route.name:
        handed = of_bob(there, route)
        if handed:
            refused(lambda: there.answer(**handed))
        assert set(finish(world, there.answer()).proved) == route.proved
        return
    world.add_user("bobby", **route.user)
    reply = route.start(world, "bobby")
    for _ in range(step):
        assert isinstance(reply, ChallengeReply)
        reply = world.reply_to(reply, "bobby")
    assert isinstance(reply, ChallengeReply)
    refused(lambda: there.answer(session=reply.session))
    refused(lambda: there.answer(session=reply.session, USERNAME="bobby", client_id=OTHER))
    assert set(finish(world, there.answer()).proved) == route.proved


def of_bob(there: Standing, route: Route) -> dict[str, Any]:
    """Give the handles that bob, who has a password alone, begins with."""
    if "PASSWORD" in route.begin:  # and whose it is, is signed in by it; the device is alice's
        begun = there.world.begin("USER_SRP_AUTH", "bob", SRP="yes")
    else:
        begun = route.start(there.world, "bob")
    assert isinstance(begun, ChallengeReply)
    if BLOCK in there.right:
        block = begun.challenge_parameters.get("SECRET_BLOCK")
        made_up = base64.b64encode(bytes(51)).decode()
        return {"session": begun.session, BLOCK: block or made_up}
    # Without a Session the device's key and SRP_A say which sign-in it is.
    return {"session": begun.session} if begun.session is not None else {}
