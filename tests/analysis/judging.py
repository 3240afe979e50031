"""Whether a flow with a mistake in it is worse than it was, asked of a walk and of no rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from flowengine.analysis.answers import ways
from flowengine.analysis.checking import check_flow
from flowengine.analysis.formulas import All, formula
from flowengine.analysis.standing import Memory, Place, TooManyPlacesError
from flowengine.analysis.walking import Walker
from flowengine.flow.definition import FlowDefinition
from flowengine.flow.library import Definitions
from flowengine.flow.loading import load_source, read_source
from flowengine.flow.program import EndNode, FlowProgram
from flowengine.source import Diagnostic, SourceText
from tests.analysis.manual import ROOT

FOLDERS: Final = (ROOT / "flows", ROOT / "examples", ROOT / "examples" / "embed_fastapi")
SHIPPED: Final = sorted(path for folder in FOLDERS for path in folder.glob("*.flow.yaml"))
USED_BY: Final = {
    "device": "password.flow.yaml",
    "post-password": "password.flow.yaml",
    "second-factor": "password.flow.yaml",
}
"""Flows that are steps only, and one that uses them: what they ask for is judged there."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A flow, or a flow with a mistake in it, and where it is used."""

    path: Path
    text: str

    def library(self) -> Definitions:
        return Definitions(lambda: tuple(self._definitions()))

    def _definitions(self) -> Iterator[FlowDefinition]:
        for path in sorted(self.path.parent.glob("*.flow.yaml")):
            text = self.text if path == self.path else path.read_text(encoding="utf-8")
            definition, _ = read_source(SourceText(path.name, text))
            if definition is not None:
                yield definition

    def sources(self) -> list[SourceText]:
        """Give the texts that are checked: its own, and that of a flow that uses it."""
        own = SourceText(self.path.name, self.text)
        user = USED_BY.get(self.path.name.removesuffix(".flow.yaml"))
        if user is None:
            return [own]
        text = (self.path.parent / user).read_text(encoding="utf-8")
        return [own, SourceText(user, text)]

    def found(self) -> list[Diagnostic]:
        """Give what nobody accepted."""
        library = self.library()
        everything = [e for s in self.sources() for e in check_flow(s, library)[1]]
        return [each for each in everything if each.suppression is None]

    def program(self) -> FlowProgram:
        """Give the program in which it runs."""
        program, found = load_source(self.sources()[-1], library=self.library())
        assert program is not None, found
        return program


def can_be_judged(program: FlowProgram) -> bool:
    """Say whether a walk comes to its end; otherwise what it compares is too coarse to tell."""
    try:
        for door in _doors(program):
            Walker(program).places(door)
    except TooManyPlacesError:
        return False
    return True


def is_worse(before: FlowProgram, after: FlowProgram) -> bool:
    """Say whether some facts let somebody in for less than before, or nobody in any more."""
    for door in _doors(before):
        old, new = (_successes(each, door) for each in (before, after))
        if any(not any(_as_much(was, now) for was in old) for now in new):
            return True
        if any(not any(was.begun.agrees(now.begun) for now in new) for was in old):
            return True
    return before.doors.keys() != after.doors.keys()


def _doors(program: FlowProgram) -> tuple[str | None, ...]:
    return tuple(program.doors) or (None,)


def _as_much(was: Place, now: Place) -> bool:
    """Say whether what is proved now was enough before, under the same facts."""
    return was.proved <= now.proved and was.begun.agrees(now.begun)


def _successes(program: FlowProgram, door: str | None) -> list[Place]:
    try:
        return Walker(program).successes(door)
    except TooManyPlacesError:
        return Walker(program, memory=Memory.NONE).successes(door)


def breaks_require(program: FlowProgram) -> bool:
    """Say whether some way comes to a success at which ``require``, or a ``needs``, is not true.

    Such a sign-in is refused when it runs; that it can come so far is what the proof of a flow
    finds.
    """
    loose = replace(
        program,
        require=(),
        nodes={name: replace(node, needs=()) for name, node in program.nodes.items()},
    )
    for door in _doors(program):
        try:
            walker = Walker(loose)
            places = walker.places(door)
        except TooManyPlacesError:
            walker = Walker(loose, memory=Memory.NONE)
            places = walker.places(door)
        if any(_may_fail(program, walker, place) for place in places):
            return True
    return False


def _may_fail(program: FlowProgram, walker: Walker, place: Place) -> bool:
    node = program.nodes[place.node]
    demanded = [*node.needs]
    if isinstance(node, EndNode) and node.success:
        demanded += program.require
    whole = All(tuple(formula(condition.program.tree) for condition in demanded))
    found = ways(whole, place.now, lambda known: walker._ask(place, known))
    return any(not said for said, _ in found)
