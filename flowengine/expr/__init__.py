"""A strict, statically typed subset of Google's Common Expression Language (CEL).

Every expression accepted here is accepted by CEL's reference checker with the same type and
has the same value; more is refused than there. ::

    environment = Environment({"score": "int", "groups": "list(string)"})
    program = environment.compile('score < 20 && "staff" in groups', BOOL)
    program.evaluate({"score": 7, "groups": ["staff"]})

What a program can cost at most is ``program.cost``, in the units of cel-go; an expression that can
cost more than its environment's budget is refused. So is a text of more than 4,096 characters, and
more than 32 levels inside each other, and macros in macros in macros. The cost follows
from the sizes of values. ``Environment(…, sizes={"groups": 20})`` declares them, and a program
refuses larger values then. ``program.counted(bindings)`` has one budget for all evaluations over
the same ``BudgetedBindings``.
``program.warnings`` tells what is allowed but hardly meant.
"""

from flowengine.errors import CostExceededError, EvaluationError, ExpressionError
from flowengine.expr.environment import Environment
from flowengine.expr.functions import Function
from flowengine.expr.parser import parse
from flowengine.expr.program import Program
from flowengine.expr.spelling import parse_type
from flowengine.expr.spending import BudgetedBindings
from flowengine.expr.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    INT,
    NULL,
    STRING,
    TIMESTAMP,
    UINT,
    EnumType,
    Field,
    ListType,
    MapType,
    OptionalType,
    RecordType,
    ScalarType,
    Type,
)
from flowengine.expr.unparser import unparse

__all__ = [
    "BOOL",
    "BYTES",
    "DOUBLE",
    "DURATION",
    "INT",
    "NULL",
    "STRING",
    "TIMESTAMP",
    "UINT",
    "BudgetedBindings",
    "CostExceededError",
    "EnumType",
    "Environment",
    "EvaluationError",
    "ExpressionError",
    "Field",
    "Function",
    "ListType",
    "MapType",
    "OptionalType",
    "Program",
    "RecordType",
    "ScalarType",
    "Type",
    "parse",
    "parse_type",
    "unparse",
]
