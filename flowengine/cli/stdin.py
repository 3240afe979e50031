"""Reads standard input, which may be a terminal, a pipe, or closed."""

from __future__ import annotations

import sys

import click


def at_terminal() -> bool:
    """Say whether a person may type there."""
    return sys.stdin is not None and sys.stdin.isatty()


def next_line() -> str:
    """Give the next line, without its end.

    Raises:
        EOFError: There are no more lines.
        UsageError: What comes is no text.
    """
    try:
        line = sys.stdin.readline() if sys.stdin is not None else ""
    except UnicodeDecodeError:
        raise click.UsageError("what comes on standard input is not text in UTF-8") from None
    if not line:
        raise EOFError
    return line.rstrip("\r\n")


def read_bytes(limit: int) -> bytes:
    """Give what comes, up to a limit; nothing where standard input is closed."""
    return sys.stdin.buffer.read(limit) if sys.stdin is not None else b""
