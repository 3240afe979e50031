"""Prints what scenarios covered: a table for people, JSON, and drawings."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from flowengine.cli.escaping import escaped
from flowengine.cli.report import Piece
from flowengine.flow.machine import Row
from flowengine.testing.scenarios import Count, FlowCoverage

_HEADINGS = ("nodes", "edges", "guard outcomes")
_COLUMN = 18
_FULL = 100.0


def coverage_lines(covered: Sequence[FlowCoverage]) -> Iterator[list[Piece]]:
    """Give a table with a line for each flow, and what was missed below it."""
    first = max([len(escaped(each.program.name)) for each in covered] + [len("coverage")]) + 2
    headings = "".join(name.ljust(_COLUMN) for name in _HEADINGS)
    yield [Piece("coverage".ljust(first), "bold"), Piece(headings.rstrip(), "dim")]
    for each in covered:
        counts = [_figure(each.counts[name]) for name in _HEADINGS]
        counts[-1] = Piece(counts[-1].text.rstrip(), counts[-1].style)
        yield [Piece(escaped(each.program.name).ljust(first)), *counts]
        yield from ([Piece(f"  {line}", "yellow")] for line in _missed(each))
    total = _figure(total_of(covered))
    yield [Piece("total".ljust(first), "bold"), Piece(total.text.rstrip(), total.style)]


def total_of(covered: Sequence[FlowCoverage]) -> Count:
    """Add up nodes, edges and guard outcomes of all flows."""
    return sum((each.total for each in covered), Count(0, 0))


def coverage_json(covered: Sequence[FlowCoverage]) -> str:
    """Give the figures and what was missed as JSON."""
    total = total_of(covered)
    plain = {
        "flows": [each.to_plain() for each in covered],
        "total": {"covered": total.covered, "total": total.total},
    }
    return json.dumps(plain, indent=2, ensure_ascii=False)


def coverage_mermaid(covered: Sequence[FlowCoverage]) -> str:
    """Draw each flow with what was missed marked; several are blocks of one Markdown text."""
    if len(covered) == 1:
        return covered[0].mermaid().rstrip("\n")
    blocks = (f"## {each.program.name}\n\n```mermaid\n{each.mermaid()}```" for each in covered)
    return "\n\n".join(blocks)


def _figure(count: Count) -> Piece:
    if count.total == 0:
        return Piece("none".ljust(_COLUMN), "dim")
    # Rounded down: only what is whole is called so.
    text = f"{count.covered}/{count.total} {int(count.percent)} %"
    return Piece(text.ljust(_COLUMN), "green" if count.percent == _FULL else "yellow")


def _missed(each: FlowCoverage) -> Iterator[str]:
    if not each.is_played:
        yield "no scenario comes to this flow"
        return
    for name in each.missed_nodes:
        yield f"never came to {escaped(name)}"
    for row in each.missed_edges:
        yield f"never took {_edge(row)}"
    for row, outcome in each.missed_guards:
        yield f"never {outcome.value}: {escaped(row.text or '')}, at {escaped(row.source)}"
    for row in each.failed_guards:
        yield f"had no value: {escaped(row.text or '')}, at {escaped(row.source)}"


def _edge(row: Row) -> str:
    outcome = "" if row.outcome == "decide" else f" ({row.outcome})"
    return escaped(f"{row.source}{outcome} -> {row.target}")
