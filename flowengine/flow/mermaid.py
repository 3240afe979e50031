"""Draws a flow as a Mermaid state diagram (https://mermaid.js.org/syntax/stateDiagram.html)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flowengine.flow.picture import NO_MARKS, Box, Marks, Picture, Shape, picture
from flowengine.flow.program import FlowProgram
from flowengine.flow.targets import BUILTIN_TARGETS


def mermaid(program: FlowProgram, path: Sequence[str] = (), missed: Marks = NO_MARKS) -> str:
    """Draw a flow; conditions stand on the arrows, numbers on those of the path.

    The text ends with a line break. Everything that comes from the file is escaped for
    Mermaid, whose own syntax a node's name cannot contain.

    Raises:
        NoSuchWayError: There is no such path.
    """
    return "\n".join(_lines(picture(program, path, missed))) + "\n"


def _lines(shown: Picture) -> Iterator[str]:
    yield "stateDiagram-v2"
    yield f"    %% {_escaped(shown.title)}"
    for box in shown.boxes:
        yield f"    state {_label(box)} as {_id(box.name)}"
        if box.shape is Shape.DECISION:
            yield f"    class {_id(box.name)} decision"
        if box.marked:
            yield f"    class {_id(box.name)} path"
        if box.missed:
            yield f"    class {_id(box.name)} missed"
    for arrow in shown.arrows:
        source = "[*]" if arrow.source is None else _id(arrow.source)
        text = f" : {_escaped(arrow.label)}" if arrow.label else ""
        yield f"    {source} --> {_id(arrow.target)}{text}"
    for box in shown.boxes:
        if box.shape in (Shape.SUCCESS, Shape.FAILURE) and box.detail:
            yield f"    {_id(box.name)} --> [*]"
    yield "    classDef decision font-style:italic"
    if any(box.marked for box in shown.boxes):
        yield "    classDef path stroke:#d00,stroke-width:3px"
    if any(box.missed for box in shown.boxes):
        yield "    classDef missed fill:#fdd,stroke:#c00"


def _label(box: Box) -> str:
    detail = f"<br/>{_escaped(box.detail)}" if box.detail else ""
    return f'"{_escaped(box.name)}{detail}"'


def _id(name: str) -> str:
    """Give a name as an identifier; ``end`` and its like are words of Mermaid's."""
    if name in BUILTIN_TARGETS:
        return name
    safe = name.replace("-", "_")
    return "n_" + "".join(c if c.isalnum() or c == "_" else f"_{ord(c):x}_" for c in safe)


def _escaped(text: str) -> str:
    """Escape for a Mermaid label: entities for what it would read as syntax."""
    return "".join(f"#{ord(c)};" if c in '#;:"<>{}&%`\\' else c for c in text)
