"""Shows how far a long check is, to a person who waits at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Final

from flowengine.cli.terminal import rich_console

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE_S: Final = 1.0
"""Whoever waits no longer than this is shown nothing."""
_EVERY_S: Final = 0.1


class Bar:
    """A bar on standard error, drawn by whoever moves it: it has no thread."""

    def __init__(self, total: int) -> None:
        """Begin to wait; nothing is drawn yet."""
        self._total = total
        self._done = 0
        self._next = monotonic() + PATIENCE_S
        self._shown: Progress | None = None

    def advance(self) -> None:
        """Count one more file, and draw if it is time to."""
        self._done += 1
        now = monotonic()
        if now < self._next:
            return
        self._next = now + _EVERY_S
        if self._shown is None:
            self._shown = _begin(self._total)
        self._shown.update(self._shown.task_ids[0], completed=self._done, refresh=True)

    def end(self) -> None:
        """Take the bar away."""
        if self._shown is not None:
            self._shown.stop()


class NoBar(Bar):
    """What is shown where nobody watches."""

    def advance(self) -> None:
        """Show nothing."""


@contextmanager
def bar(total: int) -> Iterator[Bar]:
    """Show a bar on a terminal while files are checked."""
    watched = sys.stderr is not None and sys.stderr.isatty()
    shown = Bar(total) if watched else NoBar(total)
    try:
        yield shown
    finally:
        shown.end()


def _begin(total: int) -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress  # noqa: PLC0415 - slow

    shown = Progress(
        "checking",
        BarColumn(),
        MofNCompleteColumn(),
        console=rich_console(sys.stderr),
        auto_refresh=False,
        transient=True,
    )
    shown.add_task("", total=total)
    shown.start()
    return shown
