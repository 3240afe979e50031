"""Small files that this user alone can change, in a folder that this user alone can change."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class NotPrivateError(Exception):
    """Somebody else could have changed it."""


def open_folder(path: Path) -> Path:
    """Give a folder, made where it is not there, for this user alone.

    Raises:
        NotPrivateError: It is somebody else's, or others may write in it.
        OSError: It cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise NotPrivateError(f"{path} is no folder")
    if found.st_uid != os.geteuid():
        raise NotPrivateError(f"{path} belongs to another user")
    if found.st_mode & _OTHERS_WRITE:
        raise NotPrivateError(f"other users may write in {path}")
    return path


def read_private(path: Path, limit: int) -> bytes:
    """Read a file that nobody else could have written; a link is not followed.

    Raises:
        NotPrivateError: It is somebody else's, or others may read or write it.
        OSError: It cannot be read.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        ours = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid()
        if not ours or found.st_mode & _OTHERS:
            raise NotPrivateError(f"{path} is not this user's alone")
        return file.read(limit)


def write_private(path: Path, content: bytes) -> None:
    """Write a file in one step, so that no reader meets half of it.

    Raises:
        OSError: It cannot be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(beside, flags, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
