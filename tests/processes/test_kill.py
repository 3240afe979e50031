"""SIGKILL of a real server: each sign-in goes on or is refused cleanly, no user is damaged."""

from __future__ import annotations

import os
import random  # noqa: TID251 - a seeded one makes test data
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from flowengine.accounts.account import TotpFactor
from flowengine.assembly.assembling import assemble_blocking
from flowengine.deployment.loading import load_deployment
from flowengine.engine.engine import run
from flowengine.operations.admin_create_user import AdminCreateUserRequest, admin_create_user
from flowengine.operations.users import account_named, new_stamp
from flowengine.stores.engines import sql_engine
from flowengine.stores.tables import GRANTS
from flowengine.stores.urls import parse
from tests import planted
from tests.postgresql_server import PostgresqlServer
from tests.processes.serving import KEYS, POOL, Place, Server, set_up
from tests.processes.signing_in import NEW, OLD, POINTS, Password, Person, SignIn

_SOAK = "FLOWENGINE_SOAK" in os.environ
_KILLS = {"sqlite": 200, "postgresql": 50} if _SOAK else {"sqlite": 3}
"""How often a server is killed with a request of each point under way, by store."""

_LONGEST_DELAY_S = 0.06
_SEED = 20260102


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Give a deployment over the store that the test names."""
    if request.param == "sqlite":
        return set_up(tmp_path, f"sqlite:///{tmp_path / 'flowengine.db'}")
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    return set_up(tmp_path, server.new_database())


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30) as one:
        yield one


def _add(place: Place, people: Sequence[Person]) -> None:
    """Add users with a temporary password and an authenticator app; nothing stays open."""
    deployment, found = load_deployment(place.deployment, KEYS)
    assert deployment is not None, found
    assembled = assemble_blocking(deployment)
    with closing(assembled):
        parts = assembled.engine.parts
        assert parts.directory is not None
        pool = parts.pools[POOL]
        for person in people:
            run(admin_create_user(parts, AdminCreateUserRequest(POOL, person.name, OLD.text)))
            account = run(account_named(parts, pool, person.name))
            factor = TotpFactor(planted.TOTP_SECRET)
            equipped = replace(account, totp=factor, stamp=new_stamp(parts))
            assert run(parts.directory.save(equipped, account.stamp))


def _tokens_given(place: Place, person: Person) -> int:
    """Count the times that a user was given tokens, whether or not they arrived."""
    engine = sql_engine(parse(place.directory))
    given = sa.select(sa.func.count()).where(GRANTS.c.username == person.name)
    with engine.connect() as connection:
        number: int = connection.execute(given).scalar_one()
    engine.dispose()
    return number


def _opens(server: Server, person: Person, password: Password) -> bool:
    """Say whether a password is the user's."""
    attempt = SignIn(Person(person.name), password)  # what it goes on to draw is never sent
    return attempt.send(server) and attempt.send(server)


def _password(server: Server, person: Person) -> Password:
    """Give the user's password, which must be the old one or the new one and not both."""
    good = [password for password in (OLD, NEW) if _opens(server, person, password)]
    assert len(good) == 1
    return good[0]


def _check_code_is_spent(server: Server, place: Place, person: Person, password: Password) -> None:
    """Fail where the newest code gives tokens twice, or once more after it was sent again."""
    SignIn(person, password, same_code=person.used >= 0).finish(server)
    assert not SignIn(person, NEW, same_code=True).finish(server)
    assert _tokens_given(place, person) <= 1


