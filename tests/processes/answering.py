"""One process of a race of guesses at the same sign-ins, through a whole engine.

Run as ``python -m tests.processes.answering URL FOLDER ME``; see ``test_answers_at_once.py``.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

from flowengine.accounts.account import Account, TotpFactor
from flowengine.accounts.pool import Client, Pool
from flowengine.challenges.catalog import Catalog, builtin_catalog
from flowengine.challenges.custom_settings import ChallengeParameters
from flowengine.challenges.kind import (
    Answering,
    CallFunction,
    ChallengeKind,
    Issued,
    Issuing,
    KindFacts,
    Proved,
    Unavailable,
    Verdict,
)
from flowengine.crypto import totp
from flowengine.crypto.keyring import Keyring
from flowengine.engine.engine import Engine
from flowengine.engine.replies import ChallengeReply, Reply
from flowengine.engine.requests import InitiateAuthRequest, RespondToAuthChallengeRequest
from flowengine.engine.system import InlineWork, SystemEntropy
from flowengine.errors import AnswerConflictError, CallerError, SpentSessionError
from flowengine.flow.loading import load_source
from flowengine.runtime.token import parse_session
from flowengine.source import SourceText
from flowengine.stores.directory import SqlDirectory
from flowengine.stores.engines import sql_engine
from flowengine.stores.urls import parse
from flowengine.testing.fakes import FixedClock, ScriptedEntropy
from tests import planted
from tests.stores.racing import Meeting, open_stores

TRIES: Final = 3
NOW: Final = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
POOL: Final = Pool("eu-west-1_AbCdEfGhI", "main")
CLIENT: Final = Client(
    planted.CLIENT_ID, "web", POOL.id, auth_flows=MappingProxyType({"CUSTOM_AUTH": "race"})
)
WON: Final = "won"
ASKED: Final = "asked"
CONFLICT: Final = "conflict"
SPENT: Final = "spent"
FIRST_SPENT: Final = "first spent"
"""It was the first Session of the sign-in that was refused."""

_FLOW: Final = f"""
flow: race
version: 1
auth_flows: [CUSTOM_AUTH]
evidence: {{quiz: knowledge}}
require: [proved.quiz || proved.totp]
start: guess
nodes:
  guess:
    attempts: {TRIES}
    next: done
    %s
  done:
    end: success
"""
_CUSTOM: Final = """challenge: CUSTOM_CHALLENGE
    responses: [ANSWER]
    create: {call: ask}
    verify: responses.ANSWER == private.answer
    evidence: quiz"""
_CODE: Final = """challenge: SOFTWARE_TOKEN_MFA
    responses: [SOFTWARE_TOKEN_MFA_CODE]"""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a wrong answer does at the node that is raced, and how a guess is written.

    Attributes:
        name: Of its users, its files and its flow.
        node: The lines of the node.
    """

    name: str
    node: str
    challenge: str
    key: str
    right: str = field(repr=False)
    wrong: str = "wrong"

    @property
    def flow(self) -> str:
        return _FLOW % self.node

    def username(self, number: int) -> str:
        """Name the user of a sign-in; each has its own, so that none locks another out."""
        return f"{self.name}-{number}"


RETRY: Final = Rule(
    "retry",
    _CODE,
    "SOFTWARE_TOKEN_MFA",
    "SOFTWARE_TOKEN_MFA_CODE",
    totp.code(planted.TOTP_SECRET, totp.counter_at(NOW)),
)
REISSUE: Final = Rule("reissue", _CUSTOM, "CUSTOM_CHALLENGE", "ANSWER", planted.CODE)
AGAIN: Final = replace(REISSUE, name="again", node=f"{_CUSTOM}\n    wrong: again")
RULES: Final = (RETRY, REISSUE, AGAIN)


class Compared:
    """The comparisons of all processes, a line each: whose, and whether it was right."""

    def __init__(self, path: Path) -> None:
        # A short write to a file opened for appending is whole, whoever else writes.
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def note(self, username: str, *, right: bool) -> None:
        os.write(self._file, f"{username} {'right' if right else 'wrong'}\n".encode())


