"""Where a deployment's keys come from, and what becomes of it when they are gone."""

from __future__ import annotations

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from flowengine.assembly.assembling import assemble_blocking
from flowengine.assembly.keyrings import decoy_secret, keyring_of
from flowengine.crypto.keyring import Keyring
from flowengine.engine.system import SystemEntropy
from flowengine.errors import KeyringError, UnavailableError
from flowengine.stores.urls import MemoryPlace, PostgresqlPlace, SqlitePlace
from tests import planted
from tests.assembly.deployed import (
    KEYS,
    MEMORY,
    POSTGRESQL,
    SQLITE,
    Resolve,
    opened,
    set_up,
    sign_in,
    sign_up,
    with_settings,
)

NEW = "new:" + "C" * 43 + "="
PROCESSES = 8
draw = SystemEntropy().draw


def _keys(folder: Path) -> Path:
    return folder / ".flowengine" / "keys"


def test_keys_are_made_beside_the_database_for_their_owner_alone(tmp_path: Path) -> None:
    with opened(set_up(tmp_path, SQLITE)):
        pass
    assert Keyring.parse(_keys(tmp_path).read_text().strip()).keys
    assert _keys(tmp_path).stat().st_mode & 0o777 == 0o600
    assert _keys(tmp_path).parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in _keys(tmp_path).parent.iterdir()] == ["keys"]


def test_keys_that_were_made_are_kept(tmp_path: Path) -> None:
    deployment = set_up(tmp_path, SQLITE)
    with opened(deployment) as engine:
        sign_up(engine)
    made = _keys(tmp_path).read_bytes()
    with opened(deployment) as engine:
        sign_in(engine)
    assert _keys(tmp_path).read_bytes() == made


def test_keys_lie_beside_the_users_and_not_beside_the_sign_ins(tmp_path: Path) -> None:
    for name in ("users", "sign-ins"):
        (tmp_path / name).mkdir()
    with opened(set_up(tmp_path, "sqlite:///users/a.db", "sqlite:///sign-ins/b.db")):
        pass
    assert _keys(tmp_path / "users").exists()
    assert not _keys(tmp_path / "sign-ins").parent.exists()


@pytest.mark.parametrize(("directory", "keys"), [(SQLITE, KEYS), (MEMORY, None)])
def test_no_keys_are_kept_where_they_are_written_or_end_with_the_process(
    tmp_path: Path, directory: str, keys: str | None
) -> None:
    with opened(with_settings(set_up(tmp_path, directory, SQLITE), keys=keys)):
        pass
    assert not _keys(tmp_path).parent.exists()


def test_users_are_lost_and_nobody_signs_in_when_the_keys_are_gone(tmp_path: Path) -> None:
    deployment = set_up(tmp_path, SQLITE)
    with opened(deployment):
        pass
    _keys(tmp_path).unlink()
    with pytest.raises(KeyringError, match="is gone, and the database was encrypted"):
        assemble_blocking(deployment)
    assert not _keys(tmp_path).exists()


def _text(text: str) -> Callable[[Path], object]:
    return lambda file: file.write_text(text)


HALF = base64.b64encode(planted.KEY[:16]).decode()
SPOILT: dict[str, Callable[[Path], object]] = {
    "empty": _text(""),
    "no keyring": _text(planted.PASSWORD),
    "without an id": _text(base64.b64encode(planted.KEY).decode()),
    "cut": _text(f"only:{HALF}"),
    "twice the same id": _text(f"{KEYS},{KEYS}"),
    "of several lines": _text(f"{KEYS}\n{planted.PASSWORD}\n"),
    "not ASCII": lambda file: file.write_bytes(b"\xff" + planted.KEY),
    "a folder": lambda file: file.mkdir(),
}


@pytest.mark.parametrize("what", SPOILT)
def test_a_spoilt_file_of_keys_is_refused_without_showing_it(tmp_path: Path, what: str) -> None:
    _keys(tmp_path).parent.mkdir()
    SPOILT[what](_keys(tmp_path))
    with pytest.raises(KeyringError) as refused:
        assemble_blocking(set_up(tmp_path, SQLITE))
    told = f"{refused.value}{refused.value!r}"
    assert str(tmp_path) not in told
    assert planted.MARK not in told
    assert HALF not in told
    assert not (tmp_path / "users.db").exists()


