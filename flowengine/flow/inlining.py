"""Another flow as one step: its nodes are put in the place of the node that names it.

Inner nodes are called ``site/node``, and so no door, edge or answer can name them from outside.
What the step is given are its inputs: an expression is put in the place of the input's name, a
literal is a constant of the program. What inner calls save is kept apart from the outer flow's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from flowengine.challenges.offers import Offer
from flowengine.expr import Environment, Type, parse
from flowengine.expr.tree import Identifier
from flowengine.expr.tree import Node as Tree
from flowengine.flow.bounds import Sizes, exceeds, literal_sizes
from flowengine.flow.calls import conforms
from flowengine.flow.definition import FlowNodeDefinition, Literal, Name
from flowengine.flow.findings import Findings
from flowengine.flow.machine import Row
from flowengine.flow.program import (
    CallNode,
    ChallengeNode,
    ChooseNode,
    Condition,
    EndNode,
    InputProgram,
    NodeProgram,
    Switch,
)
from flowengine.flow.targets import BUILTIN_TARGETS, REFUSED
from flowengine.source import Excerpt

NEXT: Final = "(next)"
FAILED_EXIT: Final = "(failed)"
"""Where the step's own edges leave from; no author can write these names."""

_UNSTEADY: Final = frozenset({"request", "responses", "session", "age", "private"})


@dataclass(frozen=True, slots=True)
class Site:
    """Where a flow stands in the program that is compiled.

    Attributes:
        path: ``""`` for the flow itself; ``second`` or ``second/codes`` for a step's.
        fails: Whether the step says where a refusal inside it leads.
        require: What must hold at the inner flow's success.
    """

    path: str = ""
    fails: bool = False
    require: tuple[Condition, ...] = ()

    def name(self, inner: str) -> str:
        """Give the name that a node of the flow has in the program."""
        return f"{self.path}/{inner}" if self.path else inner

    def target(self, inner: str) -> str:
        """Give where an edge of the flow leads in the program."""
        if inner == REFUSED and self.fails:
            return self.name(FAILED_EXIT)
        return inner if inner in BUILTIN_TARGETS else self.name(inner)

    def row(self, row: Row) -> Row:
        """Give an arrow of the flow as it stands in the program."""
        return replace(row, source=self.name(row.source), target=self.target(row.target))

    def node(self, node: NodeProgram) -> NodeProgram:
        """Give a node of the flow as it stands in the program; a step's ends lead on."""
        name = self.name(node.name)
        match node:
            case EndNode() if self.path and node.success:
                return ChooseNode(name, (*node.needs, *self.require))
            case EndNode() if self.fails:
                return ChooseNode(name)
            case CallNode():
                save = None if node.save is None else self.name(node.save)
                return replace(node, name=name, save=save)
            case ChallengeNode():
                return replace(
                    node, name=name, settings=self._settings(node), switch=self._switch(node)
                )
            case _:
                return replace(node, name=name)

    def exit(self, node: NodeProgram) -> Row | None:
        """Give the arrow that leads out of a step from one of its ends; None elsewhere."""
        if not isinstance(node, EndNode) or not self.path:
            return None
        if node.success:
            return Row("decide", self.name(node.name), self.name(NEXT))
        return Row("decide", self.name(node.name), self.name(FAILED_EXIT)) if self.fails else None

    def _settings(self, node: ChallengeNode) -> Any:  # noqa: ANN401 - the kind's own
        if not isinstance(node.settings, Offer):
            return node.settings
        return replace(node.settings, options=self._moved(node.settings.options))

    def _switch(self, node: ChallengeNode) -> Switch | None:
        return None if node.switch is None else replace(node.switch, to=self._moved(node.switch.to))

    def _moved(self, options: Mapping[str, str]) -> Mapping[str, str]:
        return MappingProxyType({key: self.name(node) for key, node in options.items()})


@dataclass(frozen=True, slots=True)
class Bound:
    """What a step's inputs are.

    Attributes:
        trees: What stands in the place of each input's name.
        constants: The literals, by the names that the trees have for them.
        types: The types of those names.
        sizes: The sizes of those literals.
    """

    trees: Mapping[str, Tree] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    types: Mapping[str, Type] = field(default_factory=dict)
    sizes: Sizes = field(default_factory=Sizes)


def bind(
    node: FlowNodeDefinition,
    inputs: Mapping[str, InputProgram],
    environment: Environment,
    path: str,
    findings: Findings,
) -> Bound:
    """Hold what a step is given against the inputs of its flow."""
    for key in node.arguments.keys() - inputs.keys():
        place = node.places.get(key, node.flow.span)
        findings.unknown("unknown-input", "input", Name(key, place), inputs)
    trees: dict[str, Tree] = {}
    constants: dict[str, Any] = {}
    types: dict[str, Type] = {}
    sizes = Sizes()
    for key, declared in inputs.items():
        given = node.arguments.get(key)
        if isinstance(given, Excerpt):
            tree = _expression(given, declared, environment, findings)
            if tree is not None:
                trees[key] = tree
            continue
        if given is None and declared.required:
            findings.error(
                "missing-input",
                f"flow '{node.flow.text}' needs the input '{key}', which is not given",
                node.flow.span,
            )
            continue
        value = given.value if isinstance(given, Literal) else declared.default
        if not declared.takes(value):
            findings.error(
                "wrong-input",
                f"flow '{node.flow.text}' takes '{key}' as {declared.type}, "
                f"and this literal is {declared.fault(value)}",
                node.flow.span,
            )
        name = f"{path}/{key}"
        trees[key] = Identifier(name, rooted=True)
        constants[name], types[name] = value, declared.type
        if declared.takes(value):
            sizes = sizes.joined(literal_sizes(value, declared.type, name))
    return Bound(trees, constants, types, sizes)


def _expression(
    written: Excerpt, declared: InputProgram, environment: Environment, findings: Findings
) -> Tree | None:
    program, found = environment.check(written, None)
    findings.found.extend(found)
    if program is None:
        return None
    whole = written.span(0, len(written.text))
    if not conforms(program.type, declared.type):
        findings.error(
            "wrong-input",
            f"input '{declared.name}' is {declared.type}, and this is {program.type}",
            whole,
        )
    elif exceeds(environment, program, declared.type, declared.bounds):
        findings.error(
            "wrong-input",
            f"input '{declared.name}' has declared sizes, and this may be larger",
            whole,
            hint="declare the sizes of what it is made of, no larger than those of the input",
        )
    for root in sorted(program.roots & _UNSTEADY):
        findings.error(
            "unsteady-input",
            f"'{root}' changes from request to request, and an input is constant",
            whole,
            hint="save it by a call, or read it inside the other flow",
        )
    return environment.expand(parse(written))
