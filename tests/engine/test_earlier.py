"""What a backend that embeds the engine says was proved before: seen by ``age`` alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import pytest

from flowengine.accounts.user import UserFacts
from flowengine.challenges.custom_settings import ChallengeParameters
from flowengine.engine.engine import Engine
from flowengine.engine.replies import ChallengeReply, Reply, SuccessReply
from flowengine.engine.requests import RespondToAuthChallengeRequest
from flowengine.errors import CallerError, InvalidParameterError
from flowengine.runtime.ledger import Ledger
from flowengine.runtime.record import ledger_from_plain, ledger_to_plain
from flowengine.stores.memory import MemoryCounters, MemorySessions
from flowengine.testing.fakes import FixedClock
from tests import planted
from tests.engine.world import NOW, program

EMBEDDED: Final = """\
flow: recent
version: 1
evidence: {quiz: knowledge}
require: [proved.quiz && age.password < duration("10m")]
start: quiz
nodes:
  quiz:
    challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    create: {call: ask}
    verify: responses.ANSWER == private.answer
    evidence: quiz
    next: done
  done: {end: success}
"""


def recent(earlier: Mapping[str, datetime]) -> Reply:
    """Embed the flow, begin it, and answer."""
    made = {"answer": planted.CODE}
    engine = Engine(
        [program(EMBEDDED)],
        sessions=MemorySessions(),
        counters=MemoryCounters(),
        functions={"ask": lambda: ChallengeParameters(public={}, private=made)},
        clock=FixedClock(NOW),
    )
    reply = engine.start("recent", user=UserFacts("ada"), earlier=earlier)
    assert isinstance(reply, ChallengeReply)
    answered = {"USERNAME": "ada", "ANSWER": planted.CODE}
    return engine.respond(
        RespondToAuthChallengeRequest("embedded", "CUSTOM_CHALLENGE", reply.session, answered)
    )


def test_an_embedding_backend_says_what_was_proved_before() -> None:
    reply = recent({"password": NOW - timedelta(minutes=9)})
    assert isinstance(reply, SuccessReply)
    assert set(reply.proved) == {"quiz"}


@pytest.mark.parametrize("earlier", [{}, {"password": NOW - timedelta(minutes=10)}, {"totp": NOW}])
def test_what_is_too_old_or_was_not_said_does_not_let_in(earlier: Mapping[str, datetime]) -> None:
    with pytest.raises(CallerError, match="Incorrect username or password"):
        recent(earlier)


@pytest.mark.parametrize(
    "earlier",
    [
        {"pasword": NOW},
        {"password": NOW + timedelta(seconds=1)},
        {"password": NOW.replace(tzinfo=None)},
    ],
)
def test_what_cannot_have_been_proved_is_refused(earlier: Mapping[str, datetime]) -> None:
    with pytest.raises(InvalidParameterError):
        recent(earlier)


def test_what_is_not_evidence_by_its_name_is_none_by_being_earlier() -> None:
    with pytest.raises(CallerError, match="Incorrect username or password"):
        recent({"quiz": NOW})


def test_a_ledger_comes_back_with_what_was_earlier() -> None:
    ledger = Ledger(
        decoy=False,
        proved={"totp": NOW},
        enrolled=frozenset({"totp"}),
        earlier={"password": NOW},
    )
    assert ledger_from_plain(ledger_to_plain(ledger)) == ledger
    both = {"password": NOW, "totp": NOW}
    assert ledger.continued({"password", "totp", "sms"}) == Ledger(decoy=False, earlier=both)
    assert ledger.continued({"totp"}) == Ledger(decoy=False, earlier={"totp": NOW})
