"""The command ``flowengine``."""

from __future__ import annotations

import errno
import gc
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import click
from click.shell_completion import shell_complete

from flowengine.cli.commands import flowengine
from flowengine.cli.exits import Exit
from flowengine.cli.terminal import complain, console, print_report, tolerate_narrow_encodings
from flowengine.errors import AuthorError, CallerError, FlowEngineError

DEBUG_VARIABLE = "FLOWENGINE_DEBUG"

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

_NAME = "flowengine"
_COMPLETE_VARIABLE = "_FLOWENGINE_COMPLETE"


def main() -> None:
    """Run the command that the process was started with, and end the process."""
    tolerate_narrow_encodings()
    code = run(sys.argv[1:])
    gc.freeze()  # the system takes all back at once: no search for what is garbage among it
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run a command and give the exit code; no traceback reaches a user."""
    try:
        return _run(arguments)
    except BrokenPipeError:
        return _reader_left()


def _run(arguments: Sequence[str]) -> int:
    try:
        result = _invoke(arguments)
    except click.ClickException as error:
        error.show()
        return Exit.USAGE
    except (KeyboardInterrupt, EOFError):
        click.echo(err=True)  # after the terminal's own ^C
        complain("stopped")
        return Exit.FINDINGS
    except click.Abort:
        complain("stopped")
        return Exit.FINDINGS
    except BrokenPipeError:
        raise
    except FlowEngineError as error:
        return _refused(error)
    except Exception as error:  # noqa: BLE001 - whatever it is, no traceback reaches a user
        return _failed(error)
    return int(result or Exit.CLEAN)


def _invoke(arguments: Sequence[str]) -> int | None:
    """Do what click's ``main`` does, which would end the process itself on a closed pipe."""
    if instruction := os.environ.get(_COMPLETE_VARIABLE):
        return shell_complete(flowengine, {}, _NAME, _COMPLETE_VARIABLE, instruction)
    try:
        with flowengine.make_context(_NAME, list(arguments)) as context:
            result: int | None = flowengine.invoke(context)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    return result


def _refused(error: FlowEngineError) -> int:
    if isinstance(error, AuthorError) and error.diagnostics:
        print_report(error.diagnostics, console())
        return Exit.FINDINGS
    complain(f"{error.code}: {error}" if isinstance(error, CallerError) else str(error))
    return Exit.FINDINGS


def _reader_left() -> int:
    """End quietly: whoever read our output (``head``) has seen enough."""
    sink = os.open(os.devnull, os.O_WRONLY)
    # Both: what they still hold is written when the interpreter ends, and must not fail again.
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            os.dup2(sink, stream.fileno())
    return Exit.CLEAN


def _failed(error: Exception) -> int:
    """Tell a disk that is full from a fault of ours."""
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        complain(f"cannot write the output: {error.strerror}")
        return Exit.FINDINGS
    return _our_fault(error)


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
