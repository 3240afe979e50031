"""Small pieces of Python's syntax tree, and the names that generated code may use."""

from __future__ import annotations

import ast
from types import MappingProxyType

from flowengine.expr import conform, helpers, spending

BINDINGS = "bindings"
"""The generated function's only parameter."""

NAMESPACE = MappingProxyType(
    {
        "ABSORBED": helpers.ABSORBED,
        "as_list": conform.as_list,
        "as_map": conform.as_map,
        "as_string": conform.as_string,
        "Exception": Exception,
        "bytes": bytes,
        "concatenate": helpers.concatenate,
        "dict": dict,
        "divide_double": helpers.divide_double,
        "divide_int": helpers.divide_int,
        "divide_uint": helpers.divide_uint,
        "Lazy": helpers.Lazy,
        "element": helpers.element,
        "enumerate": enumerate,
        "equal": helpers.equal,
        "failure": helpers.failure,
        "float": float,
        "granted": spending.granted,
        "int": int,
        "is_in": helpers.is_in,
        "len": len,
        "list": list,
        "make_map": helpers.make_map,
        "modulo_int": helpers.modulo_int,
        "modulo_uint": helpers.modulo_uint,
        "optional_element": helpers.optional_element,
        "optional_entry": helpers.optional_entry,
        "raise_exhausted": helpers.raise_exhausted,
        "raise_never": helpers.raise_never,
        "raise_overflow": helpers.raise_overflow,
        "raise_wrong": helpers.raise_wrong,
        "settle": spending.settle,
        "str": str,
        "type": type,
        "weight": helpers.weight,
    }
)
"""All that generated code can reach besides its bindings and its own constants.

Its ``__builtins__`` are an empty dict. (A read-only mapping there would make every look-up slow.)
"""

_PLACE = {"lineno": 1, "end_lineno": 1, "col_offset": 0, "end_col_offset": 0}

Constant = bool | int | float | str | bytes | frozenset[object] | None


def constant(value: Constant) -> ast.expr:
    """Write a value."""
    return ast.Constant(value)  # type: ignore[arg-type]  # a frozenset of constants is one, too


def name(identifier: str) -> ast.Name:
    """Read a name."""
    return ast.Name(identifier, ast.Load())


def assign(identifier: str, value: ast.expr) -> ast.stmt:
    """Write ``identifier = value``."""
    return ast.Assign([ast.Name(identifier, ast.Store())], value, lineno=1)


def naming(identifier: str, value: ast.expr) -> ast.expr:
    """Write ``(identifier := value)``."""
    return ast.NamedExpr(ast.Name(identifier, ast.Store()), value)


def call(function: str, *arguments: ast.expr) -> ast.expr:
    """Write ``function(arguments)``."""
    return ast.Call(name(function), list(arguments), [])


def method(receiver: ast.expr, function: str, *arguments: ast.expr) -> ast.expr:
    """Write ``receiver.function(arguments)``."""
    return ast.Call(ast.Attribute(receiver, function, ast.Load()), list(arguments), [])


def item(container: ast.expr, key: ast.expr) -> ast.expr:
    """Write ``container[key]``."""
    return ast.Subscript(container, key, ast.Load())


def compare(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.expr:
    """Write one comparison."""
    return ast.Compare(left, [operator], [right])


def negated(value: ast.expr) -> ast.expr:
    """Write ``not value``."""
    return ast.UnaryOp(ast.Not(), value)


def checked(test: ast.expr, value: ast.expr, otherwise: ast.expr) -> ast.expr:
    """Write ``value if test else otherwise``."""
    return ast.IfExp(test, value, otherwise)


def has_class(value: ast.expr, of_class: str) -> ast.expr:
    """Write ``type(value) is of_class``."""
    return compare(call("type", value), ast.Is(), name(of_class))


def between(low: int, value: ast.expr, high: int) -> ast.expr:
    """Write ``low <= value <= high``."""
    return ast.Compare(constant(low), [ast.LtE(), ast.LtE()], [value, constant(high)])


def function(identifier: str, parameters: list[str], body: list[ast.stmt]) -> ast.stmt:
    """Write a function's definition."""
    arguments = ast.arguments([], [ast.arg(one) for one in parameters], None, [], [], None, [])
    return ast.FunctionDef(identifier, arguments, body, [], lineno=1)


def placed(module: ast.Module) -> ast.Module:
    """Give every node the same place; ``ast.fix_missing_locations`` takes thrice as long."""
    waiting: list[ast.AST] = [module]
    while waiting:
        parts = vars(waiting.pop())
        for part in list(parts.values()):
            if isinstance(part, ast.AST):
                waiting.append(part)
            elif isinstance(part, list):
                waiting += [each for each in part if isinstance(each, ast.AST)]
        parts.update(_PLACE)
    return module
