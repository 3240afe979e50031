"""Compiles nodes: what each asks, by what rules, and where its outcomes lead."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import assert_never

from flowengine.challenges.catalog import CHALLENGE_NAMES, Catalog
from flowengine.challenges.custom_settings import CustomSettings
from flowengine.challenges.kind import ChallengeKind, Standing
from flowengine.errors import caller_errors
from flowengine.expr import BOOL, Environment
from flowengine.flow.bounds import response_sizes
from flowengine.flow.calls import CallCompiler
from flowengine.flow.custom_compiler import CUSTOM, compile_custom
from flowengine.flow.definition import (
    CallNodeDefinition,
    ChallengeDefinition,
    ChooseDefinition,
    EndDefinition,
    OfferDefinition,
)
from flowengine.flow.edges import edge_rows
from flowengine.flow.findings import Findings
from flowengine.flow.machine import FAILED, RESENT, RETURNED, SWITCHED, Row
from flowengine.flow.offers import compile_offer, compile_switch, offer_rows, switch_rows
from flowengine.flow.program import (
    CallNode,
    ChallengeNode,
    ChooseNode,
    Condition,
    EndNode,
    NodeProgram,
    Poll,
    Resend,
    Switch,
)
from flowengine.flow.scope import responses_type
from flowengine.flow.targets import AGAIN, REFUSED
from flowengine.source import Excerpt

OwnNode = (
    ChallengeDefinition | OfferDefinition | ChooseDefinition | CallNodeDefinition | EndDefinition
)
"""What is one node of the program; another flow as a step is several."""

OUTCOMES = {
    "next": "proved",
    "wrong": "wrong",
    "exhausted": "exhausted",
    "expired": "expired",
    "denied": "denied",
    "unavailable": "unavailable",
}
"""The outcome that each key of a challenge is the edge of."""

IMPLIED_KEYS = frozenset({"USERNAME", "SECRET_HASH", "DEVICE_KEY"})
"""The protocol's own keys; written only to add rules."""


