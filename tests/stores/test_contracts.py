"""Every adapter keeps every promise of its port."""

from __future__ import annotations

import pytest

from flowengine.engine.ports import Counters, Devices, Directory, Grants, SessionStore
from flowengine.testing.contracts import counters, devices, directory, grants, sessions
from flowengine.testing.contracts.candidate import (
    Candidate,
    Check,
    check_name,
    drive,
    in_threads,
)
from tests.stores.conftest import People, Stores


@pytest.mark.parametrize("check", sessions.ALL_CHECKS, ids=check_name)
def test_a_session_store_keeps_its_promise(check: Check[SessionStore], stores: Stores) -> None:
    stores.run(check(Candidate(stores.sessions, stores.race)))


@pytest.mark.parametrize("check", counters.ALL_CHECKS, ids=check_name)
def test_counters_keep_their_promise(check: Check[Counters], stores: Stores) -> None:
    stores.run(check(Candidate(stores.counters, stores.race)))


@pytest.mark.parametrize("check", directory.ALL_CHECKS, ids=check_name)
def test_a_directory_keeps_its_promise(check: Check[Directory], people: People) -> None:
    drive(check(Candidate(people.directory, in_threads)))


@pytest.mark.parametrize("check", grants.ALL_CHECKS, ids=check_name)
def test_grants_keep_their_promise(check: Check[Grants], people: People) -> None:
    drive(check(Candidate(people.grants, in_threads)))


@pytest.mark.parametrize("check", devices.ALL_CHECKS, ids=check_name)
def test_devices_keep_their_promise(check: Check[Devices], people: People) -> None:
    drive(check(Candidate(people.devices, in_threads)))
