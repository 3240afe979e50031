"""Refuses values that are larger than they were declared, before anything is evaluated.

The bound on an expression's cost holds for values of the declared sizes. A host that gives a
larger one breaks its word, and the evaluation ends in an error, whatever stands beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from flowengine.errors import EvaluationError
from flowengine.expr.conform import wrong
from flowengine.expr.types import (
    BYTES,
    STRING,
    ListType,
    MapType,
    OptionalType,
    RecordType,
    Type,
)

if TYPE_CHECKING:
    from flowengine.expr.compiler import Run

_Hold = Callable[[object], None]
"""Raises EvaluationError for what is too large; says nothing of what is of another type."""


def bounded(run: Run, variables: Mapping[str, Type], sizes: Mapping[str, int]) -> Run:
    """Make an evaluation that holds its bindings against declared sizes first.

    Args:
        variables: Those that are read.
        sizes: The most characters, octets, elements or entries, by path.
    """
    holds = [(name, hold) for name, kind in variables.items() if (hold := _hold(kind, name, sizes))]
    if not holds:
        return run

    def evaluate(bindings: Mapping[str, object]) -> object:
        try:
            for name, hold in holds:
                hold(bindings.get(name))
        except EvaluationError:
            raise
        except Exception:  # noqa: BLE001 - whatever a binding does, it gives no answer
            raise wrong() from None
        return run(bindings)

    return evaluate


def _hold(kind: Type, path: str, sizes: Mapping[str, int]) -> _Hold | None:
    """Make the check of a value that comes from a path; None where nothing is declared of it."""
    match kind:
        case ListType() | OptionalType():
            optional = isinstance(kind, OptionalType)
            inner = _hold(kind.element, path if optional else f"{path}[]", sizes)
            most = None if optional else sizes.get(path)
            return None if most is None and inner is None else partial(_list, most, inner)
        case MapType():
            return _hold_map(kind, path, sizes)
        case RecordType():
            fields = {name: field.type for name, field in kind.fields.items()}
            holds = dict(_parts(fields, path, sizes))
            return partial(_named, holds) if holds else None
        case _ if kind in (STRING, BYTES) and path in sizes:
            return partial(_text, sizes[path])
        case _:
            return None


def _hold_map(kind: MapType, path: str, sizes: Mapping[str, int]) -> _Hold | None:
    begins = f"{path}."
    keys = [one.removeprefix(begins) for one in sizes if one.startswith(begins)]
    named = dict(_parts(dict.fromkeys(keys, kind.value), path, sizes))
    most, inner = sizes.get(path), _hold(kind.value, f"{path}[]", sizes)
    if most is None and inner is None and not named:
        return None
    return partial(_map, most, inner, named)


def _parts(
    kinds: Mapping[str, Type], path: str, sizes: Mapping[str, int]
) -> Iterator[tuple[str, _Hold]]:
    for name, kind in kinds.items():
        hold = _hold(kind, f"{path}.{name}", sizes)
        if hold is not None:
            yield name, hold


def _text(most: int, value: object) -> None:
    if isinstance(value, str | bytes) and len(value) > most:
        raise _too_large()


def _list(most: int | None, inner: _Hold | None, value: object) -> None:
    if not isinstance(value, list | tuple):
        return
    if most is not None and len(value) > most:
        raise _too_large()
    if inner is not None:
        for one in value:
            inner(one)


def _map(most: int | None, inner: _Hold | None, named: Mapping[str, _Hold], value: object) -> None:
    if not isinstance(value, Mapping):
        return
    if most is not None and len(value) > most:
        raise _too_large()
    for key, one in value.items():
        hold = named.get(key, inner)
        if hold is not None:
            hold(one)


def _named(holds: Mapping[str, _Hold], value: object) -> None:
    if isinstance(value, Mapping):
        for name, hold in holds.items():
            hold(value.get(name))


def _too_large() -> EvaluationError:
    return EvaluationError("a bound value is larger than declared")
