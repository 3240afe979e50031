"""The work of ``flowengine graph``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from flowengine.cli.drawing import drawn
from flowengine.cli.escaping import escaped, shown_path
from flowengine.cli.exits import Exit
from flowengine.cli.programs import load_program
from flowengine.cli.terminal import complain
from flowengine.flow.dot import dot
from flowengine.flow.mermaid import mermaid
from flowengine.flow.picture import NoSuchWayError
from flowengine.flow.program import FlowProgram

_BY_SUFFIX: Final = {
    ".mmd": "mermaid", ".mermaid": "mermaid", ".dot": "dot", ".gv": "dot", ".svg": "svg",
    ".png": "png",
}  # fmt: skip


def print_graph(file: str, form: str | None, path: Sequence[str] | None, output: str | None) -> int:
    """Draw a flow that compiles, whether or not its rules hold.

    Args:
        form: Or None for that of the output's name, else Mermaid.
        path: Names of nodes to be marked; None for those of the first counter-example.
        output: A file to write; else it is printed.

    Raises:
        UsageError: There is no such path or format, or the file cannot be written.
        UnavailableError: It cannot be drawn in that format here.
    """
    chosen = form or _form_of(output)
    if chosen == "png" and output is None and sys.stdout is not None and sys.stdout.isatty():
        raise click.UsageError("PNG is nothing for a terminal: name a file with --output")
    program = load_program(file)
    if program is None:
        return Exit.FINDINGS
    if path is None:
        path = _refuted(program)
    try:
        picture = _draw(program, chosen, path)
    except NoSuchWayError as error:
        raise click.UsageError(str(error)) from None
    if output is None:
        click.echo(picture, nl=False)
    else:
        _write(Path(output), picture)
    return Exit.CLEAN


def _refuted(program: FlowProgram) -> Sequence[str]:
    """Give the way of the first counter-example; where there is none, say so and give none."""
    from flowengine.analysis.proof.verdict import Refuted, Unproven  # noqa: PLC0415 - slow to import
    from flowengine.cli.counterexamples import promises_of  # noqa: PLC0415 - the same

    unproven = 0
    for promise in promises_of(program):
        if isinstance(promise.verdict, Refuted):
            example = promise.verdict.by
            return (example.start, *(step.target for step in example.steps))
        unproven += isinstance(promise.verdict, Unproven)
    left = f"{unproven} of its promises cannot be proved" if unproven else "it keeps its promises"
    complain(f"no way is marked, as nothing refutes the flow: {left}")
    return ()


def _form_of(output: str | None) -> str:
    if output is None:
        return "mermaid"
    form = _BY_SUFFIX.get(Path(output).suffix.lower())
    if form is None:
        known = ", ".join(_BY_SUFFIX)
        raise click.UsageError(f"say which --format: the output's name has none of {known}")
    return form


def _draw(program: FlowProgram, form: str, path: Sequence[str]) -> bytes:
    if form == "mermaid":
        return _safe(mermaid(program, path))
    text = dot(program, path)
    return _safe(text) if form == "dot" else drawn(text, form)


def _safe(text: str) -> bytes:
    lines = text.removesuffix("\n").split("\n")
    return "".join(f"{escaped(line)}\n" for line in lines).encode("utf-8")


def _write(path: Path, picture: bytes) -> None:
    name = shown_path(path)
    try:
        path.write_bytes(picture)
    except OSError as error:
        raise click.UsageError(f"cannot write {name}: {error.strerror}") from None
    click.echo(f"wrote {name}")
