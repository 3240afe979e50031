"""Which facts of an expression are only what the client claims (DESIGN: names in expressions)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowengine.expr.definitions import parts
from flowengine.expr.tree import Identifier, Index, Literal, Node, Select

_CLAIMED: Final = (
    ("responses",),
    ("request", "user_agent"),
    ("request", "metadata"),
    ("request", "context"),
    ("auth_flow", "parameters"),
    ("device", "claimed"),
)
"""Paths of which everything below is untrusted."""


def untrusted_reads(tree: Node) -> tuple[str, ...]:
    """Give the untrusted facts that an expression reads, each once, in the order of reading.

    Args:
        tree: Without names of definitions in it.
    """
    return tuple(dict.fromkeys(".".join(path) for path in _claimed(tree)))


def _claimed(tree: Node) -> Iterator[tuple[str, ...]]:
    path = _path(tree)
    if path is not None:
        # A whole record is read where a path ends above what is untrusted in it.
        yield from (
            known for known in _CLAIMED if path[: len(known)] == known or known[: len(path)] == path
        )
        return
    for part in parts(tree):
        yield from _claimed(part)


def _path(tree: Node) -> tuple[str, ...] | None:
    """Give ``a.b.c`` or ``a["b"]`` as a path; None for anything else."""
    match tree:
        case Identifier():
            return (tree.name,)
        case Select():
            above = _path(tree.operand)
            return None if above is None else (*above, tree.field)
        case Index(index=Literal(value=str(key))):
            above = _path(tree.operand)
            return None if above is None else (*above, key)
        case _:
            return None
