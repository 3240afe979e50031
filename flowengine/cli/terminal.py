"""Prints to standard output and standard error, with colours on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, TextIO

from flowengine.cli.escaping import escaped
from flowengine.cli.report import WIDTH, Piece, report
from flowengine.source import Diagnostic

if TYPE_CHECKING:
    from rich.console import Console


def console(file: TextIO | None = None) -> Console:
    """Make a console that prints text as it is: no markup, no guesses, no wrapping.

    Colours follow the terminal and https://no-color.org.
    """
    return _console_class()(
        file=file or sys.stdout, highlight=False, markup=False, emoji=False, soft_wrap=True
    )


@cache
def _console_class() -> type[Console]:
    from rich.console import Console  # noqa: PLC0415 - slow to import

    class PlainConsole(Console):
        """A console that leaves it to the command's end how a closed pipe is met."""

        def on_broken_pipe(self) -> None:
            """Raise; rich itself would end the process with 1."""
            raise BrokenPipeError

    return PlainConsole


def print_line(pieces: Iterable[Piece], to: Console) -> None:
    """Print one line."""
    from rich.text import Text  # noqa: PLC0415 - slow to import

    to.print(Text.assemble(*((piece.text, piece.style) for piece in pieces)))


def print_report(found: Sequence[Diagnostic], to: Console) -> None:
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
