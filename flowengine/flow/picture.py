"""What a drawing of a flow shows, whatever draws it: boxes, arrows, and a path among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Final

from flowengine.flow.machine import RETURNED, Row
from flowengine.flow.program import (
    CallNode,
    ChallengeNode,
    ChooseNode,
    EndNode,
    FlowProgram,
    NodeProgram,
)
from flowengine.flow.reachability import DECISIONS, reachable
from flowengine.flow.targets import AGAIN, BUILTIN_TARGETS

ELSE = "else"
"""Stands on the arrow that is taken where no guard of its neighbours is true."""


class Shape(StrEnum):
    """What a box is."""

    CHALLENGE = "challenge"
    DECISION = "decision"
    PASSAGE = "passage"
    CALL = "call"
    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Marks:
    """What a drawing shows apart from the rest: what tests did not come to."""

    nodes: frozenset[str] = frozenset()
    edges: tuple[Row, ...] = ()


NO_MARKS: Final = Marks()


@dataclass(frozen=True, slots=True)
class Box:
    """A node.

    Attributes:
        detail: What it asks, decides or calls; empty for a target that nobody wrote.
        marked: Whether the path goes through it.
        missed: Whether tests did not come to it.
    """

    name: str
    detail: str
    shape: Shape
    marked: bool
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Arrow:
    """A way from one box to another.

    Attributes:
        source: A box; None for a way into the flow.
        outcome: What it is taken on; empty for what is meant where nothing is said.
        guard: The condition, ``else``, or the auth flows that come in by it; or empty.
        steps: Where on the path it is, from 1; several where the path takes it again.
        missed: Whether tests did not take it.
    """

    source: str | None
    target: str
    outcome: str
    guard: str
    steps: tuple[int, ...]
    missed: bool = False

    @property
    def label(self) -> str:
        """What stands on it."""
        number = ", ".join(map(str, self.steps))
        not_taken = "(not taken)" if self.missed else ""
        words = (f"({number})" if number else "", self.outcome, self.guard, not_taken)
        return " ".join(word for word in words if word)


@dataclass(frozen=True, slots=True)
class Picture:
    """A flow as it is drawn; all texts are on one line and printable."""

    title: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


class NoSuchWayError(ValueError):
    """A path that the flow does not have; the text says where it ends and how it could go on."""


def picture(program: FlowProgram, path: Sequence[str] = (), missed: Marks = NO_MARKS) -> Picture:
    """Show a flow; outcomes that refuse or ask again are left out unless the path takes them.

    Args:
        path: Names of nodes, each led to from the one before it.
        missed: What is to be shown as missed.

    Raises:
        NoSuchWayError: There is no such path.
    """
    _check(program, path)
    taken = list(pairwise(path))
    rows = [row for row in program.machine.table if is_drawn(program, row) or _way(row) in taken]
    doors = _doors(program)
    seen = reachable(rows, *(door.target for door in doors))
    shown = [row for row in rows if row.source in seen or _way(row) in taken]
    arrows = (*doors, *_arrows(shown, taken, missed))
    built_in = [name for name in BUILTIN_TARGETS if name in {each.target for each in arrows}]
    boxes = [
        replace(_box(program, node, name in path), missed=name in missed.nodes)
        for name, node in program.nodes.items()
    ]
    boxes += [Box(name, "", Shape.FAILURE, name in path) for name in built_in]
    title = plain(f"{program.name}, version {program.version}")
    return Picture(title, tuple(boxes), arrows)


def plain(text: str) -> str:
    """Put a text on one line, with escapes for what cannot be seen."""
    one_line = " ".join(text.split())
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in one_line
    )


def _check(program: FlowProgram, path: Sequence[str]) -> None:
    known = {*program.nodes, *BUILTIN_TARGETS}
    for name in path:
        if name not in known:
            raise NoSuchWayError(f"there is no node '{name}'; there are {_listed(known)}")
    for source, target in pairwise(path):
        targets = {row.target for row in program.machine.table if row.source == source}
        if target not in targets:
            ways = (
                f"from '{source}' one comes to {_listed(targets)}"
                if targets
                else (f"'{source}' is an end")
            )
            raise NoSuchWayError(f"no arrow leads from '{source}' to '{target}': {ways}")


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))


def is_drawn(program: FlowProgram, row: Row) -> bool:
    """Leave out what every challenge has: the ways in which it refuses or asks again."""
    node = program.nodes[row.source]
    written = node.written if isinstance(node, ChallengeNode) else DECISIONS
    return row.outcome in written and row.target != AGAIN


def _way(row: Row) -> tuple[str, str]:
    return row.source, row.target


def _doors(program: FlowProgram) -> tuple[Arrow, ...]:
    doors = program.doors.values()
    starts = dict.fromkeys((program.start, *(start for door in doors for start in door.starts)))
    arrows = []
    for start in starts:
        names = [door.name for door in doors if door.start == start]
        names += [f"{door.name} after sign-up" for door in doors if door.after_sign_up == start]
        names += [f"{door.name} step-up" for door in doors if door.step_up == start]
        arrows.append(Arrow(None, start, "", plain(", ".join(names)), ()))
    return tuple(arrows)


def _arrows(rows: Sequence[Row], taken: Sequence[tuple[str, str]], missed: Marks) -> list[Arrow]:
    """Number the arrows of the path; of several between two nodes, all are on it."""
    guarded = {(row.source, row.outcome) for row in rows if row.text}
    return [
        Arrow(
            row.source,
            row.target,
            "" if row.outcome in ("proved", "decide", RETURNED) else plain(row.outcome),
            plain(row.text) if row.text else _otherwise(row, guarded),
            tuple(step for step, way in enumerate(taken, 1) if way == _way(row)),
            row in missed.edges,
        )
        for row in rows
    ]


def _otherwise(row: Row, guarded: set[tuple[str, str]]) -> str:
    return ELSE if (row.source, row.outcome) in guarded else ""


def _box(program: FlowProgram, node: NodeProgram, marked: bool) -> Box:  # noqa: FBT001 - a field of the box
    name = node.name
    match node:
        case ChooseNode() if sum(row.source == name for row in program.machine.table) == 1:
            return Box(name, "goes on", Shape.PASSAGE, marked)
        case ChallengeNode():
            return Box(name, plain(node.kind.facts.name), Shape.CHALLENGE, marked)
        case ChooseNode():
            return Box(name, "decides", Shape.DECISION, marked)
        case CallNode():
            return Box(name, f"calls {plain(node.call.function)}", Shape.CALL, marked)
        case EndNode(success=True):
            return Box(name, "success", Shape.SUCCESS, marked)
        case EndNode():
            return Box(name, "failure", Shape.FAILURE, marked)
