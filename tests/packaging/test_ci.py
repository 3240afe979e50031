"""The pre-commit hook and the GitHub Action, used from a repository as their users do."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.packaging.conftest import ROOT

BROKEN = (
    (ROOT / "flows" / "sign-in.flow.yaml").read_text().replace("\nstart: password", "\nstart: x")
)
CI_PAGE = (ROOT / "docs" / "CI.md").read_text()
GIT = shutil.which("git") or "git"
PARTS = ("flowengine", "grammars", "flows", "docs", "pyproject.toml", "README.md", "LICENSE",
         ".pre-commit-hooks.yaml", "action.yml")  # fmt: skip


def _blocks(containing: str) -> list[Any]:
    blocks = re.findall(r"```yaml\n(.*?)```", CI_PAGE, re.DOTALL)
    return [yaml.safe_load(block) for block in blocks if containing in block]


def _environment(home: Path, **more: str) -> dict[str, str]:
    """Give an environment whose packages are those of the tests, flowengine's own left out."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PRE_COMMIT")}
    return {
        **kept, "HOME": str(home), "PYTHONPATH": sysconfig.get_path("purelib"),
        "PIP_NO_DEPS": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "CI": "true",
        "PRE_COMMIT_HOME": str(home / "pre-commit"), **more,
    }  # fmt: skip


def _git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        (GIT, *who, *words), cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a repository with what is published of this one."""
    folder = tmp_path_factory.mktemp("published")
    for part in PARTS:
        if (ROOT / part).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / part, folder / part, ignore=ignored)
        else:
            shutil.copy(ROOT / part, folder / part)
    _git(folder, "init", "--quiet")
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message", "published")
    return folder


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Give a user's repository: a good flow, a broken one, and a file that is none of ours."""
    folder = tmp_path / "repository"
    (folder / "flows").mkdir(parents=True)
    (folder / "flows" / "good.flow.yaml").write_text((ROOT / "flows/sign-in.flow.yaml").read_text())
    (folder / "flows" / "broken.flow.yaml").write_text(BROKEN)
    (folder / "README.md").write_text("flow: [\n")
    _git(folder, "init", "--quiet")
    _git(folder, "add", "--all")
    return folder


