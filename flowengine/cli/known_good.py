"""Remembers which flow files are clean, so that they need not be checked again.

What is remembered can only say "clean", and only of the very text, flowengine and Python that
found it so. It is believed where it carries a seal made with a key of this user's alone, which
lies elsewhere, and where nobody else may write: a cache that was copied from somebody, or that
somebody else can change, says nothing. In CI there is none: the check that decides about a merge
reads every file.
"""

from __future__ import annotations

import hmac
import os
import stat
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from flowengine.cli.private_files import (
    NotPrivateError,
    open_folder,
    read_private,
    write_private,
)

_CACHE: Final = ("XDG_CACHE_HOME", ".cache")
_STATE: Final = ("XDG_STATE_HOME", ".local/state")
_KEY_BYTES: Final = 32
_LONGEST_BYTES: Final = 1024 * 1024
"""Of a file; a larger one is not clean."""


class KnownGood:
    """The clean files of one user."""

    def __init__(self, folder: Path, key: bytes, build: bytes) -> None:
        """Take the folder, the key of the seals, and what stands for this very flowengine."""
        self._folder = folder
        self._key = key
        self._build = build

    def has(self, path: str) -> bool:
        """Say whether a file is as it was when it was found clean."""
        with suppress(OSError, NotPrivateError):
            kept = read_private(self._entry(path), _KEY_BYTES)
            with open(path, "rb") as file:  # noqa: PTH123 - this module is loaded for speed
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    return False
                text = file.read(_LONGEST_BYTES + 1)
            return hmac.compare_digest(kept, self._seal(path, sha256(text).digest()))
        return False

    def add(self, path: str, digest: bytes) -> None:
        """Remember that a file is clean, by the SHA-256 of the text that was checked."""
        with suppress(OSError, NotPrivateError):
            write_private(self._entry(path), self._seal(path, digest))

    def _entry(self, path: str) -> Path:
        """Give the one place of a file: whatever becomes of it, it takes no more room."""
        return self._folder / sha256(os.fsencode(os.path.realpath(path))).hexdigest()

    def _seal(self, path: str, digest: bytes) -> bytes:
        place = sha256(os.fsencode(os.path.realpath(path))).digest()
        return hmac.digest(self._key, b"clean" + place + digest + self._build, "sha256")


def open_known_good() -> tuple[KnownGood | None, str | None]:
    """Open this user's cache.

    Returns:
        The cache, or None where there cannot be one; and what is to be said about that, if
        somebody else could have changed it.
    """
    cache, state = _home(_CACHE), _home(_STATE)
    if cache is None or state is None or not hasattr(os, "getuid"):
        return None, None
    try:
        folder = open_folder(cache / "flowengine" / "clean")
        key = _key(open_folder(state / "flowengine") / "clean.key")
    except NotPrivateError as error:
        return None, f"the cache is not used: {error}"
    except OSError:
        return None, None
    return KnownGood(folder, key, _build()), None


def _home(named: tuple[str, str]) -> Path | None:
    """Find a folder of the XDG base directories; a relative one is no such folder."""
    variable, default = named
    given = os.environ.get(variable, "")
    if os.path.isabs(given):  # noqa: PTH117 - it may be empty
        return Path(given)
    try:
        return Path.home() / default
    except RuntimeError:
        return None


def _key(path: Path) -> bytes:
    """Read the key of the seals; the first time, make it."""
    with suppress(FileNotFoundError):
        key = read_private(path, _KEY_BYTES)
        if len(key) == _KEY_BYTES:
            return key
    from flowengine.engine.system import SystemEntropy  # noqa: PLC0415 - slow to import

    key = SystemEntropy().draw(_KEY_BYTES)
    write_private(path, key)
    return key


def _build() -> bytes:
    """Stand for the very code that checks: any change of it, or of what it uses, is another."""
    import sys  # noqa: PLC0415
    import sysconfig  # noqa: PLC0415 - needed here alone

    root = Path(__file__).resolve().parents[1]
    seen = sha256(repr((sys.version, sys.flags.optimize)).encode())
    for folder in (root, root.parent / "grammars"):
        for path in sorted(_files(folder)):
            found = path.stat()
            seen.update(repr((str(path), found.st_size, found.st_mtime_ns)).encode())
    for name in ("purelib", "platlib"):
        with suppress(OSError):
            seen.update(repr(os.stat(sysconfig.get_path(name)).st_mtime_ns).encode())  # noqa: PTH116
    return seen.digest()


def _files(folder: Path) -> list[Path]:
    return [
        Path(here) / name
        for here, _, names in os.walk(folder)
        for name in names
        if name.endswith((".py", ".lark", ".json"))
    ]
