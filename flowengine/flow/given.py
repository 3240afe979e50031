"""Which attributes of its user the functions of a flow are given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from flowengine.accounts.evidence import ADDRESSES, ANY_ATTRIBUTE
from flowengine.accounts.triggers import CUSTOM_AUTH_TRIGGERS
from flowengine.challenges.custom_settings import CustomCall, CustomSettings
from flowengine.expr import Program, typed
from flowengine.expr.optional_nodes import OptionalElement
from flowengine.flow.program import CallNode, ChallengeNode, NodeProgram

_USER = "user"
_ATTRIBUTES = "attributes"
_SAVED = "vars"


def given_attributes(nodes: Iterable[NodeProgram]) -> dict[str, frozenset[str]]:
    """Give the attributes that functions are given, by the evidence that they make or judge.

    What a call saved may be of any that calls are given. An attribute whose name is not written
    out is ``ANY_ATTRIBUTE``: a pool's own triggers are told them all. What ``deliver`` sends, goes
    to an attribute too.
    """
    nodes = tuple(nodes)
    saved = {name for n in nodes if isinstance(n, CallNode) for name in _given(n.call, ())}
    found: dict[str, frozenset[str]] = {}
    for node in nodes:
        settings = node.settings if isinstance(node, ChallengeNode) else None
        if isinstance(settings, CustomSettings) and settings.evidence is not None:
            calls = (settings.create, settings.verify)
            given = {n for c in calls if isinstance(c, CustomCall) for n in _given(c, saved)}
            if settings.deliver is not None:
                given.add(ADDRESSES[settings.deliver.channel.value])
            before = found.get(settings.evidence, frozenset())
            found[settings.evidence] = before | given
    return found


def _given(call: CustomCall, saved: Iterable[str]) -> Iterator[str]:
    if call.function in CUSTOM_AUTH_TRIGGERS:
        yield ANY_ATTRIBUTE
    arguments: Mapping[str, object] = call.arguments
    for argument in arguments.values():
        if isinstance(argument, Program):
            yield from _attributes(argument.tree)
            if any(root.rpartition("/")[2] == _SAVED for root in argument.roots):
                yield from saved


def _attributes(node: typed.TypedNode) -> Iterator[str]:
    """Name the attributes of the user that an expression reads; without a key, it is any."""
    match node:
        case typed.Variable(name):
            if name == _USER:
                yield ANY_ATTRIBUTE
        case typed.FieldOf(typed.Variable(name), field) if name == _USER:
            if field == _ATTRIBUTES:
                yield ANY_ATTRIBUTE
        case typed.Presence(operand, field) if _are_all(operand):
            yield field
        case typed.ElementOf(operand, index) | OptionalElement(operand, index) if _are_all(operand):
            literal = index.value if isinstance(index, typed.Constant) else None
            yield literal if isinstance(literal, str) else ANY_ATTRIBUTE
            yield from _attributes(index)
        case _:
            for child in typed.children(node):
                yield from _attributes(child)


def _are_all(node: typed.TypedNode) -> bool:
    """Say whether an expression is ``user.attributes``."""
    match node:
        case typed.FieldOf(typed.Variable(name), field):
            return (name, field) == (_USER, _ATTRIBUTES)
        case _:
            return False
