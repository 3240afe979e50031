"""Where a deployment's keys come from."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final, assert_never

from flowengine.crypto.entropy import Entropy
from flowengine.crypto.keyring import Keyring
from flowengine.crypto.sealing import derive
from flowengine.deployment.definition import DeploymentDefinition
from flowengine.errors import KeyringError, UnavailableError
from flowengine.stores.urls import MemoryPlace, Place, PostgresqlPlace, SqlitePlace

FOLDER: Final = ".flowengine"
FILE: Final = "keys"

_SHOWN: Final = f"{FOLDER}/{FILE} beside the database"
"""Its place in messages: the folder may come from the environment, whose values none shows."""

_DECOYS: Final = b"flowengine decoys 1"


def keyring_of(definition: DeploymentDefinition, directory: Place, entropy: Entropy) -> Keyring:
    """Give the deployment's keyring; made and kept beside the database where none is written.

    Raises:
        KeyringError: The kept one cannot be read or written.
        UnavailableError: The directory is one that keys must be written for.
    """
    if definition.keys is not None:
        return Keyring.parse(definition.keys.text)
    match directory:
        case MemoryPlace():
            return Keyring.generate(entropy)
        case SqlitePlace(path):
            return _kept(path.parent / FOLDER / FILE, path, entropy)
        case PostgresqlPlace():
            raise UnavailableError("a directory in PostgreSQL needs keys in the deployment")
        case _:
            assert_never(directory)


def decoy_secret(keyring: Keyring) -> bytes:
    """Derive what decoys are made from.

    From the oldest key, so that putting a new one in front changes no decoy; only dropping the
    oldest does.
    """
    return derive(keyring.keys[-1].secret, _DECOYS)


def _kept(file: Path, database: Path, entropy: Entropy) -> Keyring:
    # The database is asked for first: another process makes it after the keys.
    try:
        database_exists, file_exists = database.exists(), file.exists()
    except OSError:  # a folder that may not be entered, a name that is too long
        raise KeyringError("the folder of the database cannot be read") from None
    if file_exists:
        return _read(file)
    if database_exists:
        raise KeyringError(f"{_SHOWN} is gone, and the database was encrypted under its keys")
    return _make(file, entropy)


def _make(file: Path, entropy: Entropy) -> Keyring:
    """Make the file, whole and readable to its owner alone; of several processes one wins."""
    made = Keyring.generate(entropy)
    draft = file.with_name(f"{file.name}.{entropy(8).hex()}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(draft, made.to_text() + "\n")
        file.hardlink_to(draft)
    except FileExistsError:
        return _read(file)
    except OSError:
        raise KeyringError(f"{_SHOWN} cannot be made") from None
    finally:
        with suppress(OSError):
            draft.unlink()
    return made


def _write(draft: Path, text: str) -> None:
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())


def _read(file: Path) -> Keyring:
    try:
        text = file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        raise KeyringError(f"{_SHOWN} cannot be read") from None
    return Keyring.parse(text.strip())
