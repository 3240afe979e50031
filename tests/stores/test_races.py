"""Two processes on one store: never more tries than there are, never two winners."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flowengine.stores.schema import migrate
from flowengine.testing.contracts.candidate import drive
from tests.postgresql_server import PostgresqlServer
from tests.stores.racing import NOW, open_stores, step
from tests.valkey_server import ValkeyCluster, ValkeyServer

_ROOT = Path(__file__).parent.parent.parent
_SIGN_INS = 1000 if "FLOWENGINE_SOAK" in os.environ else 100
_GUESSES = 6
_TRIES = 3


@pytest.fixture(params=["sqlite", "postgresql", "valkey", "valkey_cluster"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param.startswith("valkey"):
        shared: ValkeyServer | ValkeyCluster = request.getfixturevalue(request.param)
        shared.forget()  # the racers' sign-ins have the same ids each time
        return shared.url
    if request.param == "sqlite":
        made = f"sqlite:///{tmp_path / 'race.db'}"
    else:
        server: PostgresqlServer = request.getfixturevalue("postgresql")
        made = server.new_database()
    migrate(made)
    return made


def _racer(url: str, place: Path, me: int) -> subprocess.Popen[str]:
    numbers = [str(number) for number in (me, _SIGN_INS, _GUESSES, _TRIES)]
    command = [sys.executable, "-m", "tests.stores.racing", url, str(place), *numbers]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_ROOT
    )


def _race(url: str, folder: Path) -> list[dict[str, Any]]:
    place = folder / "meeting"
    place.write_bytes(bytes(16))
    racers = [_racer(url, place, 0), _racer(url, place, 1)]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    won = [json.loads(racer.communicate()[0]) for racer in racers]
    assert [racer.returncode for racer in racers] == [0, 0]
    return won


def test_two_processes_take_each_try_and_each_step_once(url: str, tmp_path: Path) -> None:
    opened = open_stores(url)
    for number in range(_SIGN_INS):
        drive(opened.sessions.add(number.to_bytes(16, "big"), step(number, 0, _TRIES), NOW))
    opened.owner.close()
    first, second = _race(url, tmp_path)
    for number in range(_SIGN_INS):
        mine, other = first["answers"][number], second["answers"][number]
        assert mine[0] + other[0] == _TRIES
        assert mine[1] + other[1] == 1
        assert first["spent"][number] + second["spent"][number] == 1
    # The slower one may find a sign-in not yet at its second step, so here none is a loss too.
    both = [first["settled"][n] + second["settled"][n] for n in range(_SIGN_INS)]
    assert max(both) == 1
    shared = [n for n in range(_SIGN_INS) if first["answers"][n][0] and second["answers"][n][0]]
    assert shared, "the two never met, so nothing was raced"
