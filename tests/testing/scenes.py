"""Makes scenarios of one flow, and plays them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flowengine.source import Diagnostic, SourceText
from flowengine.testing.scenarios import ScenarioResult, play
from flowengine.testing.scenarios.reader import read_text
from tests.engine.world import program

FLOWS = Path(__file__).parents[2] / "flows"
HEAD = "flow: sign-in\nusers:\n  ada: {}\n  bob: {has: [totp]}\nscenarios:\n"


def read(text: str, folder: Path = FLOWS) -> list[Diagnostic]:
    """Give what is wrong with a file."""
    return read_text(SourceText("test.flowtest.yaml", text), folder)[1]


def played(text: str, flow: str | None = None) -> list[ScenarioResult]:
    """Play a file, of a shipped flow or of the text of one."""
    compiled = program(flow) if flow is not None else None
    file, found = read_text(SourceText("test.flowtest.yaml", text), FLOWS, compiled)
    assert file is not None, [(f.rule, f.message) for f in found]
    return [play(each, file.program) for each in file.scenarios]


def scene(body: str, flow: str | None = None, head: str = HEAD) -> ScenarioResult:
    """Play one scenario: its members, a line each."""
    lines = "".join(f"    {line}\n" for line in body.strip("\n").splitlines())
    (result,) = played(f"{head}  it:\n{lines}", flow)
    return result


def message(result: ScenarioResult) -> str:
    """Give what a scenario that fails says, with its place."""
    assert result.failure is not None
    place = result.failure.source.position(result.failure.span.start)
    return f"{place.line}:{place.column}: {result.failure.message}"


def trail(result: ScenarioResult) -> list[Any]:
    """Give the way that was taken as pairs."""
    return [(each.node, each.target) for each in result.trail]
