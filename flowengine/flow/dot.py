"""Draws a flow in DOT, Graphviz's language (https://graphviz.org/doc/info/lang.html)."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Final

from flowengine.flow.picture import Arrow, Box, Picture, Shape, picture
from flowengine.flow.program import FlowProgram

_WIDTH: Final = 34
"""Characters of a condition in one line."""
_MARKED: Final = 'color="#cc0000", penwidth=2.5'
_START: Final = 'shape=circle, style=filled, fillcolor=black, label="", width=0.13'
_LOOKS: Final = {
    Shape.CHALLENGE: 'shape=box, style="rounded,filled", fillcolor="#eef3fb"',
    Shape.DECISION: 'shape=hexagon, style=filled, fillcolor="#fff7df", margin="0.02,0.02"',
    Shape.PASSAGE: 'shape=box, style="rounded,dashed"',
    Shape.CALL: 'shape=component, style=filled, fillcolor="#f3eefb"',
    Shape.SUCCESS: 'shape=box, style="rounded,filled", fillcolor="#e2f4e4", peripheries=2',
    Shape.FAILURE: 'shape=box, style="rounded,filled", fillcolor="#fae4e4", peripheries=2',
}


def dot(program: FlowProgram, path: Sequence[str] = ()) -> str:
    """Draw a flow; conditions stand on the arrows, numbers and colour on those of the path.

    The text ends with a line break. Everything that comes from the file is quoted for DOT.

    Raises:
        NoSuchWayError: There is no such path.
    """
    return "\n".join(_lines(picture(program, path))) + "\n"


def _lines(shown: Picture) -> Iterator[str]:
    yield f"digraph {_quoted(shown.title)} {{"
    yield f"  graph [label={_quoted(shown.title)}, labelloc=t, {_font(13)}, pad=0.2]"
    yield f'  node [{_font(11)}, margin="0.16,0.08"]'
    yield f"  edge [{_font(9)}, arrowsize=0.7]"
    for box in shown.boxes:
        yield f"  {_id(box.name)} [{_box(box)}]"
    for number, arrow in enumerate(shown.arrows):
        if arrow.source is None:
            yield f'  "start/{number}" [{_START}]'
    for number, arrow in enumerate(shown.arrows):
        source = f'"start/{number}"' if arrow.source is None else _id(arrow.source)
        yield f"  {source} -> {_id(arrow.target)}{_arrow(arrow)}"
    yield "}"


def _font(size: int) -> str:
    return f'fontname="Helvetica", fontsize={size}'


def _box(box: Box) -> str:
    lines = [box.name, box.detail] if box.detail else [box.name]
    marked = f", {_MARKED}" if box.marked else ""
    return f"label={_quoted(*lines)}, {_LOOKS[box.shape]}{marked}"


def _arrow(arrow: Arrow) -> str:
    parts = [f"label={_quoted(*_wrapped(arrow.label))}"] if arrow.label else []
    if arrow.steps:
        parts.append(f'{_MARKED}, fontcolor="#cc0000"')
    return f" [{', '.join(parts)}]" if parts else ""


def _wrapped(label: str) -> list[str]:
    """Break a label into lines, with room between them and the arrow."""
    return [f" {line} " for line in textwrap.wrap(label, _WIDTH, break_on_hyphens=False)]


def _id(name: str) -> str:
    return _quoted(f"node/{name}")


def _quoted(*lines: str) -> str:
    r"""Quote lines as one string: what Graphviz reads in it (``\N``, ``&amp;``) is plain text."""
    escaped = (
        line.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"') for line in lines
    )
    return '"' + "\\n".join(escaped) + '"'
