"""When one part cannot be had, none of those that were opened stays open."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from flowengine.assembly.assembling import assemble, assemble_blocking
from flowengine.deployment.definition import Deployment
from flowengine.engine.engine import run
from flowengine.errors import FlowEngineError, KeyringError, StoreError, UnavailableError
from tests.assembly.deployed import (
    KEYS,
    POSTGRESQL,
    RIDDLE,
    SQLITE,
    Resolve,
    opened,
    set_up,
    with_settings,
)

OTHER_KEYS = "other:" + "B" * 43 + "="
SIGN_INS = "sqlite:///sign-ins.db"
WAIT_S = 10.0
Failing = tuple[Deployment, type[FlowEngineError], str]


def _open_files(folder: Path) -> list[str]:
    """Name the files of a folder that this process has open."""
    found = []
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            target = descriptor.readlink()
        except FileNotFoundError:  # the one that listed them
            continue
        if target.is_relative_to(folder):
            found.append(target.name)
    return sorted(found)


def _without_function(folder: Path) -> Failing:
    deployment = set_up(folder, SQLITE, SIGN_INS, flow=RIDDLE)
    return deployment, UnavailableError, "make_riddle"


def _without_sign_ins(folder: Path) -> Failing:
    deployment = set_up(folder, SQLITE, "sqlite:///missing/sign-ins.db")
    return deployment, StoreError, "cannot be opened"


def _with_other_keys(folder: Path) -> Failing:
    deployment = with_settings(set_up(folder, SQLITE, SIGN_INS), keys=KEYS)
    with opened(deployment):
        pass
    return with_settings(deployment, keys=OTHER_KEYS), KeyringError, "does not hold the key"


def _with_a_table_that_is_gone(folder: Path) -> Failing:

    deployment = set_up(folder, SQLITE, SIGN_INS)
    with opened(deployment):
        pass
    with closing(sqlite3.connect(folder / "users.db")) as database:
        database.execute("DROP TABLE signing_keys")
    return deployment, StoreError, "the signing keys failed"


@pytest.mark.parametrize(
    ("failing", "assembling"),
    [
        (_without_function, assemble),
        (_without_function, assemble_blocking),
        (_without_sign_ins, assemble_blocking),
        (_with_other_keys, assemble),
        (_with_a_table_that_is_gone, assemble_blocking),
    ],
)
def test_no_file_stays_open_when_a_part_is_missing(
    tmp_path: Path, failing: Callable[[Path], Failing], assembling: Callable[[Deployment], object]
) -> None:
    deployment, error, message = failing(tmp_path)
    # The error is kept: its traceback holds whatever was opened and not closed.
    with pytest.raises(error, match=message) as refused:
        assembling(deployment)
    assert refused.tb is not None
    assert _open_files(tmp_path) == []


def test_files_are_open_until_the_deployment_is_closed(tmp_path: Path) -> None:
    with opened(set_up(tmp_path, SQLITE, SIGN_INS)):
        assert {"users.db", "sign-ins.db"} <= set(_open_files(tmp_path))
    assert _open_files(tmp_path) == []


def _connections(url: str) -> int:
    """Count the others' connections to a database."""
    counting = """SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()"""
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(counting).fetchone()
    assert row is not None
    return int(row[0])


def _connections_left(url: str) -> int:
    """Count them once those that have ended are gone, which takes the server a moment."""
    deadline = time.monotonic() + WAIT_S
    while (left := _connections(url)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return left


@pytest.mark.parametrize("assembling", [assemble, assemble_blocking])
def test_no_connection_stays_open_when_a_function_is_missing(
    tmp_path: Path, resolve: Resolve, assembling: Callable[[Deployment], object]
) -> None:
    url = resolve(POSTGRESQL)
    with pytest.raises(UnavailableError, match="make_riddle") as refused:
        assembling(set_up(tmp_path, url, url, flow=RIDDLE))
    assert refused.tb is not None
    assert _connections_left(url) == 0


def test_no_connection_stays_open_when_the_keys_are_others(
    tmp_path: Path, resolve: Resolve
) -> None:
    deployment = set_up(tmp_path, resolve(POSTGRESQL))
    with opened(deployment):
        pass
    # The error is kept: its traceback holds whatever was opened and not closed.
    with pytest.raises(KeyringError) as refused:
        assemble_blocking(with_settings(deployment, keys=OTHER_KEYS))
    assert refused.tb is not None
    assert _connections_left(resolve(POSTGRESQL)) == 0


def test_no_connection_stays_open_after_closing(tmp_path: Path, resolve: Resolve) -> None:
    url = resolve(POSTGRESQL)
    with opened(set_up(tmp_path, url, url)) as engine:
        run(engine.parts.sessions.peek(bytes(16), engine.parts.clock.now()))
        assert _connections(url) > 0
    assert _connections_left(url) == 0


def _cannot_close() -> None:
    raise StoreError("this one cannot be closed")


def test_a_store_that_cannot_be_closed_keeps_no_other_open(tmp_path: Path) -> None:
    assembled = assemble_blocking(set_up(tmp_path, SQLITE, SIGN_INS))
    with pytest.raises(StoreError, match="this one"):
        replace(assembled, _closes=(_cannot_close, *assembled._closes, _cannot_close)).close()
    assert _open_files(tmp_path) == []


def test_the_same_is_so_on_an_event_loop(tmp_path: Path) -> None:
    assembled = assemble(set_up(tmp_path, SQLITE, SIGN_INS))
    failing = replace(assembled, _closes=(_cannot_close, *assembled._closes, _cannot_close))
    with pytest.raises(StoreError, match="this one"):
        asyncio.run(failing.close())
    assert _open_files(tmp_path) == []


def test_nothing_is_opened_when_a_module_of_functions_is_missing(tmp_path: Path) -> None:
    deployment = set_up(tmp_path, SQLITE, SIGN_INS, "functions: no_such_module_anywhere")
    with pytest.raises(UnavailableError):
        assemble_blocking(deployment)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "flowengine.yaml",
        "sign-in.flow.yaml",
    ]
