"""``outbox:PATH``: one JSON object a line in a file that only its owner can read."""

from __future__ import annotations

import fcntl
import json
import os
import stat
from pathlib import Path
from typing import Final

from flowengine.delivery.sending import Letter, SendingError, UndeliverableError, rfc3339

_MODE: Final = 0o600
_FLAGS: Final = (
    os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
)
"""Without waiting, since a FIFO that nobody reads would never open."""


class OutboxSender:
    """Appends letters to a file, which is opened for each: it may be moved away at any time.

    Any number of threads and processes may append to one file. Each line is one write under a
    lock; one that the disk had no room for is taken back.
    """

    def __init__(self, path: Path) -> None:
        """Take a path, relative to the working directory; the file is made when it is needed."""
        self._path = path

    def send(self, letter: Letter) -> None:
        """Append one line.

        Raises:
            UndeliverableError: The path is a link, or no ordinary file, or not our own.
            SendingError: The file cannot be opened or written.
        """
        try:
            descriptor = os.open(self._path, _FLAGS, _MODE)
        except (OSError, ValueError):
            raise SendingError("outbox-not-opened") from None
        try:
            _keep_private(descriptor)
            _append(descriptor, _line(letter))
        except OSError:
            raise SendingError("outbox-not-written") from None
        finally:
            os.close(descriptor)


def _keep_private(descriptor: int) -> None:
    kept = os.fstat(descriptor)
    if not stat.S_ISREG(kept.st_mode):
        raise UndeliverableError("outbox-is-no-file")
    if kept.st_mode & 0o077:
        try:
            os.fchmod(descriptor, _MODE)
        except PermissionError:
            raise UndeliverableError("outbox-is-not-private") from None


def _append(descriptor: int, line: bytes) -> None:
    fcntl.flock(descriptor, fcntl.LOCK_EX)  # ends with the descriptor
    size_bytes = os.fstat(descriptor).st_size
    if os.write(descriptor, line) != len(line):
        os.ftruncate(descriptor, size_bytes)
        raise SendingError("outbox-not-written")


def _line(letter: Letter) -> bytes:
    message = letter.message
    line = {
        "time": rfc3339(letter.time),
        "channel": message.channel,
        "to": message.to,
        "username": message.username,
        "code": message.code,
        "purpose": message.purpose,
    }
    return json.dumps(line).encode("ascii") + b"\n"
