"""Draws a flow's machine as a Mermaid state diagram."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Marks:
    """What a drawing shows apart from the rest: what tests did not come to."""

    nodes: frozenset[str] = frozenset()
    edges: tuple[Row, ...] = ()


_NO_MARKS = Marks()


def mermaid(program: FlowProgram, missed: Marks = _NO_MARKS) -> str:
    """Draw a flow; conditions stand on the arrows, outcomes that refuse are left out.

    The text ends with a line break. Everything that comes from the file is escaped for
    Mermaid, whose own syntax a node's name cannot contain.
    """
    return "\n".join([*_lines(program, missed), *_marked(missed)]) + "\n"


def _lines(program: FlowProgram, missed: Marks) -> Iterator[str]:
    yield "stateDiagram-v2"
    yield f"    %% {_escaped(program.name)}, version {program.version}"
    rows = [row for row in program.machine.table if is_drawn(program, row)]
    starts = [program.start, *(start for door in program.doors.values() for start in door.starts)]
    seen = reachable(rows, *starts)
    for name, node in program.nodes.items():
        yield f"    state {_label(name, node)} as {_id(name)}"
        if isinstance(node, ChooseNode):
            yield f"    class {_id(name)} decision"
    if any(row.target in BUILTIN_TARGETS for row in rows):
        yield '    state "refused" as refused'
    for start in dict.fromkeys(starts):
        doors = [door.name for door in program.doors.values() if door.start == start]
        signed_up = [d.name for d in program.doors.values() if d.after_sign_up == start]
        doors += [f"{name} after sign-up" for name in signed_up]
        yield f"    [*] --> {_id(start)}" + (f" : {', '.join(doors)}" if doors else "")
    for row in rows:
        if row.source in seen:
            yield f"    {_id(row.source)} --> {_id(row.target)}{_text(row, missed)}"
    for name, node in program.nodes.items():
        if isinstance(node, EndNode):
            yield f"    {_id(name)} --> [*]"
    yield "    classDef decision font-style:italic"


def is_drawn(program: FlowProgram, row: Row) -> bool:
    """Leave out what every challenge has: the ways in which it refuses or asks again."""
    node = program.nodes[row.source]
    written = node.written if isinstance(node, ChallengeNode) else DECISIONS
    return row.outcome in written and row.target != AGAIN


def _label(name: str, node: NodeProgram) -> str:
    match node:
        case ChallengeNode():
            return f'"{_escaped(name)}<br/>{_escaped(node.kind.facts.name)}"'
        case ChooseNode():
            return f'"{_escaped(name)}<br/>decides"'
        case CallNode():
            return f'"{_escaped(name)}<br/>calls {_escaped(node.call.function)}"'
        case EndNode():
            return f'"{_escaped(name)}<br/>{"success" if node.success else "failure"}"'


def _marked(missed: Marks) -> Iterator[str]:
    if missed.nodes:
        yield "    classDef missed fill:#fdd,stroke:#c00"
    for name in sorted(missed.nodes):
        yield f"    class {_id(name)} missed"


def _text(row: Row, missed: Marks) -> str:
    outcome = "" if row.outcome in ("proved", "decide", RETURNED) else row.outcome
    guard = _escaped(row.text) if row.text else ""
    not_taken = "(not taken)" if row in missed.edges else ""
    words = " ".join(word for word in (outcome, guard, not_taken) if word)
    return f" : {words}" if words else ""


def _id(name: str) -> str:
    """Give a name as an identifier; ``end`` and its like are words of Mermaid's."""
    if name in BUILTIN_TARGETS:
        return name
    safe = name.replace("-", "_")
    return "n_" + "".join(c if c.isalnum() or c == "_" else f"_{ord(c):x}_" for c in safe)


def _escaped(text: str) -> str:
    """Escape for a Mermaid label: entities for what it would read as syntax."""
    one_line = " ".join(text.split())
    return "".join(f"#{ord(c)};" if c in '#;:"<>{}&%`\\' else c for c in one_line)