@dataclass(frozen=True, slots=True)
class NodeCompiler:
    """Compiles the nodes of one flow.

    Attributes:
        environment: What is readable everywhere.
        evidence: The kind of each name of evidence that the flow declares.
        levels: The conditions of ``define``, by name.
        names: The names of all nodes.
        challenges: The challenge of each node that asks one.
        calls: Compiles calls of functions.
    """

    catalog: Catalog
    environment: Environment
    evidence: Mapping[str, str]
    levels: Mapping[str, Condition]
    names: Collection[str]
    challenges: Mapping[str, str]
    calls: CallCompiler
    findings: Findings

    def compile(self, node: OwnNode) -> NodeProgram | None:
        """Compile one node; None when there is something wrong with it."""
        match node:
            case ChallengeDefinition():
                return self._challenge(node)
            case OfferDefinition():
                return compile_offer(
                    node,
                    self.catalog,
                    self.challenges,
                    self.environment,
                    self.needs(node.needs),
                    self.findings,
                )
            case ChooseDefinition():
                return ChooseNode(node.name.text, self.needs(node.needs))
            case CallNodeDefinition():
                return self._call(node)
            case EndDefinition():
                return self._end(node)
            case _:
                assert_never(node)

    def rows(self, node: OwnNode) -> Iterator[Row]:
        """Give the arrows that leave a node."""
        source = node.name.text
        match node:
            case ChallengeDefinition():
                yield from self._challenge_rows(node)
                yield from switch_rows(node, self.challenges)
                if node.resend is not None:
                    yield Row(RESENT, source, source)
            case OfferDefinition():
                yield from offer_rows(
                    node, self.challenges, self.environment, self.names, self.findings
                )
            case ChooseDefinition():
                yield from edge_rows(
                    source, "decide", node.edge, self.environment, self.names, self.findings
                )
            case CallNodeDefinition():
                for outcome, edge in ((RETURNED, node.next), (FAILED, node.failed)):
                    yield from edge_rows(
                        source, outcome, edge, self.environment, self.names, self.findings
                    )
            case EndDefinition():
                return
            case _:
                assert_never(node)

    def condition(self, written: Excerpt | None, because: str | None = None) -> Condition | None:
        """Compile a condition that stands outside any node's edges."""
        if written is None:
            return None
        program, found = self.environment.check(written, BOOL)
        self.findings.found.extend(found)
        return Condition(written.text, program, because) if program is not None else None

    def needs(self, written: Excerpt | None) -> tuple[Condition, ...]:
        """Compile what must hold whenever a node is entered."""
        condition = self.condition(written)
        return () if condition is None else (condition,)

    def _call(self, node: CallNodeDefinition) -> CallNode:
        signature = self.calls.signature(node.call.function.text)
        if node.save is not None and signature.acts:
            self.findings.error(
                "acting-function",
                f"'{node.call.function.text}' acts once its step is settled, so nothing is saved",
                node.save.span,
            )
        return CallNode(
            name=node.name.text,
            call=self.calls.compile(node.call, self.environment, may_act=True),
            save=node.save.text if node.save else None,
            returns=signature.returns,
            acts=signature.acts,
            needs=self.needs(node.needs),
            bounds=signature.bounds,
        )

    def _challenge(self, node: ChallengeDefinition) -> ChallengeNode | None:
        kind = self._kind(node)
        if kind is None:
            return None
        settings: CustomSettings | None = None
        if node.challenge.text == CUSTOM:
            settings = compile_custom(node, self.evidence, self.calls, self.environment)
        else:
            self._refuse_custom_keys(node)
        self._check_evidence(node)
        self._check_responses(node, kind)
        self._check_resend(node, kind)
        own = (node.evidence.text,) if node.evidence else ()
        switch = compile_switch(node, self.challenges, self.findings)
        return ChallengeNode(
            name=node.name.text,
            kind=kind,
            responses=node.responses,
            settings=settings,
            evidence=(*kind.facts.proves, *own),
            attempts=node.attempts or kind.facts.attempts,
            expires=node.expires,
            needs=self.needs(node.needs),
            written=frozenset({*(OUTCOMES[key] for key in node.edges), *_switched(switch)}),
            resend=_resend(node),
            switch=switch,
            poll=Poll(node.poll.every, node.poll.lasting) if node.poll else None,
        )

    def _kind(self, node: ChallengeDefinition) -> ChallengeKind | None:
        kind = self.catalog.find(node.challenge.text)
        if kind is not None:
            return kind
        if node.challenge.text in CHALLENGE_NAMES:
            self.findings.error(
                "unknown-challenge",
                f"'{node.challenge.text}' cannot be asked here",
                node.challenge.span,
                hint=f"there are {', '.join(sorted(self.catalog.names))}",
            )
        else:
            self.findings.unknown(
                "unknown-challenge", "challenge", node.challenge, self.catalog.names
            )
        return None

    def _refuse_custom_keys(self, node: ChallengeDefinition) -> None:
        written = {
            "create": node.create,
            "verify": node.verify,
            "parameters": node.parameters,
            "evidence": node.evidence,
            "deliver": node.deliver,
            "poll": node.poll,
        }
        for key, value in written.items():
            if value:
                self.findings.error(
                    "custom-only",
                    f"'{key}' belongs to {CUSTOM}, not to {node.challenge.text}",
                    node.challenge.span,
                )

    def _check_evidence(self, node: ChallengeDefinition) -> None:
        if node.evidence is not None and node.evidence.text not in self.evidence:
            self.findings.unknown("unknown-evidence", "evidence", node.evidence, self.evidence)

    def _check_responses(self, node: ChallengeDefinition, kind: ChallengeKind) -> None:
        """Refuse a node that does not declare what its kind cannot verify without."""
        declared = {rule.key for rule in node.responses if not rule.optional}
        for key in kind.facts.required:
            if key not in declared:
                self.findings.error(
                    "missing-response-key",
                    f"{node.challenge.text} cannot be verified without '{key}'",
                    node.challenge.span,
                    hint=f"declare '{key}' under responses, not as optional",
                )

    def _check_resend(self, node: ChallengeDefinition, kind: ChallengeKind) -> None:
        """Refuse to send anew what was never sent, and keys that mean two things."""
        if node.resend is not None and kind.facts.channel is None and node.deliver is None:
            self.findings.error(
                "nothing-to-resend",
                f"{kind.facts.name} sends nothing, so nothing can be sent anew",
                node.resend.key.span,
            )
        own = {rule.key for rule in node.responses} | IMPLIED_KEYS
        detours = [each.key for each in (node.resend, node.switch) if each is not None]
        for key in detours:
            if key.text in own or [other.text for other in detours].count(key.text) > 1:
                self.findings.error(
                    "ambiguous-key",
                    f"'{key.text}' already means something else at this node",
                    key.span,
                )

    def _challenge_rows(self, node: ChallengeDefinition) -> Iterator[Row]:
        kind = self.catalog.find(node.challenge.text)
        sizes = response_sizes(node.responses)
        responses = {"responses": responses_type(node.responses)}
        inside = self.environment.with_variables(responses, sizes.most, sizes.places)
        for key, outcome in OUTCOMES.items():
            edge = node.edges.get(key)
            if edge is not None:
                reading = inside if key in ("next", "wrong", "exhausted", "denied") else None
                yield from edge_rows(
                    node.name.text,
                    outcome,
                    edge,
                    reading or self.environment,
                    self.names,
                    self.findings,
                )
                self._check_over(node, kind, key)
            elif kind is not None:
                yield Row(outcome, node.name.text, _default_target(node, kind, outcome))

    def _check_over(self, node: ChallengeDefinition, kind: ChallengeKind | None, key: str) -> None:
        """Refuse a way for an *over* kind to be tried again: its sign-in has ended."""
        if key != "wrong" or kind is None or kind.facts.standing is not Standing.OVER:
            return
        for branch in node.edges[key].branches:
            if branch.goto.text in (AGAIN, node.name.text):
                self.findings.error(
                    "over-kind-retries",
                    f"a wrong answer to {kind.facts.name} ends the sign-in and cannot be retried",
                    branch.goto.span,
                )

    def _end(self, node: EndDefinition) -> EndNode:
        level = None
        if node.level is not None:
            level = self.levels.get(node.level.text)
            if level is None:
                self.findings.unknown("unknown-level", "definition", node.level, self.levels)
        if node.error is not None and node.error.text not in caller_errors():
            # An unknown one would be told as another, and the author would never know.
            self.findings.unknown("unknown-error", "exception", node.error, caller_errors())
        return EndNode(
            name=node.name.text,
            success=node.success,
            error=node.error.text if node.error else None,
            message=node.message,
            level=level,
            level_name=node.level.text if node.level else None,
            grants=node.grants,
            needs=self.needs(node.needs),
        )


def _switched(switch: Switch | None) -> Iterator[str]:
    return (f"{SWITCHED}{challenge}" for challenge in (switch.to if switch is not None else ()))


def _resend(node: ChallengeDefinition) -> Resend | None:
    written = node.resend
    return Resend(written.key.text, written.times, written.every) if written is not None else None


def _default_target(node: ChallengeDefinition, kind: ChallengeKind, outcome: str) -> str:
    """Give the target of an outcome that the author did not write."""
    if outcome == "wrong" and kind.facts.standing is Standing.RETRY:
        return AGAIN
    if outcome == "wrong" and kind.facts.standing is Standing.REISSUE:
        return node.name.text
    return REFUSED
