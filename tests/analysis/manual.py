"""The manual's pages of the rules, and the golden folder of each."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from flowengine import documents
from flowengine.analysis.checking import check_source
from flowengine.assembly.checking import check_deployment
from flowengine.cli.report import report
from flowengine.flow.loading import beside
from flowengine.source import Diagnostic
from tests.planted import ADMIN_SECRET, CLIENT_SECRET, KEY

ROOT: Final = Path(__file__).parents[2]
GOLDEN: Final = ROOT / "tests" / "golden" / "rules"
PAGES: Final = ROOT / "docs" / "rules"
ENVIRONMENT: Final[Mapping[str, str]] = {
    "CLIENT_SECRET": CLIENT_SECRET.replace("-", "_"),
    "ADMIN_ONE": ADMIN_SECRET,
    "ADMIN_TWO": ADMIN_SECRET,
    "GOOD_KEYS": "k1:" + base64.b64encode(KEY).decode(),
}
SHOWN_ELSEWHERE: Final[Mapping[str, str]] = {
    "file-unreadable": "what is not there cannot be kept in a folder: tests/documents",
    "yaml-size": "a file of more than a mebibyte: tests/documents",
    "expression-doubt": "check only compiles conditions; flowengine expr says it: tests/expr",
    "schema-one-of": "no two alternatives of a schema are of one type today: tests/documents",
    "reserved-target": "the schema refuses it first; said to whoever compiles without it",
    "unknown-auth-flow": "the schema refuses it first; said to whoever compiles without it",
}
"""Rules without a golden finding of their own, and why."""

_BLOCK = re.compile(r"^## (Bad|Good)\n\n```yaml\n(.*?)```", re.MULTILINE | re.DOTALL)


def names() -> list[str]:
    return sorted(path.stem for path in PAGES.glob("*.md"))


def page(rule: str) -> str:
    return (PAGES / f"{rule}.md").read_text(encoding="utf-8")


def blocks(rule: str) -> dict[str, str]:
    """Give the examples of a page: ``Bad`` and ``Good``."""
    return {found[1]: found[2] for found in _BLOCK.finditer(page(rule))}


def example(rule: str, which: str) -> Path:
    """Give the file that is bad, or good."""
    flow = GOLDEN / rule / f"{which}.flow.yaml"
    return flow if flow.exists() else GOLDEN / rule / f"{which}.flowengine.yaml"


def check(path: Path) -> list[Diagnostic]:
    """Check a file, by the path that it is given by."""
    if path.name.endswith(".flowengine.yaml"):
        return check_deployment(path, ENVIRONMENT)[1]
    source, found = documents.read(path)
    return found if source is None else check_source(source, beside(path))


def told(found: list[Diagnostic]) -> str:
    """Print findings as ``flowengine check`` does."""
    open_ = [each for each in found if each.suppression is None]
    lines = ["".join(piece.text for piece in line) for line in report(open_)]
    return "\n".join(lines)
