"""What is in the wheel, and that it works where the repository is not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT, Installed

READS = """
import flowengine
from flowengine import resources
from flowengine.stores.schema import migrate
assert flowengine.__file__.startswith({site!r}), flowengine.__file__
print(len(resources.grammar("flow.schema.json")), len(resources.grammar("expression.lark")))
print(resources.rule_page("single-factor")[:15], len(resources.rule_names()) > 100)
print((resources.flows() / "sign-in.flow.yaml").read_text()[:10])
migrate("sqlite:///new.db")
"""


def test_every_file_of_the_shipped_folders_is_in_the_wheel(installed: Installed) -> None:
    for folder, place in (
        ("grammars", "_data/grammars"),
        ("flows", "_data/flows"),
        ("docs/rules", "_data/rules"),
    ):
        there = {path.name for path in (installed.site / "flowengine" / place).iterdir()}
        assert {path.name for path in (ROOT / folder).iterdir()} <= there
    code = {path.relative_to(ROOT) for path in (ROOT / "flowengine").rglob("*.py")}
    assert {path for path in code if not (installed.site / path).is_file()} == set()


def test_nothing_that_is_not_for_users_is_in_the_wheel(installed: Installed) -> None:
    top = {path.name for path in installed.site.iterdir() if "dist-info" not in path.name}
    assert top - {"bin"} == {"flowengine"}


def test_a_file_of_each_shipped_folder_is_read_where_the_repository_is_not(
    installed: Installed, tmp_path: Path
) -> None:
    code = READS.format(site=str(installed.site))
    done = installed.run(tmp_path, sys.executable, "-c", code)
    assert done.stderr == ""
    assert done.returncode == 0
    assert (tmp_path / "new.db").stat().st_size > 0


@pytest.mark.parametrize("extra", ["server", "postgresql", "redis", "prove"])
def test_the_extras_are_declared(installed: Installed, extra: str) -> None:
    (metadata,) = installed.site.glob("flowengine-*.dist-info/METADATA")
    assert f"Provides-Extra: {extra}\n" in metadata.read_text()


def test_pytest_finds_the_plugin_and_plays_what_new_wrote(
    installed: Installed, tmp_path: Path
) -> None:
    assert installed.run(tmp_path, *installed.command, "new", "login").returncode == 0
    words = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error")
    done = installed.run(tmp_path, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout
