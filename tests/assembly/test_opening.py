"""Opening what a deployment names: its stores, where they lie, and what it is told of itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from flowengine.assembly.adapters import place_of_sign_ins, place_of_users
from flowengine.assembly.assembling import assemble, assemble_blocking
from flowengine.deployment.definition import Listen
from flowengine.engine.replies import SuccessReply
from flowengine.errors import FlowEngineError, StoreError, UnavailableError
from flowengine.stores.urls import MemoryPlace, PostgresqlPlace, SqlitePlace
from flowengine.testing.fakes import FixedClock
from tests.assembly.deployed import (
    CLIENT,
    KEYS,
    MEMORY,
    NOW,
    POOL,
    POSTGRESQL,
    SQLITE,
    Resolve,
    add_user,
    opened,
    set_up,
    sign_in,
    sign_up,
    with_code,
    with_password,
    with_settings,
)


@pytest.mark.parametrize(
    ("directory", "sessions"),
    [(MEMORY, MEMORY), (SQLITE, SQLITE), (POSTGRESQL, POSTGRESQL)],
)
def test_a_user_signs_in_wherever_things_are_kept(
    tmp_path: Path, resolve: Resolve, directory: str, sessions: str
) -> None:
    with opened(set_up(tmp_path, resolve(directory), resolve(sessions))) as engine:
        sign_up(engine)
        tokens = sign_in(engine).authentication_result
    assert tokens is not None


@pytest.mark.parametrize(
    ("directory", "sessions"),
    [(MEMORY, POSTGRESQL), (SQLITE, SQLITE), (POSTGRESQL, POSTGRESQL)],
)
def test_a_user_signs_in_on_an_event_loop_wherever_things_are_kept(
    tmp_path: Path, resolve: Resolve, directory: str, sessions: str
) -> None:
    deployment = set_up(tmp_path, resolve(directory), resolve(sessions))

    async def once() -> bool:
        assembled = assemble(deployment, clock=FixedClock(NOW))
        try:
            await add_user(assembled.engine.parts)
            reply = await assembled.engine.initiate(with_password())
            return isinstance(await assembled.engine.respond(with_code(reply)), SuccessReply)
        finally:
            await assembled.close()

    assert asyncio.run(once())


@pytest.mark.parametrize("kind", [SQLITE, POSTGRESQL])
def test_a_deployment_is_closed_before_anything_was_asked_of_it(
    tmp_path: Path, resolve: Resolve, kind: str
) -> None:
    url = resolve(kind)
    deployment = set_up(tmp_path, url, url)
    for _ in range(2):
        assemble_blocking(deployment).close()
        asyncio.run(assemble(deployment).close())


def test_two_openings_at_once_see_the_same_users(tmp_path: Path) -> None:
    deployment = set_up(tmp_path, SQLITE, SQLITE)
    with opened(deployment) as one, opened(deployment) as other:
        sign_up(one)
        sign_in(other)


def test_a_file_lies_beside_the_deployment_whatever_folder_one_works_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere, folder = tmp_path / "elsewhere", tmp_path / "deployed"
    elsewhere.mkdir()
    folder.mkdir()
    monkeypatch.chdir(elsewhere)
    with opened(set_up(folder, SQLITE, "sqlite:///sign-ins.db")):
        pass
    assert {path.name for path in folder.glob("*.db")} == {"users.db", "sign-ins.db"}
    assert list(elsewhere.iterdir()) == []


def test_a_file_lies_where_an_absolute_name_says(tmp_path: Path) -> None:
    folder, kept = tmp_path / "deployed", tmp_path / "kept.db"
    folder.mkdir()
    with opened(set_up(folder, f"sqlite:///{kept}", f"sqlite:///{kept}")):
        pass
    assert kept.exists()
    assert list(folder.glob("*.db")) == []


def test_files_are_readable_to_their_owner_alone(tmp_path: Path) -> None:
    with opened(set_up(tmp_path, SQLITE, "sqlite:///sign-ins.db")):
        modes = {path.stat().st_mode & 0o777 for path in tmp_path.glob("*.db")}
    assert modes == {0o600}


@pytest.mark.parametrize(
    ("url", "place"),
    [
        (MEMORY, MemoryPlace()),
        ("sqlite:///users.db", SqlitePlace(Path("deployed/users.db"))),
        ("sqlite:///data/users.db", SqlitePlace(Path("deployed/data/users.db"))),
        ("sqlite:////var/users.db", SqlitePlace(Path("/var/users.db"))),
        ("postgresql://h/d", PostgresqlPlace("postgresql://h/d")),
        ("postgres://h/d", PostgresqlPlace("postgresql://h/d")),
    ],
)
def test_only_the_name_of_a_file_depends_on_the_folder(url: str, place: object) -> None:
    folder = Path("deployed")
    assert place_of_users(url, folder) == place_of_sign_ins(url, folder) == place


NO_STORE = {
    "a folder that is not there": "sqlite:///missing/users.db",
    "a file where a folder should be": "sqlite:///sign-in.flow.yaml/users.db",
    "a folder where a file should be": "sqlite:///folder",
    "a file that is no database": "sqlite:///sign-in.flow.yaml",
    "a name that is too long": f"sqlite:///{'hunter2' * 50}",
    "a name that no file can have": "sqlite:///hunter2\0",
    "links that lead to each other": "sqlite:///loop",
    "a server that is not there": "postgresql://u:hunter2@127.0.0.1:1/d",
    "a port that is none": "postgresql://u:hunter2@127.0.0.1:port/d",
    "an option that is none": "postgresql://u:hunter2@127.0.0.1:1/d?hunter2=1",
    "a cut escape": "postgresql://u:hunter2%2@127.0.0.1:1/d",
    "a NUL in a URL": "postgresql://u:hunter2@127.0.0.1:1/d\0",
}


@pytest.mark.parametrize(
    ("what", "setting"),
    [
        *((what, "directory") for what in NO_STORE),
        ("a folder that is not there", "sessions"),
        ("a file that is no database", "sessions"),
        ("a name that is too long", "sessions"),
        ("a server that is not there", "sessions"),
    ],
)
def test_a_store_that_cannot_be_opened_is_refused_without_repeating_where_it_is(
    tmp_path: Path, what: str, setting: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    written = with_settings(set_up(tmp_path), keys=KEYS, **{setting: NO_STORE[what]})
    with pytest.raises(StoreError) as refused:
        assemble_blocking(written)
    _check_says_nothing(refused.value, tmp_path)
    assert not (tmp_path / "missing").exists()


def _check_says_nothing(error: FlowEngineError, folder: Path) -> None:
    assert "hunter2" not in f"{error}{error!r}"
    assert str(folder) not in f"{error}{error!r}"
    assert error.__cause__ is None  # and no traceback shows what a driver said
    assert error.__suppress_context__


@pytest.mark.parametrize("setting", ["directory", "sessions"])
@pytest.mark.parametrize(
    "url",
    [
        "",
        "hunter2",
        "memory:hunter2",
        "sqlite:hunter2",
        "sqlite:///hunter2.db?mode=ro",
        "redis://:hunter2@h:port",
        "redis:hunter2",
        "mysql://u:hunter2@h/d",
        "postgresql:hunter2",
    ],
)
def test_a_place_of_a_form_that_is_none_is_refused_without_repeating_it(
    tmp_path: Path, url: str, setting: str
) -> None:
    deployment = set_up(tmp_path, SQLITE, SQLITE)
    with pytest.raises(UnavailableError) as refused:
        assemble_blocking(with_settings(deployment, **{setting: url}))
    assert "hunter2" not in f"{refused.value}{refused.value!r}"
    assert list(tmp_path.glob("*.db")) == []  # the other one was not made either


def test_tokens_name_the_address_that_is_listened_at(tmp_path: Path) -> None:
    with opened(set_up(tmp_path, more="listen: '[::1]:8123'")) as engine:
        assert engine.parts.pools[POOL].issuer == f"http://[::1]:8123/{POOL}"


def test_tokens_name_the_endpoint_where_there_is_one(tmp_path: Path) -> None:
    deployment = set_up(tmp_path, more="endpoint: https://login.example/")
    with opened(deployment) as engine:
        assert engine.parts.pools[POOL].issuer == f"https://login.example/{POOL}"


def test_what_a_server_asks_of_a_deployment_is_handed_on(tmp_path: Path) -> None:
    more = """admin: {keys: [{id: one, secret: '0123456789abcdef'}]}
proxies: [10.0.0.0/8]
listen: 127.0.0.1:8123
"""
    assembled = assemble(set_up(tmp_path, more=more))
    asyncio.run(assembled.close())
    assert assembled.admin == {"one": "0123456789abcdef"}
    assert assembled.proxies == ("10.0.0.0/8",)
    assert assembled.listen == Listen("127.0.0.1", 8123)
    assert assembled.engine.parts.clients.keys() == {CLIENT}
