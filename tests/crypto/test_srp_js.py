"""The server's half against the arithmetic of the JavaScript clients."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from flowengine.crypto import srp, srp_time
from tests.clients.processes import ClientProcess, node_client
from tests.crypto.people import ODD_AND_EVEN, POOL, POOL_ID, Person, begin, forms, half_for, people

USERS = 100 if os.environ.get("FLOWENGINE_SOAK") else 15
CLIENTS = ("identity-js", "cognito-srp-helper")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClientProcess]:
    """Run the libraries; no server is ever asked."""
    process = node_client("http://localhost", tmp_path_factory.mktemp("srp"))
    yield process
    process.stop()


def ask(node: ClientProcess, do: str, **command: Any) -> Any:
    return node.ask(do, library="srp", **command)


def signs_in(node: ClientProcess, by: str, person: Person, verifier: int, number: int) -> bool:
    """Begin a sign-in by a client, answer it as the server does, and judge what it signs."""
    who = {"pool": POOL_ID, "username": person.name, "password": person.password}
    public = srp.parse_public(ask(node, "begin", by=by, **who))
    assert public is not None
    server = begin(verifier, number)
    half = half_for(person, server, number)
    answer = ask(node, "answer", asked=half)
    moment, key = srp_time.parse(answer["timestamp"]), srp.session_key(public, server, verifier)
    assert moment is not None
    assert key is not None
    block = base64.b64decode(half["SECRET_BLOCK"])
    expected = srp.signature(key, POOL, person.name, block, srp_time.render(moment))
    return srp.signature_is_right(expected, answer["signature"])


@pytest.mark.parametrize("by", CLIENTS)
def test_the_client_signs_in_as_every_user(node: ClientProcess, by: str) -> None:
    met = set()
    for number, person in enumerate(people(USERS)):
        verifier = person.verifier()
        assert signs_in(node, by, person, verifier, number), number
        met |= forms(half_for(person, begin(verifier, number), number))
    assert met == ODD_AND_EVEN


@pytest.mark.parametrize("by", CLIENTS)
def test_the_client_with_another_password_is_refused(node: ClientProcess, by: str) -> None:
    for number, person in enumerate(people(3)):
        verifier = replace(person, password=f"{person.password}x").verifier()
        assert not signs_in(node, by, person, verifier, number)


@pytest.mark.parametrize("by", CLIENTS)
def test_a_device_that_the_client_makes_has_the_verifier_of_its_password(
    node: ClientProcess, by: str
) -> None:
    group, key = "-group", "eu-west-1_device"
    for _ in range(USERS):  # each has a salt and a password of its own
        made = ask(node, "device", by=by, group=group, key=key)
        salt, verifier = (int(made[name], 16) for name in ("salt", "verifier"))
        assert verifier == srp.verifier(group, key, made["password"], salt)
