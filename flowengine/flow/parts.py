"""Compiles the nodes of a flow where it stands: by itself, or as a step of another one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flowengine.challenges.catalog import Catalog
from flowengine.expr import Environment
from flowengine.expr.tree import Identifier
from flowengine.flow.bounds import fact_sizes
from flowengine.flow.calls import CallCompiler, read_signatures
from flowengine.flow.declarations import define, input_sizes, read_inputs, saved_sizes, saved_types
from flowengine.flow.definition import (
    EdgeDefinition,
    EndDefinition,
    FlowDefinition,
    FlowNodeDefinition,
    ResponseRule,
)
from flowengine.flow.edges import check_target, edge_rows
from flowengine.flow.findings import Findings
from flowengine.flow.inlining import FAILED_EXIT, NEXT, Site, bind
from flowengine.flow.machine import Row
from flowengine.flow.nodes import NodeCompiler
from flowengine.flow.offers import challenges_of
from flowengine.flow.program import ChooseNode, InputProgram, NodeProgram
from flowengine.flow.scope import flow_scope, saved_type


def levels_of(flow: FlowDefinition) -> tuple[str, ...]:
    """Name the levels that a flow's successes come to, each once."""
    ends = (node for node in flow.nodes if isinstance(node, EndDefinition))
    return tuple(dict.fromkeys(end.level.text for end in ends if end.success and end.level))


@dataclass(frozen=True, slots=True)
class Part:
    """What a flow's nodes compile to, those of its steps included.

    Attributes:
        constants: The literal inputs of steps.
        saves: The names under which expressions read what calls saved.
    """

    nodes: dict[str, NodeProgram] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    constants: dict[str, Any] = field(default_factory=dict)
    saves: list[str] = field(default_factory=lambda: ["vars"])


@dataclass(frozen=True, slots=True)
class PartCompiler:
    """Compiles one program's parts.

    Attributes:
        used: The flows that are used as steps, by name.
        evidence: All names of evidence, built-in ones included.
        kinds: The kind of each name that flows declare.
    """

    catalog: Catalog
    used: Mapping[str, FlowDefinition]
    evidence: tuple[str, ...]
    kinds: Mapping[str, str]
    findings: Findings

    def top(
        self,
        flow: FlowDefinition,
        inputs: Mapping[str, InputProgram],
        metadata: Iterable[ResponseRule],
    ) -> NodeCompiler:
        """Give what compiles the nodes of the flow itself.

        Args:
            metadata: The rules of ClientMetadata, those of used flows included.
        """
        signatures = read_signatures(flow.functions, self.findings)
        saved = dict(saved_types(flow, signatures, self.findings))
        types = {name: declared.type for name, declared in inputs.items()}
        sizes = fact_sizes(metadata).joined(
            saved_sizes(flow, signatures, saved, "vars"),
            *(input_sizes(declared) for declared in inputs.values()),
        )
        scope = flow_scope(self.evidence, types, saved, levels_of(flow))
        environment = Environment(scope, sizes=sizes.most, places=sizes.places)
        return self._nodes(flow, environment, CallCompiler(signatures, self.findings))

    def compile(self, flow: FlowDefinition, nodes: NodeCompiler, site: Site) -> Part:
        """Compile all nodes of a flow at its site."""
        part = Part()
        self._into(part, flow, nodes, site)
        return part

    def _nodes(
        self,
        flow: FlowDefinition,
        environment: Environment,
        calls: CallCompiler,
    ) -> NodeCompiler:
        defined, levels = define(flow, environment, calls.findings)
        return NodeCompiler(
            self.catalog,
            defined,
            self.kinds,
            levels,
            tuple(node.name.text for node in flow.nodes),
            challenges_of(flow.nodes),
            calls,
            calls.findings,
        )

    def _into(self, part: Part, flow: FlowDefinition, nodes: NodeCompiler, site: Site) -> None:
        for node in flow.nodes:
            if isinstance(node, FlowNodeDefinition):
                self._step(part, node, nodes, site)
                continue
            part.rows.extend(site.row(row) for row in nodes.rows(node))
            compiled = nodes.compile(node)
            if compiled is not None:
                placed = site.node(compiled)
                part.nodes[placed.name] = placed
                leaving = site.exit(compiled)
                part.rows.extend([leaving] if leaving else [])

    def _step(self, part: Part, node: FlowNodeDefinition, outer: NodeCompiler, site: Site) -> None:
        """Compile a step: the way in, the other flow's nodes, and the ways out."""
        name, inner = site.name(node.name.text), self.used.get(node.flow.text)
        if inner is None:
            return
        part.nodes[name] = ChooseNode(name, outer.needs(node.needs))
        part.rows.append(Row("decide", name, f"{name}/{inner.start.text}"))
        self._edge(part, NEXT, node, node.next, outer, site)
        if node.failed is not None:
            self._edge(part, FAILED_EXIT, node, node.failed, outer, site)
        nodes = self._inside(part, node, inner, outer, name)
        check_target(inner.start, [each.name.text for each in inner.nodes], nodes.findings)
        require = tuple(c for line in inner.require for c in nodes.needs(line.that))
        self._into(part, inner, nodes, Site(name, node.failed is not None, require))
        if nodes.findings.found:
            # Told at the step, in the words of the other flow's own finding.
            outer.findings.error(
                "flow-in-error",
                f"flow '{node.flow.text}' cannot be used here: {nodes.findings.found[0].message}",
                node.flow.span,
            )

    def _inside(
        self,
        part: Part,
        node: FlowNodeDefinition,
        inner: FlowDefinition,
        outer: NodeCompiler,
        path: str,
    ) -> NodeCompiler:
        """Give what compiles the other flow's nodes: its names mean what they mean there."""
        findings = Findings(inner.source)
        inputs = dict(read_inputs(inner, findings))
        bound = bind(node, inputs, outer.environment, path, outer.findings)
        signatures = read_signatures(inner.functions, findings)
        saved = dict(saved_types(inner, signatures, findings))
        own = f"{path}/vars"
        sizes = saved_sizes(inner, signatures, saved, own).joined(bound.sizes)
        scope = {own: saved_type(saved), **bound.types}
        names = {**bound.trees, "vars": Identifier(own, rooted=True)}
        part.constants.update(bound.constants)
        part.saves.append(own)
        environment = outer.environment.with_variables(scope, sizes.most, sizes.places)
        calls = CallCompiler(signatures, findings)
        return self._nodes(inner, environment.with_definitions(names), calls)

    def _edge(
        self,
        part: Part,
        exit_: str,
        node: FlowNodeDefinition,
        edge: EdgeDefinition,
        outer: NodeCompiler,
        site: Site,
    ) -> None:
        name = f"{site.name(node.name.text)}/{exit_}"
        part.nodes[name] = ChooseNode(name)
        rows = edge_rows(name, "decide", edge, outer.environment, outer.names, outer.findings)
        part.rows.extend(replace(row, target=site.target(row.target)) for row in rows)
