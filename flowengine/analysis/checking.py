"""Checks one flow: its text, what it compiles to, and every rule."""

from __future__ import annotations

from collections.abc import Callable

from flowengine.analysis.proof.proving import FlowProof
from flowengine.analysis.proved.rules import PROOF_RULES
from flowengine.analysis.rules import ALL_RULES
from flowengine.analysis.suppressing import suppressed
from flowengine.challenges.catalog import Catalog
from flowengine.flow.library import NO_FLOWS, Library
from flowengine.flow.loading import load_source
from flowengine.flow.program import FlowProgram
from flowengine.source import Diagnostic, SourceText

Prover = Callable[[FlowProgram], FlowProof]


def check_flow(
    source: SourceText,
    library: Library = NO_FLOWS,
    catalog: Catalog | None = None,
    *,
    prove: Prover = FlowProof,
) -> tuple[FlowProgram | None, list[Diagnostic]]:
    """Load a flow and run every rule over it.

    Args:
        library: Has the flows that it uses as steps.
        prove: Makes the proof that the rules look at; one with a replayer plays counter-examples
            before they are told, and what it does not bear out is told as unproven.

    Returns:
        The program, or None when there is an error; and what was found, by place.
    """
    program, found = load_source(source, catalog, library)
    if program is None:
        return None, found
    ordered = sorted([*found, *check_program(program, prove)], key=Diagnostic.sort_key)
    return (None if any(each.is_fatal for each in ordered) else program), ordered


def check_source(source: SourceText, library: Library = NO_FLOWS) -> list[Diagnostic]:
    """Give all that is to be said about a flow's text, by place."""
    return check_flow(source, library)[1]


def check_program(program: FlowProgram, prove: Prover = FlowProof) -> list[Diagnostic]:
    """Run every rule over a flow that compiles; what its author accepted is marked so."""
    found = [finding for rule in ALL_RULES for finding in rule.check(program)]
    proof = prove(program)
    found += [finding for rule in PROOF_RULES for finding in rule.check(proof)]
    return suppressed(program.definition.source, found, program.definition)
