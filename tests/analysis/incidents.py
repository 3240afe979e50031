"""The manual's tables of incidents and laws: what is claimed, and what is named as its proof."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

DOCS: Final = Path(__file__).parents[2] / "docs"
BYPASSES: Final = Path(__file__).parent / "bypasses"

_LINK: Final = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
_RULE: Final = re.compile(r"\]\(rules/([a-z0-9-]+)\.md\)")
_INCIDENT: Final = re.compile(r"^\| (\d+) \|", re.MULTILINE)
_LAW: Final = re.compile(r"^\| ([ST]\d+) \|", re.MULTILINE)
BAD: Final = (".bad.flow.yaml", ".bad/flowengine.yaml")


@dataclass(frozen=True, slots=True)
class EngineTest:
    """A test that tries something on the engine, and is refused.

    Attributes:
        path: From the manual.
    """

    name: str
    path: str

    def is_there(self) -> bool:
        """Say whether its file defines it."""
        return self.name in _tests_of((DOCS / self.path).resolve())


@dataclass(frozen=True, slots=True)
class Incident:
    """A row of the table.

    Attributes:
        pairs: The rules that the bad file of each pair breaks, as errors, by the pair's name.
    """

    number: int
    laws: tuple[str, ...]
    pairs: dict[str, frozenset[str]]
    tests: tuple[EngineTest, ...]


@cache
def _tests_of(path: Path) -> frozenset[str]:
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(each.name for each in tree.body if isinstance(each, ast.FunctionDef))


def bad_file(name: str) -> Path:
    """Give the bad file of a pair: a flow, or a deployment in a folder of its own."""
    return next(BYPASSES / f"{name}{end}" for end in BAD if (BYPASSES / f"{name}{end}").exists())


def good_file(name: str) -> Path:
    """Give the repaired twin."""
    return Path(str(bad_file(name)).replace(f"{name}.bad", f"{name}.good"))


def names() -> list[str]:
    """Name the pairs of the folder, by their bad halves."""
    return sorted({path.name.partition(".bad")[0] for path in BYPASSES.glob("*.bad*")})


def incidents() -> tuple[Incident, ...]:
    """Read docs/INCIDENTS.md."""
    return tuple(_incident(line) for line in _rows("INCIDENTS.md", _INCIDENT))


def laws() -> dict[str, tuple[EngineTest, ...]]:
    """Read docs/LAWS.md: the tests that each law names."""
    rows = [_cells(line) for line in _rows("LAWS.md", _LAW)]
    return {cells[0]: _engine_tests(cells[-1]) for cells in rows}


def _rows(page: str, row: re.Pattern[str]) -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if row.match(line)]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split(" | ")]


def _incident(line: str) -> Incident:
    number, _, law, _, shown, _ = _cells(line)
    pairs = {}
    for part in shown.split("; "):
        link = _LINK.match(part)
        if link is not None and link[2].endswith(BAD):
            assert bad_file(link[1]) == (DOCS / link[2]).resolve(), part
            pairs[link[1]] = frozenset(_RULE.findall(part))
    return Incident(int(number), tuple(law.split(", ")), pairs, _engine_tests(shown))


def _engine_tests(cell: str) -> tuple[EngineTest, ...]:
    return tuple(
        EngineTest(text, path) for text, path in _LINK.findall(cell) if path.endswith(".py")
    )