def test_the_hook_checks_what_is_committed(published: Path, repository: Path) -> None:
    (config,) = _blocks("flowengine-check")
    config["repos"][0] |= {"repo": str(published), "rev": _git(published, "rev-parse", "HEAD")}
    (repository / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    _git(repository, "add", "--all")
    home = repository.parent

    def run(*files: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            (sys.executable, "-m", "pre_commit", "run", "--files", *files), cwd=repository,
            env=_environment(home), capture_output=True, text=True, check=False,
        )  # fmt: skip

    good = run("flows/good.flow.yaml")
    assert good.returncode == 0, good.stdout + good.stderr
    assert re.search(r"flowengine check\.+Passed", good.stdout)
    broken = run("flows/good.flow.yaml", "flows/broken.flow.yaml", "README.md")
    assert broken.returncode == 1
    assert re.search(r"flowengine check\.+Failed", broken.stdout)
    assert "flows/broken.flow.yaml:24:8: error: unknown node 'x'" in broken.stdout
    assert "README" not in broken.stdout
    skipped = run("README.md")
    assert re.search(r"flowengine check\.+.*Skipped", skipped.stdout)


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run of the action left behind."""

    code: int
    out: str
    outputs: Mapping[str, str]


def _run_action(published: Path, repository: Path, inputs: Mapping[str, str]) -> Ran:
    """Run the action's steps as the runner does: inputs by the environment, a shell for each."""
    action = yaml.safe_load((published / "action.yml").read_text())
    temp, outputs = repository.parent / "temp", repository.parent / "outputs"
    temp.mkdir(exist_ok=True)
    outputs.write_text("")
    given = {
        **{name: part.get("default", "") for name, part in action["inputs"].items()}, **inputs,
    }  # fmt: skip
    out, code = "", 0
    installed = (temp / "flowengine").is_dir()
    for step in action["runs"]["steps"][1 if installed else 0 :]:
        variables = {
            name: re.fullmatch(r"\$\{\{ inputs\.([\w-]+) \}\}", value)
            for name, value in step["env"].items()
        }
        assert "${{" not in step["run"]  # an input that became part of a script could command
        done = subprocess.run(
            ("/bin/bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]),
            cwd=repository,
            env=_environment(
                repository.parent, RUNNER_TEMP=str(temp), GITHUB_ACTION_PATH=str(published),
                GITHUB_OUTPUT=str(outputs), GITHUB_WORKSPACE=str(repository),
                **{name: given[found[1]] for name, found in variables.items() if found},
            ),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert None not in variables.values()
        out, code = out + done.stdout + done.stderr, done.returncode
        if code != 0:
            break
    lines = outputs.read_text().splitlines()
    return Ran(code, out, dict(line.split("=", 1) for line in lines))


def test_the_action_annotates_and_leaves_sarif_to_be_uploaded(
    published: Path, repository: Path
) -> None:
    ran = _run_action(published, repository, {"paths": "flows\n", "sarif": "found.sarif"})
    assert ran.code == 1, ran.out
    assert "\n::error file=flows/broken.flow.yaml,line=24," in f"\n{ran.out}"
    assert ran.outputs == {"sarif": "found.sarif"}
    log = json.loads((repository / "found.sarif").read_text())
    (result,) = (each for each in log["runs"][0]["results"] if not each["suppressions"])
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "flows/broken.flow.yaml"}

    ran = _run_action(published, repository, {"paths": "flows/good.flow.yaml"})
    assert (ran.code, ran.outputs) == (0, {})
    ran = _run_action(published, repository, {"paths": "flows", "fail-level": "never"})
    assert (ran.code, "::error" in ran.out) == (0, True)
    ran = _run_action(published, repository, {"paths": "$(touch gone)\n; touch gone"})
    assert ran.code == 2
    assert not (repository / "gone").exists()


@pytest.mark.parametrize(("prove", "extras"), [("false", None), ("true", ["prove"])])
def test_the_action_installs_the_solver_where_it_is_told_to(
    published: Path,
    repository: Path,
    monkeypatch: pytest.MonkeyPatch,
    prove: str,
    extras: list[str] | None,
) -> None:
    report = repository.parent / "report.json"
    monkeypatch.setenv("PIP_REPORT", str(report))
    ran = _run_action(published, repository, {"paths": "flows/good.flow.yaml", "prove": prove})
    assert ran.code == 0, ran.out
    (installed,) = json.loads(report.read_text())["install"]
    assert installed["metadata"]["name"] == "flowengine"
    assert installed.get("requested_extras") == extras


def test_the_action_refuses_what_is_neither_true_nor_false(
    published: Path, repository: Path
) -> None:
    ran = _run_action(published, repository, {"prove": "$(touch gone)]"})
    assert ran.code == 2
    assert ran.out == "::error::the input prove is neither true nor false\n"
    assert list(repository.parent.glob("temp/*")) == []
    assert not (repository / "gone").exists()


def test_action_and_documented_workflows_are_valid_and_fit_each_other(tmp_path: Path) -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    (workflow,) = _blocks("upload-sarif")
    steps = workflow["jobs"]["check"]["steps"]
    (ours,) = [step for step in steps if "flowengine@" in step["uses"]]
    assert set(ours["with"]) <= set(action["inputs"])
    assert f"steps.{ours['id']}.outputs.sarif" in json.dumps(steps)
    assert set(action["outputs"]) == {"sarif"}
    (gitlab,) = _blocks("image:")
    for name, document, schema in (
        ("action.yml", action, "github-actions"),
        ("workflow.yml", {**workflow, "on": workflow.get(True, ["push"])}, "github-workflows"),
        ("gitlab.yml", gitlab, "gitlab-ci"),
    ):
        document.pop(True, None)  # YAML 1.1 reads `on` as true
        (tmp_path / name).write_text(yaml.safe_dump(document))
        done = subprocess.run(
            (sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}",
             str(tmp_path / name)), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
