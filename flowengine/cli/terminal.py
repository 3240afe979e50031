"""Prints to standard output and standard error, with colours on a terminal only."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TextIO

import click

from flowengine.cli.escaping import escaped
from flowengine.cli.report import WIDTH, Piece, report
from flowengine.source import Diagnostic

if TYPE_CHECKING:
    from rich.console import Console

_COLOURLESS: Final = frozenset({"", "dumb", "unknown"})


@dataclass(frozen=True, slots=True)
class Output:
    """Where lines are printed.

    Attributes:
        width: How many cells a line has, on a terminal.
        coloured: Whether styles are shown. Colours follow the terminal, https://no-color.org
            and https://force-color.org.
    """

    file: TextIO | None
    is_terminal: bool
    width: int
    coloured: bool


def console(file: TextIO | None = None) -> Output:
    """Look at where we print: standard output unless said."""
    to = file or sys.stdout
    terminal = bool(os.environ.get("FORCE_COLOR")) or (to is not None and to.isatty())
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM", "").lower() in _COLOURLESS
    width = shutil.get_terminal_size().columns
    return Output(to, terminal, width, terminal and not plain)


def rich_console(file: TextIO) -> Console:
    """Make rich's console, for what rich draws: a page, a bar."""
    from rich.console import Console  # noqa: PLC0415 - slow to import

    class PlainConsole(Console):
        """A console that leaves it to the command's end how a closed pipe is met."""

        def on_broken_pipe(self) -> None:
            """Raise; rich itself would end the process with 1."""
            raise BrokenPipeError

    return PlainConsole(file=file, highlight=False, markup=False, emoji=False, soft_wrap=True)


@cache
def _look(style: str) -> dict[str, Any]:
    """Turn a style, such as ``bold red``, into what click takes."""
    words = style.split()
    flags = {word: True for word in words if word in ("bold", "dim")}
    return {**flags, "fg": next((word for word in words if word not in flags), None)}


def print_line(pieces: Iterable[Piece], to: Output) -> None:
    """Print one line as it is: no markup, no guesses, no wrapping."""
    shown = "".join(click.style(piece.text, **_look(piece.style)) for piece in pieces)
    click.echo(shown, file=to.file, color=to.coloured)


def print_report(found: Sequence[Diagnostic], to: Output) -> None:
    """Print findings, those left out that an author accepted."""
    width = to.width if to.is_terminal else WIDTH
    for line in report((each for each in found if each.suppression is None), width):
        print_line(line, to)


def complain(message: str) -> None:
    """Say on standard error why the command ends."""
    to = console(sys.stderr)
    print_line([Piece("flowengine: ", "bold red"), Piece(escaped(message))], to)


def tolerate_narrow_encodings() -> None:
    """Let an output that cannot show a character show its escape, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
