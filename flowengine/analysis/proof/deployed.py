"""What a deployment demands of its flows: each client's ``require``, and a pool's ``mfa``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import permutations
from typing import Final

from flowengine.accounts.evidence import BUILTIN_EVIDENCE, EvidenceKind
from flowengine.accounts.pool import Mfa
from flowengine.analysis.proof.claims import Replayer
from flowengine.analysis.proof.proving import FlowProof, Promise
from flowengine.analysis.proof.telling import named, path_notes
from flowengine.analysis.proof.verdict import Proved, Unproven
from flowengine.deployment.definition import (
    ClientDefinition,
    DeploymentDefinition,
    PoolDefinition,
)
from flowengine.expr import BOOL
from flowengine.flow.compiler import compile_condition
from flowengine.flow.definition import Name
from flowengine.flow.program import ChallengeNode, Condition, FlowProgram
from flowengine.source import Diagnostic, Span

REQUIRE = "client-require-not-proved"
MFA = "mfa-not-proved"
_KINDS: Final = tuple(kind for kind in EvidenceKind if kind is not EvidenceKind.NONE)


def check_deployed(
    definition: DeploymentDefinition,
    flows: Mapping[str, FlowProgram],
    replayer: Replayer | None = None,
) -> Iterator[Diagnostic]:
    """Prove for every auth flow of every client what the client and its pool demand.

    Args:
        replayer: Plays counter-examples before they are told, where there is one.
    """
    for pool in definition.pools:
        for client in pool.clients:
            for auth_flow, flow in client.auth_flows:
                program = flows.get(flow.text)
                if program is not None and auth_flow.text in program.doors:
                    checked = _Checked(definition, pool, client, auth_flow, flow, program, replayer)
                    yield from checked.require()
                    yield from checked.mfa()


class _Checked:
    """One auth flow of one client."""

    def __init__(
        self,
        definition: DeploymentDefinition,
        pool: PoolDefinition,
        client: ClientDefinition,
        auth_flow: Name,
        flow: Name,
        program: FlowProgram,
        replayer: Replayer | None,
    ) -> None:
        self._definition = definition
        self._pool = pool
        self._client = client
        self._auth_flow = auth_flow
        self._flow = flow
        self._program = program
        self._replayer = replayer

    def require(self) -> Iterator[Diagnostic]:
        """Prove the client's own lines."""
        for written in self._client.require:
            program, _ = self._program.environment.check(written, BOOL)
            if program is None:
                continue  # what does not fit the flow is told by itself
            span = written.span(0, len(written.text))
            yield from self._told(REQUIRE, Condition(written.text, program), span, "demands")

    def mfa(self) -> Iterator[Diagnostic]:
        """Prove two kinds of evidence where the pool requires several factors.

        Instead of the second, a credential of another kind may have been enrolled, wherever the
        node that enrols it is come to with evidence of a kind that is not its own.
        """
        if self._pool.pool.mfa is not Mfa.REQUIRED:
            return
        text = two_kinds(self._program, self._guarded())
        if text is None:
            message = f"flow '{self._flow.text}' asks for no two kinds of evidence, and pool "
            message += f"'{self._pool.name.text}' says `mfa: required`"
            yield Diagnostic(MFA, message, self._definition.source, self._flow.span)
            return
        condition = compile_condition(self._program, text)
        yield from self._told(MFA, condition, self._flow.span, "two kinds of evidence")

    def _guarded(self) -> frozenset[str]:
        """Name what is enrolled only after evidence of another kind."""
        guarded = set()
        for name, nodes in _enrolling(self._program).items():
            kinds = BUILTIN_EVIDENCE[name]
            others = [each for kind in _KINDS if kind not in kinds for each in self._proving(kind)]
            if not others:
                continue
            condition = compile_condition(self._program, _any("proved", others))
            proof = self._proof(condition)
            if isinstance(proof.at_entry(condition, nodes), Proved):
                guarded.add(name)
        return frozenset(guarded)

    def _proving(self, kind: EvidenceKind) -> list[str]:
        return _names(self._program, kind)

    def _proof(self, condition: Condition, rule: str = MFA) -> FlowProof:
        known = {
            "pool": self._pool.pool.bindings(),
            "client": self._client.client.bindings(),
        }
        return FlowProof(
            self._program,
            doors=(self._auth_flow.text,),
            known=known,
            added=(condition,),
            replayer=self._replayer,
            rule=rule,
        )

    def _told(
        self, rule: str, condition: Condition, span: Span, demand: str
    ) -> Iterator[Diagnostic]:
        verdict = self._proof(condition, rule).at_success(condition)
        if isinstance(verdict, Proved):
            return
        where = f"{self._auth_flow.text} of client '{self._client.name.text}'"
        what = named(Promise(condition, verdict)) if rule == REQUIRE else demand
        said = f"flow '{self._flow.text}', run by {where}, succeeds without {what}"
        if isinstance(verdict, Unproven):
            said = f"cannot prove {what} for {where}: {verdict.because}"
        notes = path_notes(verdict.by) if verdict.by else ()
        yield Diagnostic(rule, said, self._definition.source, span, notes=notes)


def two_kinds(program: FlowProgram, guarded: Collection[str] = ()) -> str | None:
    """Write the condition that evidence of two kinds is there; None where it can never be.

    Two names of one mailbox or of one phone are of one kind, and so count once. A passkey that
    verified its user is of two kinds by itself.

    Args:
        guarded: What may have been enrolled instead of one of the two.
    """
    proved = {kind: _any("proved", _names(program, kind)) for kind in _KINDS}
    made = {
        kind: _any("enrolled", sorted(name for name in guarded if kind in BUILTIN_EVIDENCE[name]))
        for kind in _KINDS
    }
    pairs = [(one, other) for one, other in permutations(_KINDS, 2) if proved[one]]
    both = [
        f"({proved[one]}) && ({' || '.join(filter(None, (proved[other], made[other])))})"
        for one, other in pairs
        if proved[other] or made[other]
    ]
    return " || ".join(both) or None


def _names(program: FlowProgram, kind: EvidenceKind) -> list[str]:
    own = {name: {written.text} for name, written in program.definition.evidence.items()}
    kinds = {**BUILTIN_EVIDENCE, **own}
    return [name for name in program.evidence if kind in kinds.get(name, ())]


def _enrolling(program: FlowProgram) -> dict[str, list[str]]:
    """Give the nodes at which each credential may be made that is shown to work when it is.

    A password is not: whoever chooses one has shown nothing by it.
    """
    found: dict[str, list[str]] = {}
    for name, node in program.nodes.items():
        if isinstance(node, ChallengeNode):
            for each in node.kind.facts.enrols if node.kind.facts.operations else ():
                found.setdefault(each, []).append(name)
    return found


def _any(root: str, names: Iterable[str]) -> str:
    return " || ".join(f"{root}.{name}" for name in names)
