"""The command ``flowengine``."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from flowengine.cli.commands import flowengine
from flowengine.cli.exits import Exit
from flowengine.cli.terminal import complain, console, print_report, tolerate_narrow_encodings
from flowengine.errors import AuthorError, CallerError, FlowEngineError

DEBUG_VARIABLE = "FLOWENGINE_DEBUG"


def main() -> None:
    """Run the command that the process was started with, and end the process."""
    tolerate_narrow_encodings()
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run a command and give the exit code; no traceback reaches a user."""
    try:
        result = flowengine.main(list(arguments), prog_name="flowengine", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return Exit.USAGE
    except (click.Abort, KeyboardInterrupt):
        complain("stopped")
        return Exit.FINDINGS
    except BrokenPipeError:
        return _reader_left()
    except FlowEngineError as error:
        return _refused(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, no traceback reaches a user
        return _our_fault(error)
    return int(result or Exit.CLEAN)


def _refused(error: FlowEngineError) -> int:
    if isinstance(error, AuthorError) and error.diagnostics:
        print_report(error.diagnostics, console())
        return Exit.FINDINGS
    complain(f"{error.code}: {error}" if isinstance(error, CallerError) else str(error))
    return Exit.FINDINGS


def _reader_left() -> int:
    """End quietly: whoever read our output (``head``) has seen enough."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, sys.stdout.fileno())
    return Exit.CLEAN


def _our_fault(error: Exception) -> int:
    """Say where it happened, not what it said: that may hold anything."""
    if os.environ.get(DEBUG_VARIABLE):
        shown = traceback.TracebackException.from_exception(error, capture_locals=False)
        for line in shown.format():
            click.echo(line, err=True, nl=False)
        return Exit.OURS
    frame = traceback.extract_tb(error.__traceback__)[-1]
    complain(
        f"internal error: {type(error).__name__} in {Path(frame.filename).name}, "
        f"line {frame.lineno}. This is a fault of flowengine, not of your files; "
        f"{DEBUG_VARIABLE}=1 shows where it comes from"
    )
    return Exit.OURS


if __name__ == "__main__":
    main()
