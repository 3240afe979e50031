"""Finds the files that ship beside the code: ``grammars/``, ``flows/`` and ``docs/rules/``."""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

_SCHEMA = ".schema.json"


@cache
def _folder(kind: str, checkout: str | None = None) -> Path:
    """Find a shipped folder in the installed package first, else in the checkout.

    An editable install has no ``_data`` package, so the checkout is the second place.
    """
    packaged = Path(str(resources.files("flowengine"))) / "_data" / kind
    return packaged if packaged.is_dir() else _checkout() / (checkout or kind)


def _checkout() -> Path:
    return Path(__file__).resolve().parent.parent


def grammar(name: str) -> str:
    """Read a grammar or a schema by its file name; UTF-8."""
    return (_folder("grammars") / name).read_text(encoding="utf-8")


def schemas() -> dict[str, str]:
    """Give the texts of the JSON Schemas by the kind of file that they are for: ``flow``."""
    files = sorted(_folder("grammars").glob(f"*{_SCHEMA}"))
    return {path.name.removesuffix(_SCHEMA): path.read_text(encoding="utf-8") for path in files}


def flows() -> Path:
    """Give the folder of the flows that ship with the package."""
    return _folder("flows")


@cache
def rule_names() -> frozenset[str]:
    """Name the rules, one for each page of their manual."""
    return frozenset(path.stem for path in _folder("rules", "docs/rules").glob("*.md"))


def rule_page(name: str) -> str:
    """Read the manual's page of a rule; UTF-8, Markdown."""
    return (_folder("rules", "docs/rules") / f"{name}.md").read_text(encoding="utf-8")