def test_a_file_where_the_folder_of_the_keys_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".flowengine").write_text("")
    with pytest.raises(KeyringError) as refused:
        assemble_blocking(set_up(tmp_path, SQLITE))
    assert str(tmp_path) not in str(refused.value)


def test_a_link_to_nothing_is_not_followed_to_make_keys(tmp_path: Path) -> None:
    _keys(tmp_path).parent.mkdir()
    _keys(tmp_path).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyringError):
        assemble_blocking(set_up(tmp_path, SQLITE))
    assert not (tmp_path / "elsewhere").exists()


def test_keys_end_with_the_lines_that_an_editor_adds(tmp_path: Path) -> None:
    _keys(tmp_path).parent.mkdir()
    _keys(tmp_path).write_text(f"  {KEYS} \n\n")
    definition = set_up(tmp_path, SQLITE).definition
    place = SqlitePlace(tmp_path / "users.db")
    assert keyring_of(definition, place, draw) == Keyring.parse(KEYS)


def test_processes_that_start_at_once_have_the_same_keys(tmp_path: Path) -> None:
    definition = set_up(tmp_path, SQLITE).definition
    place, together = SqlitePlace(tmp_path / "users.db"), Barrier(PROCESSES)

    def start() -> Keyring:
        together.wait()
        return keyring_of(definition, place, draw)

    with ThreadPoolExecutor(PROCESSES) as threads:
        rings = [one.result() for one in [threads.submit(start) for _ in range(PROCESSES)]]
    assert rings == [rings[0]] * PROCESSES
    assert [path.name for path in _keys(tmp_path).parent.iterdir()] == ["keys"]


def test_keys_in_memory_are_new_each_time(tmp_path: Path) -> None:
    definition = set_up(tmp_path).definition
    rings = [keyring_of(definition, MemoryPlace(), draw) for _ in range(2)]
    assert rings[0] != rings[1]


def test_users_in_postgresql_need_keys_that_are_written(tmp_path: Path) -> None:
    definition = set_up(tmp_path).definition
    with pytest.raises(UnavailableError, match="needs keys in the deployment"):
        keyring_of(definition, PostgresqlPlace("postgresql://h/d"), draw)


@pytest.mark.parametrize("directory", [SQLITE, POSTGRESQL])
def test_a_new_key_in_front_changes_nothing_for_users_nor_for_decoys(
    tmp_path: Path, resolve: Resolve, directory: str
) -> None:
    deployment = set_up(tmp_path, resolve(directory))
    with opened(with_settings(deployment, keys=KEYS)) as engine:
        sign_up(engine)
        before = engine.parts.decoy_secret
    with opened(with_settings(deployment, keys=f"{NEW},{KEYS}")) as engine:
        sign_in(engine)
        assert engine.parts.decoy_secret == before


def test_decoys_follow_from_the_oldest_key_and_do_not_show_it() -> None:
    oldest = Keyring.parse(KEYS)
    assert decoy_secret(oldest) != decoy_secret(Keyring.parse(NEW))
    assert decoy_secret(oldest) == decoy_secret(Keyring.parse(f"{NEW},{KEYS}"))
    assert decoy_secret(oldest) != oldest.keys[0].secret
    assert len(decoy_secret(oldest)) >= 32


@pytest.mark.parametrize("keys", [NEW, f"{NEW},other:{KEYS.removeprefix('only:')}"])
def test_other_keys_open_no_database(tmp_path: Path, keys: str) -> None:
    deployment = set_up(tmp_path, SQLITE)
    with opened(with_settings(deployment, keys=KEYS)):
        pass
    with pytest.raises(KeyringError):
        assemble_blocking(with_settings(deployment, keys=keys))


@pytest.mark.parametrize("keys", ["", planted.PASSWORD, f"only:{HALF}", f"{KEYS},"])
def test_written_keys_that_are_none_are_refused_without_repeating_them(
    tmp_path: Path, keys: str
) -> None:
    with pytest.raises(KeyringError) as refused:
        assemble_blocking(with_settings(set_up(tmp_path), keys=keys))
    assert HALF not in str(refused.value)
    assert planted.MARK not in f"{refused.value}{refused.value!r}"
