"""A kind that writes, or enrols, what it does not declare is not believed: proofs rest on that."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

import pytest

from flowengine.accounts.account import AccountChanges
from flowengine.accounts.user import UserStatus
from flowengine.challenges.catalog import Catalog, builtin_catalog
from flowengine.challenges.kind import (
    Advanced,
    Answering,
    Issued,
    Issuing,
    KindFacts,
    Proved,
    Standing,
)
from flowengine.engine.replies import ChallengeReply, SuccessReply
from flowengine.engine.requests import InitiateAuthRequest, RespondToAuthChallengeRequest
from flowengine.errors import CallerError, NotAuthorizedError
from tests import planted
from tests.engine.world import World

NAME: Final = "SMS_OTP"
TEXT: Final = """flow: f
version: 1
auth_flows: [CUSTOM_AUTH]
evidence: {pigeon: possession}
require: [proved.pigeon]
start: p
nodes:
  p: {challenge: SMS_OTP, responses: [FEATHER], next: d}
  d: {end: success}
"""
RESET: Final = AccountChanges(status=UserStatus.RESET_REQUIRED)


class Meddling:
    """A kind whose right answer, or operation, changes something."""

    def __init__(
        self,
        proved: Proved,
        *,
        writes: tuple[str, ...] = (),
        enrols: tuple[str, ...] = (),
        sets: tuple[tuple[str, object], ...] = (),
    ) -> None:
        """Say what it does, and what it says that it does."""
        self.facts = KindFacts(
            NAME, Standing.RETRY, ("FEATHER",), proves=("pigeon",), writes=writes,
            operations=("Feed",), enrols=("pigeon",), sets=sets,
        )  # fmt: skip
        self._proved, self._enrols = proved, enrols

    def issue(self, issuing: Issuing) -> Issued:
        return Issued({"USERNAME": issuing.user.username})

    def operate(self, _: str, __: Answering) -> Advanced:
        return Advanced({}, {}, changes=self._proved.changes, enrols=self._enrols)

    def verify(self, _: Answering) -> Proved:
        return self._proved


def instead(kind: Meddling) -> Catalog:
    """Give a catalog with a kind in the place of another, since only its names are answered."""
    others = {name: each for name, each in builtin_catalog().kinds.items() if name != NAME}
    return Catalog(MappingProxyType(others)).with_kind(kind)


def world_of(kind: Meddling, text: str = TEXT) -> tuple[World, ChallengeReply]:
    world = World(text, catalog=instead(kind))
    world.add_user()
    request = InitiateAuthRequest(planted.CLIENT_ID, "CUSTOM_AUTH", {"USERNAME": "alice"})
    asked = world.engine.initiate(request)
    assert isinstance(asked, ChallengeReply)
    return world, asked


def answered(kind: Meddling) -> object:
    world, asked = world_of(kind)
    sent = {"USERNAME": "alice", "FEATHER": "grey"}
    try:
        return world.engine.respond(
            RespondToAuthChallengeRequest(planted.CLIENT_ID, NAME, asked.session, sent)
        )
    except CallerError as error:
        return type(error)


def test_what_a_kind_declares_it_may_write() -> None:
    written = Proved(("pigeon",), enrols=("pigeon",), changes=RESET)
    assert isinstance(answered(Meddling(written, writes=("user.status",))), SuccessReply)
    assert isinstance(answered(Meddling(Proved(("pigeon",), enrols=("pigeon",)))), SuccessReply)


def test_a_right_answer_enrols_something_where_its_kind_says_so() -> None:
    assert answered(Meddling(Proved(("pigeon",)))) is NotAuthorizedError
    # What is made in a sign-in proves nothing in it.
    made = TEXT.replace("proved.pigeon", "enrolled.pigeon")
    world, asked = world_of(Meddling(Proved(("pigeon",)), enrols=("pigeon",)), made)
    fed = world.engine.advance(asked.session or "", "Feed", {})
    sent = {"USERNAME": "alice", "FEATHER": "grey"}
    answer = RespondToAuthChallengeRequest(planted.CLIENT_ID, NAME, fed.session, sent)
    assert isinstance(world.engine.respond(answer), SuccessReply)


@pytest.mark.parametrize("changes", [None, RESET])
def test_it_leaves_a_user_as_its_kind_says(changes: AccountChanges | None) -> None:
    proved = Proved(("pigeon",), enrols=("pigeon",), changes=changes)
    for status in UserStatus:
        kind = Meddling(proved, writes=("user.status",), sets=(("user.status", status.value),))
        left = UserStatus.CONFIRMED if changes is None else UserStatus.RESET_REQUIRED
        believed = isinstance(answered(kind), SuccessReply)
        assert believed is (status is left)


@pytest.mark.parametrize("writes", [(), ("user.has", "user.attributes")])
def test_what_it_does_not_declare_ends_the_sign_in(writes: tuple[str, ...]) -> None:
    written = Proved(("pigeon",), enrols=("pigeon",), changes=RESET)
    assert answered(Meddling(written, writes=writes)) is NotAuthorizedError


@pytest.mark.parametrize("name", ["totp", "written email"])
def test_a_right_answer_enrols_only_what_its_kind_said(name: str) -> None:
    boastful = Proved(("pigeon",), enrols=("pigeon", name))
    assert answered(Meddling(boastful)) is NotAuthorizedError


@pytest.mark.parametrize(
    ("writes", "enrols"),
    [((), ("pigeon",)), (("user.status",), ()), (("user.status",), ("pigeon",))],
)
def test_an_operation_writes_what_its_kind_declares_and_only_where_it_enrols(
    writes: tuple[str, ...], enrols: tuple[str, ...]
) -> None:
    kind = Meddling(Proved(("pigeon",), changes=RESET), writes=writes, enrols=enrols)
    world, asked = world_of(kind)
    session, before = asked.session or "", world.find().stamp
    if writes and enrols:
        world.engine.advance(session, "Feed", {})
    else:
        with pytest.raises(NotAuthorizedError):
            world.engine.advance(session, "Feed", {})
    assert (world.find().stamp != before) is bool(writes and enrols)