def _check_sound(place: Place) -> None:
    """Fail where something broke inside a server, or in the file."""
    assert "Traceback" not in place.log()
    if place.directory.startswith("sqlite:"):
        with closing(sqlite3.connect(place.directory.removeprefix("sqlite:///"))) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def _check_shown(place: Place, person: Person) -> None:
    """Fail where an administrator does not see the user as it is."""
    shown = subprocess.run(
        (sys.executable, "-m", "flowengine", "users", "show", person.name),
        cwd=place.folder,
        env={**os.environ, **KEYS},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert f"{person.name}: CONFIRMED, enabled" in shown
    assert "second factors: SOFTWARE_TOKEN_MFA" in shown


def _reach(server: Server, people: dict[str, Person]) -> dict[str, SignIn]:
    """Begin a sign-in for each point, and stop it before the request of that point."""
    sign_ins = {}
    for point, person in people.items():
        sign_ins[point] = SignIn(person, OLD)
        sign_ins[point].reach(server, point)
    return sign_ins


@pytest.mark.parametrize("place", ["sqlite", "postgresql"], indirect=True)
def test_a_sign_in_goes_on_after_a_kill_between_any_two_of_its_requests(
    place: Place, client: httpx.Client
) -> None:
    people = {point: Person(f"before-{point}") for point in POINTS}
    done = Person("done")
    _add(place, [*people.values(), done])
    with Server(place, client) as server:
        sign_ins = _reach(server, people)
        assert SignIn(done, OLD).finish(server)
        server.kill()
        server.start_again()
        assert [point for point in POINTS if not sign_ins[point].finish(server)] == []
        for person in (*people.values(), done):
            assert _password(server, person) == NEW
            assert not SignIn(person, NEW, same_code=True).finish(server)
            assert _tokens_given(place, person) == 1
            assert SignIn(person, NEW).finish(server)
    _check_sound(place)


def test_a_sign_in_that_was_kept_in_memory_is_refused_and_its_user_signs_in_afresh(
    tmp_path: Path, client: httpx.Client
) -> None:
    place = set_up(tmp_path, f"sqlite:///{tmp_path / 'flowengine.db'}", "memory:")
    passwords = {"password": OLD, "new-password": OLD, "totp": NEW}
    people = {point: Person(f"before-{point}") for point in passwords}
    _add(place, list(people.values()))
    with Server(place, client) as server:
        sign_ins = _reach(server, people)
        server.kill()
        server.start_again()
        for point, person in people.items():
            assert not sign_ins[point].send(server)
            assert _password(server, person) == passwords[point]
            assert SignIn(person, passwords[point]).finish(server)
    _check_sound(place)


def _kill_under_way(
    server: Server, sign_ins: Sequence[SignIn], delay_s: float
) -> list[httpx.Response | None]:
    """Send the next request of each at once, and kill; None for one that was cut off."""

    def send(sign_in: SignIn) -> httpx.Response | None:
        assert sign_in.request is not None
        try:
            return server.post(*sign_in.request)
        except httpx.TransportError:
            return None

    with ThreadPoolExecutor(len(sign_ins)) as threads:
        sent = [threads.submit(send, sign_in) for sign_in in sign_ins]
        time.sleep(delay_s)  # when the kill strikes is what is drawn; nothing is waited for
        server.kill()
        return [one.result() for one in sent]


def _check_undamaged(
    server: Server, place: Place, person: Person, sign_in: SignIn, answered: httpx.Response | None
) -> None:
    """Go on as a client would that sends again what was not answered; then sign in afresh."""
    accepted = sign_in.send(server) if answered is None else sign_in.take(answered)
    assert accepted or answered is None
    if accepted:
        sign_in.finish(server)
    password = _password(server, person)
    assert sign_in.allows(password)
    _check_code_is_spent(server, place, person, password)
    assert SignIn(person, NEW).finish(server)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("place", "kills"), _KILLS.items(), indirect=["place"])
def test_a_kill_while_requests_are_served_leaves_one_password_and_no_code_twice(
    place: Place, client: httpx.Client, kills: int
) -> None:
    drawn = random.Random(_SEED)
    rounds = [{point: Person(f"{point}-{kill}") for point in POINTS} for kill in range(kills)]
    _add(place, [person for people in rounds for person in people.values()])
    cut = 0
    with Server(place, client) as server:
        for people in rounds:
            sign_ins = _reach(server, people)
            delay_s = drawn.uniform(0, _LONGEST_DELAY_S)
            answers = _kill_under_way(server, list(sign_ins.values()), delay_s)
            cut += answers.count(None)
            server.start_again()
            for point, answered in zip(POINTS, answers, strict=True):
                _check_undamaged(server, place, people[point], sign_ins[point], answered)
    _check_sound(place)
    _check_shown(place, rounds[-1]["new-password"])
    assert cut, "no request was under way when the server was killed"
