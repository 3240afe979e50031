"""The work of ``flowengine expr``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

import click

from flowengine.cli.escaping import escaped
from flowengine.cli.exits import Exit
from flowengine.expr import (
    DURATION,
    TIMESTAMP,
    Environment,
    EvaluationError,
    OptionalType,
    parse_type,
)
from flowengine.expr.explanation import explained
from flowengine.expr.times import write_duration, write_timestamp
from flowengine.source import Excerpt

if TYPE_CHECKING:
    from flowengine.expr import Type

_TIMES: Final[Mapping[Type, Callable[[int], str]]] = {
    TIMESTAMP: write_timestamp,
    DURATION: write_duration,
}
_MOST: Final = 9
"""Digits of a size."""

_FORM = "write it as name:type=value, as in score:int=7"


def explain(text: str, variables: tuple[str, ...], sizes: tuple[str, ...]) -> int:
    """Print an expression's value, and those of its parts."""
    types: dict[str, Type] = {}
    bindings: dict[str, object] = {}
    for written in variables:
        name, kind, value = _variable(written)
        types[name], bindings[name] = kind, value
    environment = Environment(types, sizes=dict(map(_size, sizes)))
    program = environment.compile(Excerpt.whole(text, "<expression>"))
    _print(f"type       {program.type}")
    _print(f"variables  {', '.join(sorted(program.variables)) or 'none'}")
    _print(f"cost       {program.cost} at most")
    for warning in program.warnings:
        hint = f" ({warning.hint})" if warning.hint else ""
        _print(f"warning    {warning.message}{hint}")
    *parts, (_, _, whole) = explained(program, bindings)
    for part, kind, found in parts:
        _print(f"part       {part}  is  {_shown(found, kind)}")
    _print(f"value      {_shown(whole, program.type)}")
    return Exit.FINDINGS if isinstance(whole, EvaluationError) else Exit.CLEAN


def _variable(written: str) -> tuple[str, Type, object]:
    """Read ``name:type=value``; the value is an expression without variables."""
    declared, equals, value = written.partition("=")
    name, colon, spelt = declared.partition(":")
    if not equals or not colon or not all(part.isidentifier() for part in name.split(".")):
        raise click.BadParameter(_FORM, param_hint="--var")
    kind = parse_type(Excerpt.whole(spelt, f"<type of {name}>"))
    program = Environment({}).compile(Excerpt.whole(value, f"<value of {name}>"), kind)
    try:
        return name, kind, program.evaluate({})
    except EvaluationError as error:
        raise click.BadParameter(f"{name} has no value: {error}", param_hint="--var") from None


def _size(written: str) -> tuple[str, int]:
    """Read ``path=number``."""
    path, equals, number = written.partition("=")
    if not path or not equals or not (number.isascii() and number.isdigit()) or len(number) > _MOST:
        raise click.BadParameter("write it as path=number, as in groups=20", param_hint="--size")
    return path, int(number)


def _shown(found: object, kind: Type) -> str:
    match found:
        case EvaluationError():
            return f"an error: {found}"
        case bool():
            return "true" if found else "false"
        case None:
            return "null"
        case tuple() if isinstance(kind, OptionalType):
            return f"optional.of({_shown(found[0], kind.element)})" if found else "optional.none()"
        case int() if kind in _TIMES:
            return _TIMES[kind](found)
        case _:
            return repr(found)


def _print(line: str) -> None:
    click.echo(escaped(line))
