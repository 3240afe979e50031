"""Which macros have which variables."""

from __future__ import annotations

from types import MappingProxyType

from flowengine.expr.functions import MACROS, OPTIONAL_MACROS
from flowengine.expr.tree import Call, Identifier, Node

PAIR_MACROS = MappingProxyType(
    {
        "all": (3,),
        "exists": (3,),
        "existsOne": (3,),
        "transformList": (3, 4),
        "transformMap": (3, 4),
    }
)
"""Macros with two variables, and how many arguments they take."""

_BIND_ARGUMENTS = 3
_OPTIONAL_ARGUMENTS = 2


def is_pair_macro(call: Call) -> bool:
    """Tell whether a call is a macro with two variables."""
    return call.receiver is not None and len(call.arguments) in PAIR_MACROS.get(call.function, ())


def is_optional_macro(call: Call) -> bool:
    """Tell whether a call is ``optMap`` or ``optFlatMap``."""
    named = call.receiver is not None and call.function in OPTIONAL_MACROS
    return named and len(call.arguments) == _OPTIONAL_ARGUMENTS


def is_bind(call: Call) -> bool:
    """Tell whether a call is ``cel.bind``."""
    match call.receiver:
        case Identifier(name="cel", rooted=False):
            return call.function == "bind" and len(call.arguments) == _BIND_ARGUMENTS
        case _:
            return False


def variables(call: Call) -> frozenset[str]:
    """Name the variables of a macro."""
    if is_pair_macro(call):
        return _names(call.arguments[:2])
    walks = call.receiver is not None and call.function in MACROS
    if walks or is_bind(call) or is_optional_macro(call):
        return _names(call.arguments[:1])
    return frozenset()


def _names(nodes: tuple[Node, ...]) -> frozenset[str]:
    return frozenset(one.name for one in nodes if isinstance(one, Identifier) and not one.rooted)