class Counted:
    """A kind as it is, that notes each comparison where it happens."""

    def __init__(self, kind: ChallengeKind, compared: Compared) -> None:
        self._kind = kind
        self._compared = compared

    @property
    def facts(self) -> KindFacts:
        return self._kind.facts

    def issue(self, issuing: Issuing) -> Issued | Unavailable | CallFunction:
        return self._kind.issue(issuing)

    def verify(self, answering: Answering) -> Verdict | CallFunction:
        verdict = self._kind.verify(answering)
        self._compared.note(answering.user.username, right=isinstance(verdict, Proved))
        return verdict


def _ask() -> ChallengeParameters:
    return ChallengeParameters({}, {"answer": planted.CODE})


class Racer:
    """An engine over the stores of a URL, and what it takes to close it."""

    def __init__(self, url: str, folder: Path, rule: Rule) -> None:
        self._rule = rule
        self._newest = folder / f"{rule.name}-sessions"
        self._opened = open_stores(url)
        self._sql = sql_engine(parse(url))
        keyring = Keyring.generate(ScriptedEntropy("race").draw)  # the same in each process
        draw = SystemEntropy().draw
        self._users = SqlDirectory(self._sql, keyring, {POOL.id: POOL}, InlineWork(), draw)
        compared = Compared(folder / f"{rule.name}-compared")
        kinds = {name: Counted(kind, compared) for name, kind in builtin_catalog().kinds.items()}
        program, found = load_source(SourceText("race.flow.yaml", rule.flow), Catalog(kinds))
        assert program is not None, found
        self._engine = Engine(
            [program],
            sessions=self._opened.sessions,
            counters=self._opened.counters,
            directory=self._users,
            functions={"ask": _ask},
            pools=[POOL],
            clients=[CLIENT],
            decoy_secret=planted.KEY,
            clock=FixedClock(NOW),
        )

    def begin(self, number: int) -> None:
        """Begin a sign-in of a user of its own."""
        name = self._rule.username(number)
        factor = TotpFactor(planted.TOTP_SECRET)
        account = Account(POOL.id, name, f"sub-{name}", f"stamp-{name}", NOW, NOW, totp=factor)
        assert asyncio.run(self._users.add(account))
        request = InitiateAuthRequest(CLIENT.id, "CUSTOM_AUTH", {"USERNAME": name})
        self._keep(number, self._engine.initiate(request))

    def guess(self, number: int, *, right: bool) -> str:
        """Answer with the newest Session that anyone was given; say what came of it."""
        rule = self._rule
        answer = {
            "USERNAME": rule.username(number),
            rule.key: rule.right if right else rule.wrong,
        }
        session = (self._newest / str(number)).read_text()
        request = RespondToAuthChallengeRequest(CLIENT.id, rule.challenge, session, answer)
        try:
            reply = self._engine.respond(request)
        except AnswerConflictError:
            return CONFLICT
        except SpentSessionError:
            sent = parse_session(session)
            return FIRST_SPENT if sent is not None and sent.step == 0 else SPENT
        except CallerError as refusal:
            return type(refusal).__name__
        return self._keep(number, reply)

    def close(self) -> None:
        self._sql.dispose()
        self._opened.owner.close()

    def _keep(self, number: int, reply: Reply) -> str:
        """Let everyone have the Session, at once and whole."""
        if not isinstance(reply, ChallengeReply):
            return WON
        assert reply.session is not None
        draft = self._newest / f"{number}.{os.getpid()}"
        draft.write_text(reply.session)
        draft.replace(self._newest / str(number))
        return ASKED


def _race(racer: Racer, meeting: Meeting, guesses: Sequence[Sequence[bool]]) -> list[list[str]]:
    outcomes: list[list[str]] = [[] for _ in guesses]
    for number, rights in enumerate(guesses):
        for right in rights:
            meeting.wait()
            outcomes[number].append(racer.guess(number, right=right))
    return outcomes


def _main(url: str, place: str, me: str) -> None:
    folder = Path(place)
    racers = [Racer(url, folder, rule) for rule in RULES]
    meeting = Meeting(folder / "meeting", int(me))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    guesses = json.loads(sys.stdin.readline())
    outcomes = {}
    for rule, racer in zip(RULES, racers, strict=True):
        outcomes[rule.name] = _race(racer, meeting, guesses)
        racer.close()
    sys.stdout.write(json.dumps(outcomes) + "\n")


if __name__ == "__main__":
    _main(*sys.argv[1:])
