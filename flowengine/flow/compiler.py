"""Compiles a definition into a program, or says all that is wrong with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from flowengine.accounts.evidence import BUILTIN_EVIDENCE
from flowengine.challenges.catalog import Catalog
from flowengine.challenges.offers import Offer
from flowengine.expr import BOOL
from flowengine.flow.declarations import read_inputs
from flowengine.flow.definition import FlowDefinition, ResponseRule
from flowengine.flow.doors import DEMANDED, check_user, parameters_of
from flowengine.flow.edges import check_target
from flowengine.flow.findings import Findings
from flowengine.flow.given import given_attributes
from flowengine.flow.inlining import Site
from flowengine.flow.library import NO_FLOWS, Library, used_flows
from flowengine.flow.machine import FlowMachine, Row
from flowengine.flow.offers import check_inline
from flowengine.flow.parts import PartCompiler
from flowengine.flow.program import (
    ChallengeNode,
    Condition,
    DoorProgram,
    EndNode,
    FlowProgram,
    NodeProgram,
)
from flowengine.flow.reachability import DECISIONS, decision_loop, reachable
from flowengine.flow.response_rules import check_response_rules
from flowengine.flow.targets import BUILTIN_TARGETS
from flowengine.flow.unnamed import check_naming
from flowengine.flow.variables import check_variables
from flowengine.source import Diagnostic, Excerpt, Span

DIALECT = "flowengine-flow-1"
"""Part of every digest: what a flow means. Changes when the same text would run otherwise."""


def compile_flow(
    definition: FlowDefinition, catalog: Catalog, library: Library = NO_FLOWS
) -> tuple[FlowProgram | None, tuple[Diagnostic, ...]]:
    """Compile a flow; the program is None when there is any finding.

    Args:
        library: Has the flows that it uses as steps.
    """
    compiler = _Compiler(definition, catalog, library)
    program = compiler.compile()
    return program, tuple(compiler.findings.found)


def compile_condition(program: FlowProgram, text: str) -> Condition:
    """Compile a condition that a deployment adds, in the scope of a flow.

    Raises:
        ExpressionError: It does not fit; all diagnostics are in it.
    """
    return Condition(text, program.environment.compile(Excerpt.whole(text, "require"), BOOL))


class _Compiler:
    """One compilation."""

    def __init__(self, definition: FlowDefinition, catalog: Catalog, library: Library) -> None:
        self._definition = definition
        self._catalog = catalog
        self._library = library
        self.findings = Findings(definition.source)
        self._names = tuple(node.name.text for node in definition.nodes)

    def compile(self) -> FlowProgram | None:
        flow = self._definition
        used = used_flows(flow, self._library, self.findings)
        if self.findings.found:
            return None  # what their names stand for is not known
        self._check_names()
        for each in (flow, *used.values()):
            self.findings.found += check_response_rules(each)
        kinds = self._evidence(used)
        inputs = dict(read_inputs(flow, self.findings))
        evidence = (*BUILTIN_EVIDENCE, *kinds)
        metadata = _metadata(flow, used)
        parts = PartCompiler(self._catalog, used, evidence, kinds, self.findings)
        nodes = parts.top(flow, inputs, metadata)
        part = parts.compile(flow, nodes, Site())
        require = [nodes.condition(line.that, line.because) for line in flow.require]
        check_target(flow.start, self._names, self.findings)
        doors = dict(self._doors())
        if self.findings.found:
            return None
        self._check_graph(part.rows, part.nodes, doors)
        conditions = tuple(condition for condition in require if condition is not None)
        starts = iter({flow.start.text, *(s for door in doors.values() for s in door.starts)})
        check_variables(tuple(part.rows), part.nodes, starts, conditions, self.findings)
        return FlowProgram(
            name=flow.name.text,
            version=flow.version,
            digest=self._digest(used),
            start=flow.start.text,
            doors=MappingProxyType(doors),
            inputs=MappingProxyType(inputs),
            metadata=metadata,
            require=conditions,
            nodes=MappingProxyType(part.nodes),
            evidence=evidence,
            machine=FlowMachine((*part.nodes, *BUILTIN_TARGETS), part.rows),
            definition=flow,
            environment=nodes.environment,
            constants=MappingProxyType(part.constants),
            kinds=MappingProxyType(kinds),
            saves=tuple(part.saves),
            levels=MappingProxyType(dict(_levels(part.nodes.values()))),
            given=MappingProxyType(given_attributes(part.nodes.values())),
        )

    def _evidence(self, used: Mapping[str, FlowDefinition]) -> dict[str, str]:
        """Give the kind of each name of evidence that the flow and those it uses declare."""
        kinds = {name: kind.text for name, kind in self._definition.evidence.items()}
        for other in used.values():
            for name, kind in other.evidence.items():
                if kinds.setdefault(name, kind.text) != kind.text:
                    self.findings.error(
                        "two-kinds",
                        f"evidence '{name}' is {kinds[name]} here and {kind.text} in flow "
                        f"'{other.name.text}', which this one uses",
                        self._definition.name.span,
                    )
        return kinds

    def _check_names(self) -> None:
        for node in self._definition.nodes:
            if node.name.text in BUILTIN_TARGETS:
                self.findings.error(
                    "reserved-target",
                    f"'{node.name.text}' exists without being written and cannot be defined",
                    node.name.span,
                )
        for name, kind in self._definition.evidence.items():
            if name in BUILTIN_EVIDENCE:
                self.findings.error(
                    "reserved-evidence",
                    f"'{name}' is evidence that only built-in challenges can prove",
                    self._definition.evidence_places.get(name, kind.span),
                )

    def _doors(self) -> Iterator[tuple[str, DoorProgram]]:
        for written in self._definition.auth_flows:
            name = written.name.text
            if name not in DEMANDED:
                self.findings.unknown("unknown-auth-flow", "auth flow", written.name, DEMANDED)
                continue
            start, after = written.start or self._definition.start, written.after_sign_up
            for target in (start, after, written.step_up):
                if target is not None:
                    check_target(target, self._names, self.findings)
            check_user(written, self.findings)
            yield (
                name,
                DoorProgram(
                    name,
                    start.text,
                    parameters_of(written),
                    tuple(key.text for key in written.inline),
                    names_user=written.names_user,
                    continues=written.continues,
                    after_sign_up=after.text if after is not None else None,
                    step_up=written.step_up.text if written.step_up is not None else None,
                ),
            )

    def _check_graph(
        self,
        table: list[Row],
        nodes: Mapping[str, NodeProgram],
        doors: Mapping[str, DoorProgram],
    ) -> None:
        loop = decision_loop(table)
        if loop is not None:
            self.findings.error(
                "unbounded-loop",
                f"the decisions {' -> '.join((*loop, loop[0]))} ask nobody and never end",
                self._place(loop[0]),
            )
        for door in doors.values():
            self._check_carried(table, nodes, door)
            self._check_door_inline(table, nodes, door)
        check_naming(table, nodes, doors.values(), self._place, self.findings)

    def _check_carried(
        self, table: list[Row], nodes: Mapping[str, NodeProgram], door: DoorProgram
    ) -> None:
        """Demand that what a kind is given by others has come on every path from a door.

        A key that may come with the auth flow is enough for a node that says where to go
        without it, by ``unavailable``.
        """
        asking = {n: node for n, node in nodes.items() if isinstance(node, ChallengeNode)}
        brought = {rule.key for rule in door.parameters if not rule.optional} - set(door.inline)
        may_come = {rule.key for rule in door.parameters} - set(door.inline)
        for key in sorted({key for node in asking.values() for key in node.kind.facts.carried}):
            if key in brought:
                continue
            giving = {n for n, node in asking.items() if key in node.kind.facts.provides}
            without = [r for r in table if not (r.source in giving and r.outcome == "proved")]
            for name in sorted(reachable(without, *door.starts) & asking.keys()):
                if key in may_come and "unavailable" in asking[name].written:
                    continue
                if key in asking[name].kind.facts.carried:
                    self.findings.error(
                        "missing-parameter",
                        f"node '{name}' needs {key}, which {door.name} does not bring",
                        self._place(name),
                    )

    def _check_door_inline(
        self, table: list[Row], nodes: Mapping[str, NodeProgram], door: DoorProgram
    ) -> None:
        """Hold a door's inline keys against all that may be the first to ask."""
        written = next(d for d in self._definition.auth_flows if d.name.text == door.name)
        decided = [row for row in table if row.outcome in DECISIONS]
        first = [nodes.get(name) for name in reachable(decided, door.start)]
        kinds = []
        for node in first:
            if isinstance(node, ChallengeNode) and isinstance(node.settings, Offer):
                options = [nodes.get(name) for name in node.settings.options.values()]
                kinds += [each.kind for each in options if isinstance(each, ChallengeNode)]
            elif isinstance(node, ChallengeNode):
                kinds.append(node.kind)
        check_inline(written.inline, kinds, self.findings)

    def _place(self, name: str) -> Span:
        """Give where a node stands in this flow's file; one of a step's, where the step does."""
        mine = name.partition("/")[0]
        return next(n.name.span for n in self._definition.nodes if n.name.text == mine)

    def _digest(self, used: Mapping[str, FlowDefinition]) -> str:
        """Hash all that decides how the flow runs: texts, kinds and the dialect."""
        decisive = {
            "dialect": DIALECT,
            "text": self._definition.source.text,
            "flows": {name: flow.source.text for name, flow in used.items()},
            "kinds": {name: type(kind).__qualname__ for name, kind in self._catalog.kinds.items()},
        }
        return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def _levels(nodes: Iterable[NodeProgram]) -> Iterator[tuple[str, Condition]]:
    for node in nodes:
        if isinstance(node, EndNode) and node.level is not None and node.level_name is not None:
            yield node.level_name, node.level


def _metadata(flow: FlowDefinition, used: Mapping[str, FlowDefinition]) -> tuple[ResponseRule, ...]:
    """Give the rules of ClientMetadata: the flow's own, then those of the flows that it uses."""
    rules = {rule.key: rule for rule in flow.metadata}
    for other in used.values():
        for rule in other.metadata:
            rules.setdefault(rule.key, rule)
    return tuple(rules.values())
