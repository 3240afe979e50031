"""Text for people: the place, the line, a caret under it, a hint."""

from __future__ import annotations

from flowengine.cli.checked import Checked
from flowengine.cli.escaping import escaped, shown_path
from flowengine.cli.report import Piece, summary
from flowengine.cli.terminal import console, print_line, print_report


def write(checked: Checked) -> None:
    """Print the findings that nobody accepted, what proofs rest on, and how many there are."""
    to = console()
    print_report(checked.open, to)
    for name, line in checked.proofs:
        print_line([Piece(f"{shown_path(name)}: ", "bold"), Piece(escaped(line))], to)
    text = summary(checked.open, checked.flows, checked.deployments)
    if aside := _aside(checked):
        text += f" ({aside})"
    print_line([Piece(text, "bold red" if checked.failed else "bold green")], to)


def _aside(checked: Checked) -> str:
    """Tell what the count leaves out."""
    parts = (
        (checked.fixed, "fixed"),
        (sum(each.fix is not None for each in checked.open), "fixable with --fix"),
        (checked.suppressed, "accepted"),
        (checked.known_good, "known good"),
        (checked.written, f"written as {'a scenario' if checked.written == 1 else 'scenarios'}"),
    )
    return ", ".join(f"{number} {what}" for number, what in parts if number)
