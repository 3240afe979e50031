"""Another flow as one step, run: what it proves counts, and nothing reaches into it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flowengine.engine.replies import ChallengeReply, Reply, SuccessReply
from flowengine.errors import CallerError, NotAuthorizedError
from flowengine.flow.library import Definitions
from tests import planted
from tests.engine.world import World
from tests.flow.test_steps import OUTER, SECOND, definition


class Stepping(World):
    """A world that notes what the step's function was asked."""

    def __init__(self, flow: str, library: Definitions, known: Any) -> None:
        self.seen: list[int] = []
        self.known = known
        functions: dict[str, Callable[..., Any]] = {"ask": self.ask, "look_up": self.look_up}
        super().__init__(flow, functions=functions, library=library)

    def ask(self, *, known: bool, score: int) -> Any:
        return {"public": {"told": f"{known} {score}"}, "private": {"answer": planted.CODE}}

    def look_up(self, n: int) -> Any:
        self.seen.append(n)
        return self.known


def world_of(outer: str = OUTER, *others: str, known: Any = True) -> Stepping:
    library = Definitions(lambda: [definition(text) for text in (*(others or (SECOND,)), outer)])
    return Stepping(outer, library, known)


def answer(world: World, reply: Reply, text: str = planted.CODE) -> Reply:
    assert isinstance(reply, ChallengeReply)
    return world.answer("CUSTOM_CHALLENGE", reply.session, {"USERNAME": "alice", "ANSWER": text})


def test_a_step_is_walked_through_and_its_evidence_counts() -> None:
    world = world_of()
    world.add_user()
    asked = world.sign_in_by_password()
    assert isinstance(asked, ChallengeReply)
    assert (asked.node, asked.challenge_parameters["told"]) == ("second/quiz", "True 1")
    assert world.seen == [3]
    done = answer(world, asked)
    assert isinstance(done, SuccessReply)
    assert set(done.proved) == {"password", "quiz"}


def test_inputs_and_facts_decide_inside() -> None:
    world = world_of(OUTER.replace("{value: 3}", "{value: 1}"))
    world.add_user(with_totp=True)
    asked = world.sign_in_by_password()
    assert isinstance(asked, ChallengeReply)
    assert asked.node == "second/totp"
    assert isinstance(world.answer_totp(asked), SuccessReply)


def test_a_failure_inside_takes_the_failed_edge() -> None:
    world = world_of(known=False)
    world.add_user()
    with pytest.raises(NotAuthorizedError, match=r"Sorry\."):
        answer(world, world.sign_in_by_password())


def test_a_refusal_inside_takes_the_failed_edge() -> None:
    world = world_of(known="not a bool")
    world.add_user()
    with pytest.raises(NotAuthorizedError, match=r"Sorry\."):
        world.sign_in_by_password()


def test_a_failure_keeps_its_own_words_where_nothing_else_is_written() -> None:
    world = world_of(OUTER.replace("    failed: sorry\n", ""), known=False)
    world.add_user()
    with pytest.raises(CallerError) as error:
        answer(world, world.sign_in_by_password())
    assert error.value.code == "ForbiddenException"


def test_a_step_whose_own_require_does_not_hold_is_refused() -> None:
    """The inner flow is sound by itself only if what it requires holds at its success."""
    lax = SECOND.replace("      - else: ask\n", "      - else: ok\n")
    world = world_of(OUTER.replace("proved.totp || proved.quiz\n", "proved.password\n"), lax)
    world.add_user()
    with pytest.raises(NotAuthorizedError):
        world.sign_in_by_password()


def test_a_step_whose_needs_do_not_hold_is_not_entered() -> None:
    world = world_of(OUTER.replace("needs: proved.password", "needs: proved.totp"))
    world.add_user()
    with pytest.raises(NotAuthorizedError):
        world.sign_in_by_password()
    assert world.seen == []


def test_two_steps_of_one_flow_keep_what_they_saved_apart() -> None:
    first = "  second: {flow: second-factor, with: {risk: risk}, next: third}\n"
    start = OUTER.index("  second:\n")
    outer = OUTER[:start] + first + "  third:\n" + OUTER[start + len("  second:\n") :]
    world = world_of(outer)
    world.add_user()
    asked = answer(world, world.sign_in_by_password())
    assert isinstance(asked, ChallengeReply)
    assert asked.node == "third/quiz"
    assert world.seen == [9, 3]
    assert isinstance(answer(world, asked), SuccessReply)
