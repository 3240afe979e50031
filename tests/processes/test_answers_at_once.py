"""Two processes guess at one sign-in through whole engines: never a try too many, one winner."""

from __future__ import annotations

import json
import os
import random  # noqa: TID251 - a seeded one makes test data
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from flowengine.stores.schema import migrate
from tests.postgresql_server import PostgresqlServer
from tests.processes.answering import ASKED, FIRST_SPENT, RULES, SPENT, TRIES, WON, Racer, Rule

_ROOT = Path(__file__).parents[2]
_SIGN_INS = 1000 if "FLOWENGINE_SOAK" in os.environ else 60
_GUESSES = 6
_SEED = 20260102
Guesses = list[list[bool]]
"""Whether each guess of one process is right, by sign-in."""


@dataclass(frozen=True, slots=True)
class Raced:
    """What came of one sign-in.

    Attributes:
        outcomes: Of each guess, by process.
    """

    number: int
    outcomes: tuple[list[str], list[str]]
    compared: tuple[str, ...]

    @property
    def winners(self) -> int:
        return sum(told.count(WON) for told in self.outcomes)

    @property
    def right(self) -> bool:
        """Say whether a right answer was compared."""
        return "right" in self.compared

    @property
    def contended(self) -> bool:
        """Say whether both processes answered one step at once.

        Both took a try, or one was refused the first step while the other was being asked the
        second: had it come later, it would have sent the second one's Session.
        """
        one, other = self.outcomes
        if all(set(told) - {SPENT, FIRST_SPENT} for told in self.outcomes):
            return True
        return (one[0], other[0]) in {(ASKED, FIRST_SPENT), (FIRST_SPENT, ASKED)}


def _guesses() -> tuple[Guesses, Guesses]:
    """Put the right guess within the limit or past it, in one process or in both at once."""
    drawn = random.Random(_SEED)
    guesses: tuple[Guesses, Guesses] = ([], [])
    for _ in range(_SIGN_INS):
        at = drawn.choice([0, 0, 0, 1, 1, 2, 3, 4, 5])
        holders = drawn.choice([(0,), (1,), (0, 1)])
        for me in (0, 1):
            guesses[me].append([turn == at and me in holders for turn in range(_GUESSES)])
    return guesses


def _racer(url: str, folder: Path, me: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.processes.answering", url, str(folder), str(me)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_ROOT
    )


def _race(url: str, folder: Path, guesses: Sequence[Guesses]) -> list[dict[str, list[list[str]]]]:
    """Let both processes guess; what came of each guess, by process, rule and sign-in."""
    (folder / "meeting").write_bytes(bytes(16))
    racers = [_racer(url, folder, 0), _racer(url, folder, 1)]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer, given in zip(racers, guesses, strict=True):
        assert racer.stdin is not None
        racer.stdin.write(json.dumps(given) + "\n")
        racer.stdin.flush()
    told = [json.loads(racer.communicate()[0]) for racer in racers]
    assert [racer.returncode for racer in racers] == [0, 0]
    return told


def _begin(url: str, folder: Path, rule: Rule) -> None:
    (folder / f"{rule.name}-sessions").mkdir()
    racer = Racer(url, folder, rule)
    for number in range(_SIGN_INS):
        racer.begin(number)
    racer.close()


def _compared(folder: Path, rule: Rule) -> dict[str, list[str]]:
    """Give the comparisons of both processes, in their order, by user."""
    found: dict[str, list[str]] = {}
    for line in (folder / f"{rule.name}-compared").read_text().splitlines():
        username, _, judged = line.partition(" ")
        found.setdefault(username, []).append(judged)
    return found


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def raced(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[Raced]]:
    """Race the sign-ins of all rules; one pair of processes takes long enough to start."""
    folder = tmp_path_factory.mktemp("race")
    url = f"sqlite:///{folder / 'race.db'}"
    if request.param == "postgresql":
        server: PostgresqlServer = request.getfixturevalue("postgresql")
        url = server.new_database()
    migrate(url)
    for rule in RULES:
        _begin(url, folder, rule)
    first, second = _race(url, folder, _guesses())
    told = {}
    for rule in RULES:
        compared, name = _compared(folder, rule), rule.name
        told[name] = [
            Raced(n, (first[name][n], second[name][n]), tuple(compared.get(rule.username(n), ())))
            for n in range(_SIGN_INS)
        ]
    return told


def _check_raced(raced: Sequence[Raced]) -> None:
    """Fail unless the race was one: met, and with right answers within the limit and past it."""
    assert any(one.contended for one in raced), "the two never met, so nothing was raced"
    rights = Counter(one.compared.count("right") for one in raced)
    assert rights[0], "no right answer came too late"
    assert rights[1], "no right answer came in time"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_two_processes_take_three_tries_and_only_a_right_answer_wins_once(
    raced: dict[str, list[Raced]], rule: Rule
) -> None:
    sign_ins = raced[rule.name]
    _check_raced(sign_ins)
    assert [one for one in sign_ins if len(one.compared) > TRIES] == []
    assert [one for one in sign_ins if one.winners > 1] == []
    assert [one for one in sign_ins if one.winners and not one.right] == []
    assert [one for one in sign_ins if one.right and not one.winners] == []
