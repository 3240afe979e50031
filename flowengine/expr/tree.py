"""What an expression says, before anybody asked whether it makes sense.

Nodes compare by what they say, never by where they stand.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from flowengine.expr.types import ScalarType
from flowengine.source import Span

NOWHERE = Span(0, 0)
"""The place of a node that no text was read for."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that is written out.

    Attributes:
        value: bool, int, float, str, bytes or None.
        type: What tells 1, 1u and true apart.
        span: Offsets into the expression's own text, as in every node.
    """

    value: bool | float | str | bytes | None
    type: ScalarType
    span: Span = dataclasses.field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Identifier:
    """A name.

    Attributes:
        rooted: Written with a leading dot: a macro's variable does not hide it.
    """

    name: str
    rooted: bool = False
    span: Span = dataclasses.field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Select:
    """``operand.field``.

    Attributes:
        field_span: Where the field's name stands.
        optional: Written ``operand.?field``.
    """

    operand: Node
    field: str
    span: Span = dataclasses.field(default=NOWHERE, compare=False, repr=False)
    field_span: Span = dataclasses.field(default=NOWHERE, compare=False, repr=False)
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """``operand[index]``.

    Attributes:
        optional: Written ``operand[?index]``.
    """

    operand: Node
    index: Node
    span: Span = dataclasses.field(default=NOWHERE, compare=False, repr=False)
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """``function(arguments)`` or ``receiver.function(arguments)``; a macro looks the same.

    Attributes:
        name_span: Where the function's name stands.
    """

    function: str
    receiver: Node | None
    arguments: tuple[Node, ...]
    span: Span = dataclasses.field(default=NOWHERE, compare=False, repr=False)
    name_span: Span = dataclasses.field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """``!operand`` or ``-operand``."""

    operator: str
    operand: Node
    span: Span = dataclasses.field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """``left operator right`` for arithmetic, comparison and ``in``.

    Attributes:
        operator_span: Where the operator stands.
    """

    operator: str
    left: Node
    right: Node
    span: Span = dataclasses.field(default=NOWHERE, compare=False, repr=False)
    operator_span: Span = dataclasses.field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Logical:
    """A chain of ``&&`` or of ``||``; no operand is a chain of the same operator.

    Attributes:
        operands: Two or more.
    """

    operator: str
    operands: tuple[Node, ...]
    span: Span = dataclasses.field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Conditional:
    """``condition ? positive : negative``."""

    condition: Node
    positive: Node
    negative: Node
    span: Span = dataclasses.field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ListLiteral:
    """``[elements]``.

    Attributes:
        optional: The positions, ascending, of the elements written ``?element``.
    """

    elements: tuple[Node, ...]
    span: Span = dataclasses.field(default=NOWHERE, compare=False, repr=False)
    optional: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class MapLiteral:
    """``{key: value}``, in the order written.

    Attributes:
        optional: The positions, ascending, of the entries written ``?key: value``.
    """

    entries: tuple[tuple[Node, Node], ...]
    span: Span = dataclasses.field(default=NOWHERE, compare=False, repr=False)
    optional: tuple[int, ...] = ()


Node = (
    Literal
    | Identifier
    | Select
    | Index
    | Call
    | Unary
    | Binary
    | Logical
    | Conditional
    | ListLiteral
    | MapLiteral
)
