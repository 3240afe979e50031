"""Compiles what a flow declares before its nodes: inputs, variables, named conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flowengine.expr import BOOL, Environment, Type, parse
from flowengine.expr.tree import Node as Tree
from flowengine.flow.calls import NO_SIGNATURE, Signature, conforms
from flowengine.flow.definition import CallNodeDefinition, FlowDefinition, InputDefinition
from flowengine.flow.findings import Findings
from flowengine.flow.program import Condition, InputProgram
from flowengine.flow.scope import BUILTIN_NAMES, fits, read_type


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
        _check_default(written, type_, findings)
        default = written.default.value if written.default else None
        yield name, InputProgram(name, type_, written.default is None, default)


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


def _check_default(written: InputDefinition, type_: Type, findings: Findings) -> None:
    if written.default is not None and not fits(written.default.value, type_):
        findings.error(
            "wrong-default",
            f"the default of input '{written.name.text}' is not of its type",
            written.name.span,
        )


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
