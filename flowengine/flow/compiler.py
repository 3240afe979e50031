"""Compiles a definition into a program, or says all that is wrong with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from flowengine.accounts.evidence import BUILTIN_EVIDENCE
from flowengine.challenges.catalog import Catalog
from flowengine.challenges.offers import Offer
from flowengine.expr import BOOL, Environment, Type, parse
from flowengine.expr.tree import Node as Tree
from flowengine.flow.definition import (
    AuthFlowDefinition,
    FlowDefinition,
    InputDefinition,
    ResponseRule,
)
from flowengine.flow.edges import check_target
from flowengine.flow.findings import Findings
from flowengine.flow.machine import FlowMachine, Row
from flowengine.flow.nodes import NodeCompiler
from flowengine.flow.offers import challenges_of, check_inline
from flowengine.flow.program import (
    ChallengeNode,
    Condition,
    DoorProgram,
    FlowProgram,
    InputProgram,
    NodeProgram,
)
from flowengine.flow.reachability import decision_loop, reachable
from flowengine.flow.scope import AUTH_FLOW_NAMES, BUILTIN_NAMES, fits, flow_scope, read_type
from flowengine.flow.targets import BUILTIN_TARGETS
from flowengine.source import Diagnostic, Excerpt, Span

DIALECT = "flowengine-flow-1"
"""Part of every digest: what a flow means. Changes when the same text would run otherwise."""

_DEMANDED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "USER_SRP_AUTH": ("SRP_A",),
        "USER_PASSWORD_AUTH": ("PASSWORD",),
        "ADMIN_USER_PASSWORD_AUTH": ("PASSWORD",),
        "CUSTOM_AUTH": (),
        "USER_AUTH": (),
    }
)
"""The AuthParameters that Cognito demands beside USERNAME (COGNITO.md, B.1)."""


def compile_flow(
    definition: FlowDefinition, catalog: Catalog
) -> tuple[FlowProgram | None, tuple[Diagnostic, ...]]:
    """Compile a flow; the program is None when there is any finding."""
    compiler = _Compiler(definition, catalog)
    program = compiler.compile()
    return program, tuple(compiler.findings.found)


def compile_condition(program: FlowProgram, text: str) -> Condition:
    """Compile a condition that a deployment adds, in the scope of a flow.

    Raises:
        ExpressionError: It does not fit; all diagnostics are in it.
    """
    environment = Environment(program.variables).with_definitions(program.definitions)
    return Condition(text, environment.compile(Excerpt.whole(text, "require"), BOOL))


class _Compiler:
    """One compilation."""

    def __init__(self, definition: FlowDefinition, catalog: Catalog) -> None:
        self._definition = definition
        self._catalog = catalog
        self.findings = Findings(definition.source)
        self._names = tuple(node.name.text for node in definition.nodes)
        self._definitions: dict[str, Tree] = {}

    def compile(self) -> FlowProgram | None:
        flow = self._definition
        self._check_names()
        own = {name: kind.text for name, kind in flow.evidence.items()}
        evidence = (*BUILTIN_EVIDENCE, *own)
        inputs = dict(self._inputs())
        types = {name: declared.type for name, declared in inputs.items()}
        scope = flow_scope(evidence, types)
        environment, levels = self._define(Environment(scope))
        nodes = NodeCompiler(
            self._catalog,
            scope,
            environment,
            own,
            levels,
            self._names,
            challenges_of(flow.nodes),
            self.findings,
        )
        compiled = {node.name.text: nodes.compile(node) for node in flow.nodes}
        table = [row for node in flow.nodes for row in nodes.rows(node)]
        require = [nodes.condition(line.that, line.because) for line in flow.require]
        check_target(flow.start, self._names, self.findings)
        doors = dict(self._doors())
        if self.findings.found:
            return None
        programs = {name: node for name, node in compiled.items() if node is not None}
        self._check_graph(table, programs, doors)
        return FlowProgram(
            name=flow.name.text,
            version=flow.version,
            digest=self._digest(),
            start=flow.start.text,
            doors=MappingProxyType(doors),
            inputs=MappingProxyType(inputs),
            metadata=flow.metadata,
            require=tuple(condition for condition in require if condition is not None),
            nodes=MappingProxyType(programs),
            evidence=evidence,
            machine=FlowMachine((*self._names, *BUILTIN_TARGETS), table),
            definition=flow,
            variables=scope,
            definitions=MappingProxyType(self._definitions),
        )

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
                    kind.span,
                )

    def _inputs(self) -> Iterator[tuple[str, InputProgram]]:
        for written in self._definition.inputs:
            name = written.name.text
            if name in BUILTIN_NAMES:
                self.findings.error(
                    "reserved-name", f"'{name}' is a name of the engine's", written.name.span
                )
                continue
            type_ = read_type(written.type, name)
            if type_ is None:
                self.findings.error(
                    "unknown-type",
                    f"the type of input '{name}' is not one",
                    written.type_span,
                    hint="string, int, bool, double, [string], {score: int}, map(string)",
                )
                continue
            self._check_default(written, type_)
            default = written.default.value if written.default else None
            yield name, InputProgram(name, type_, written.default is None, default)

    def _check_default(self, written: InputDefinition, type_: Type) -> None:
        if written.default is not None and not fits(written.default.value, type_):
            self.findings.error(
                "wrong-default",
                f"the default of input '{written.name.text}' is not of its type",
                written.name.span,
            )

    def _define(self, environment: Environment) -> tuple[Environment, dict[str, Condition]]:
        """Compile the named conditions in their order; each may use those before it."""
        levels: dict[str, Condition] = {}
        for name, excerpt in self._definition.define:
            if name.text in environment.variables or name.text in BUILTIN_NAMES:
                self.findings.error(
                    "reserved-name", f"'{name.text}' is taken by another name", name.span
                )
                continue
            program, found = environment.check(excerpt, BOOL)
            self.findings.found.extend(found)
            if program is None:
                continue
            levels[name.text] = Condition(excerpt.text, program)
            self._definitions[name.text] = environment.expand(parse(excerpt))
            environment = environment.with_definitions(self._definitions)
        return environment, levels

    def _doors(self) -> Iterator[tuple[str, DoorProgram]]:
        for written in self._definition.auth_flows:
            name = written.name.text
            if name not in _DEMANDED:
                if name in AUTH_FLOW_NAMES:
                    self.findings.error(
                        "not-run-yet",
                        f"auth flow '{name}' is not run by this version of flowengine",
                        written.name.span,
                    )
                else:
                    self.findings.unknown(
                        "unknown-auth-flow", "auth flow", written.name, AUTH_FLOW_NAMES
                    )
                continue
            start = written.start or self._definition.start
            check_target(start, self._names, self.findings)
            inline = tuple(key.text for key in written.inline)
            yield name, DoorProgram(name, start.text, _parameters(written), inline)

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
            self._check_door_inline(nodes, door)

    def _check_carried(
        self, table: list[Row], nodes: Mapping[str, NodeProgram], door: DoorProgram
    ) -> None:
        """Demand that what a kind is given by others has come on every path from a door."""
        asking = {n: node for n, node in nodes.items() if isinstance(node, ChallengeNode)}
        brought = {rule.key for rule in door.parameters if not rule.optional} - set(door.inline)
        for key in sorted({key for node in asking.values() for key in node.kind.facts.carried}):
            if key in brought:
                continue
            giving = {n for n, node in asking.items() if key in node.kind.facts.provides}
            without = [r for r in table if not (r.source in giving and r.outcome == "proved")]
            for name in sorted(reachable(without, door.start) & asking.keys()):
                if key in asking[name].kind.facts.carried:
                    self.findings.error(
                        "missing-parameter",
                        f"node '{name}' needs {key}, which {door.name} does not bring",
                        self._place(name),
                    )

    def _check_door_inline(self, nodes: Mapping[str, NodeProgram], door: DoorProgram) -> None:
        start = nodes.get(door.start)
        written = next(d for d in self._definition.auth_flows if d.name.text == door.name)
        kinds = [start.kind] if isinstance(start, ChallengeNode) else []
        if isinstance(start, ChallengeNode) and isinstance(start.settings, Offer):
            options = [nodes.get(name) for name in start.settings.options.values()]
            kinds = [node.kind for node in options if isinstance(node, ChallengeNode)]
        check_inline(written.inline, kinds, self.findings)

    def _place(self, name: str) -> Span:
        return next(n.name.span for n in self._definition.nodes if n.name.text == name)

    def _digest(self) -> str:
        """Hash all that decides how the flow runs: its text, its kinds and the dialect."""
        decisive = {
            "dialect": DIALECT,
            "text": self._definition.source.text,
            "kinds": {name: type(kind).__qualname__ for name, kind in self._catalog.kinds.items()},
        }
        return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def _parameters(written: AuthFlowDefinition) -> tuple[ResponseRule, ...]:
    if written.parameters is not None:
        return written.parameters
    span = written.name.span
    demanded = tuple(ResponseRule(key, span) for key in _DEMANDED[written.name.text])
    return (*demanded, ResponseRule("DEVICE_KEY", span, optional=True))
