"""Plays counter-examples before they are told, and writes them as scenarios."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flowengine.analysis.proof.claims import Claim
from flowengine.analysis.proof.proving import FlowProof, Promise
from flowengine.analysis.proof.verdict import Counterexample
from flowengine.cli.escaping import shown_path
from flowengine.cli.sources import real
from flowengine.flow.program import FlowProgram

if TYPE_CHECKING:
    from flowengine.testing import Scenario


@dataclass(frozen=True, slots=True)
class Refutation:
    """A counter-example that the engine bears out.

    Attributes:
        flow: The flow's name.
        source: The name of its file, or of the stream that it came by.
        scenario: What plays it; its name is the rule's.
    """

    flow: str
    source: str
    scenario: Scenario = field(repr=False)


class Player:
    """Plays counter-examples, each once, and keeps those that come as they were claimed."""

    def __init__(self) -> None:
        """Begin without any."""
        self.refuted: list[Refutation] = []

    def __call__(self, program: FlowProgram, example: Counterexample, claim: Claim) -> str | None:
        """Give None where it comes as claimed, else what came instead."""
        from flowengine.testing.replaying import replay  # noqa: PLC0415 - needed by few, and slow

        played = replay(program, example, claim)
        if played.otherwise is None and played.scenario is not None:
            source = program.definition.source.name
            self.refuted.append(Refutation(program.name, source, played.scenario))
        return played.otherwise


class KeptProofs:
    """Proves flows, with one player, and keeps the proofs, so that nothing is proved twice.

    Attributes:
        player: Has what was refuted.
        proofs: In the order in which the flows were checked.
    """

    def __init__(self) -> None:
        """Begin without any."""
        self.player = Player()
        self.proofs: list[FlowProof] = []

    def __call__(self, program: FlowProgram) -> FlowProof:
        """Make the proof of a flow; its parts are worked out when they are asked for."""
        proof = FlowProof(program, replayer=self.player)
        self.proofs.append(proof)
        return proof


def promises_of(program: FlowProgram) -> Iterator[Promise]:
    """Give what a flow promises, each proved when its turn comes, and played where refuted."""
    proof = FlowProof(program, replayer=Player())
    yield from proof.require
    yield from proof.needs
    yield from proof.levels


def write_scenarios(refuted: Iterable[Refutation], folder: str) -> int:
    """Write ``FLOW.RULE-n.flowtest.yaml`` for each refutation; they name the flow's file.

    Returns:
        How many were written.

    Raises:
        UsageError: A file cannot be written.
    """
    from flowengine.testing.scenarios import SUFFIX  # noqa: PLC0415 - needed by few, and slow

    counted: Counter[str] = Counter()
    for each in refuted:
        name = f"{each.flow}.{each.scenario.name}"
        counted[name] += 1
        path = Path(folder) / f"{name}-{counted[name]}{SUFFIX}"
        scenario = replace(each.scenario, flow=_reference(each, folder))
        _write(path, scenario.to_yaml())
    return counted.total()


def _reference(refuted: Refutation, folder: str) -> str:
    """Name a flow's file as a scenario in a folder does; by the flow's name what has none."""
    if not refuted.source.endswith((".yaml", ".yml")):
        return refuted.flow
    try:
        return Path(os.path.relpath(real(refuted.source), real(folder))).as_posix()
    except ValueError:  # on another drive
        return Path(real(refuted.source)).as_posix()


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        message = f"cannot write {shown_path(path)}: {error.strerror}"
        raise click.UsageError(message) from None
