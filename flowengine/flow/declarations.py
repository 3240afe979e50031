"""Compiles what a flow declares before its nodes: inputs, variables, named conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce

from flowengine.expr import BOOL, Environment, Type, parse
from flowengine.expr.tree import Node as Tree
from flowengine.flow.bounds import Bounds, Sizes, declared_sizes, read_bounds
from flowengine.flow.calls import NO_SIGNATURE, Signature, conforms
from flowengine.flow.definition import CallNodeDefinition, FlowDefinition
from flowengine.flow.findings import Findings
from flowengine.flow.program import Condition, InputProgram
from flowengine.flow.scope import BUILTIN_NAMES, read_type


def read_inputs(flow: FlowDefinition, findings: Findings) -> Iterator[tuple[str, InputProgram]]:
    """Read the typed facts of the backend."""
    for written in flow.inputs:
        name = written.name.text
        if name in BUILTIN_NAMES:
            findings.error(
                "reserved-name", f"'{name}' is a name of the engine's", written.name.span
            )
            continue
        type_ = read_type(written.type, name)
        if type_ is None:
            findings.error(
                "unknown-type",
                f"the type of input '{name}' is not one",
                written.type_span,
                hint="string, int, bool, double, [string], {score: int}, map(string)",
            )
            continue
        bounds = read_bounds(written.bounds, type_, f"input '{name}'", findings)
        default = written.default.value if written.default else None
        declared = InputProgram(name, type_, written.default is None, default, bounds)
        if not declared.required and not declared.takes(default):
            findings.error(
                "wrong-default",
                f"the default of input '{name}' is {declared.fault(default, 'not of its type')}",
                written.name.span,
            )
        yield name, declared


def input_sizes(declared: InputProgram) -> Sizes:
    """Give the sizes of an input, as far as they are declared."""
    owner = f"input '{declared.name}'"
    return declared_sizes(declared.bounds, declared.type, declared.name, owner)


def saved_types(
    flow: FlowDefinition, signatures: Mapping[str, Signature], findings: Findings
) -> Iterator[tuple[str, Type]]:
    """Give the type of each variable: what the function that it is saved from returns."""
    types: dict[str, Type] = {}
    for node in flow.nodes:
        if not isinstance(node, CallNodeDefinition) or node.save is None:
            continue
        name, function = node.save.text, node.call.function.text
        type_ = signatures.get(function, NO_SIGNATURE).returns
        if type_ is None:
            findings.error(
                "untyped-variable",
                f"'{function}' does not say what it returns, so vars.{name} has no type",
                node.save.span,
                hint=f"declare functions: {{{function}: {{returns: …}}}}",
            )
        elif not conforms(type_, types.setdefault(name, type_)):
            findings.error(
                "two-types",
                f"vars.{name} is {types[name]} where it was saved before, and here {type_}",
                node.save.span,
            )
    yield from types.items()


def saved_sizes(
    flow: FlowDefinition, signatures: Mapping[str, Signature], saved: Mapping[str, Type], path: str
) -> Sizes:
    """Give the sizes of the variables, as far as the functions that they come from declare them.

    Args:
        path: What expressions call ``vars``.
    """
    found = Sizes()
    for name, type_ in saved.items():
        functions = [
            node.call.function.text
            for node in flow.nodes
            if isinstance(node, CallNodeDefinition)
            and node.save is not None
            and node.save.text == name
        ]
        bounds = reduce(Bounds.larger, (signatures[one].bounds for one in functions))
        owner = f"what function '{functions[0]}' returns"
        found = found.joined(declared_sizes(bounds, type_, f"{path}.{name}", owner))
    return found


def define(
    flow: FlowDefinition, environment: Environment, findings: Findings
) -> tuple[Environment, dict[str, Condition]]:
    """Compile the named conditions in their order; each may use those before it."""
    levels: dict[str, Condition] = {}
    definitions: dict[str, Tree] = dict(environment.definitions)
    for name, excerpt in flow.define:
        if name.text in environment.variables or name.text in BUILTIN_NAMES:
            findings.error("reserved-name", f"'{name.text}' is taken by another name", name.span)
            continue
        program, found = environment.check(excerpt, BOOL)
        findings.found.extend(found)
        if program is None:
            continue
        levels[name.text] = Condition(excerpt.text, program)
        definitions[name.text] = environment.expand(parse(excerpt))
        environment = environment.with_definitions(definitions)
    return environment, levels
