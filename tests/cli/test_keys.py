"""``flowengine keys``: what it prints encrypts a deployment's credentials."""

from __future__ import annotations

import pytest

from flowengine.crypto.keyring import Keyring
from tests.cli.commanding import Here
from tests.planted import PASSWORD


def test_one_line_is_printed_that_a_keyring_is_made_of(here: Here) -> None:
    assert here("keys") == 0
    assert here.err == ""
    assert here.out.count("\n") == 1
    assert len(Keyring.parse(here.out.strip()).keys) == 1


def test_each_time_it_is_another_key_under_another_name(here: Here) -> None:
    made = [_made(here) for _ in range(8)]
    keys = Keyring.parse(",".join(made)).keys
    assert len({key.secret for key in keys}) == len({key.id for key in keys}) == len(made)


def _made(here: Here) -> str:
    assert here("keys") == 0
    return here.out.strip()


@pytest.fixture
def keyed(here: Here, monkeypatch: pytest.MonkeyPatch) -> str:
    """Deploy with keys from the environment, add a user, and give the keys."""
    made = _made(here)
    monkeypatch.setenv("FLOWENGINE_KEYS", made)
    here.deploy(keys="${FLOWENGINE_KEYS}")
    assert here("users", "add", "alice", given=PASSWORD) == 0
    assert here("users", "totp", "alice") == 0
    return made


@pytest.mark.usefixtures("keyed")
def test_with_keys_in_the_environment_none_are_left_beside_the_database(here: Here) -> None:
    assert (here.folder / "flowengine.db").is_file()
    assert not (here.folder / ".flowengine").exists()


def test_a_new_key_in_front_of_the_old_one_still_opens_what_it_sealed(
    here: Here, keyed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWENGINE_KEYS", f"{_made(here)},{keyed}")
    assert here("users", "show", "alice") == 0
    assert "SOFTWARE_TOKEN_MFA" in here.out


def test_another_key_alone_opens_nothing_and_says_so_without_the_key(
    here: Here, keyed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = _made(here)
    monkeypatch.setenv("FLOWENGINE_KEYS", other)
    assert here("users", "show", "alice") == 1
    assert here.out == ""
    assert here.err.startswith("flowengine: flowengine.yaml: ")
    for key in (keyed, other):
        assert key.partition(":")[2] not in here.err


def test_keys_takes_nothing(here: Here) -> None:
    assert here("keys", "two") == 2
    assert "unexpected extra argument (two)" in here.err
    assert here("keys", "--count", "2") == 2
    assert "No such option" in here.err
    assert here.out == ""
