"""``flowengine check`` as a command: one small file cold and known, a thousand files of 20 nodes.

Side by side with check-jsonschema, which holds the same files against the same schema and does
nothing else. CPU seconds are user and system of the process and all that it started.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).parents[2]
FILES = 1000
ROUNDS = 3
TIMES = 10
"""Of the commands on one small file."""

HEAD = """\
flow: flow-{number}
version: 1
auth_flows: [USER_PASSWORD_AUTH]
inputs:
  risk: {{type: {{score: int}}, default: {{score: 100}}}}
require:
  - proved.password
  - that: proved.totp || !user.has.totp || risk.score < 20
    because: A stolen password alone is not enough.
start: password
nodes:
  password:
    challenge: PASSWORD
    responses: [PASSWORD]
    next: gate-0
"""
GATE = """\
  gate-{n}:
    choose:
      - when: user.has.totp && risk.score > {n}
        goto: totp-{n}
      - when: risk.score < {less} && !user.has.any
        goto: done
      - else: totp-{n}
  totp-{n}:
    challenge: SOFTWARE_TOKEN_MFA
    responses: [SOFTWARE_TOKEN_MFA_CODE]
    attempts: {tries}
    next: {following}
"""
END = """\
  last:
    choose:
      - when: risk.score > 90
        goto: failed
      - else: done
  done: {end: success, accept: {single-factor: What is measured is time.}}
  failed: {end: failure, error: NotAuthorizedException, message: No.}
"""


def flow(number: int) -> str:
    """Write a flow of 20 nodes, each a little different."""
    gates = "".join(
        GATE.format(
            n=n, less=20 - n, tries=3 + (n + number) % 3,
            following=f"gate-{n + 1}" if n < 7 else "last",
        )
        for n in range(8)
    )  # fmt: skip
    return HEAD.format(number=number) + gates + END


def measured(words: list[str], folder: Path, environment: Mapping[str, str]) -> tuple[float, float]:
    """Run a command; give its wall time and its CPU time in seconds."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    done = subprocess.run(
        words, cwd=folder, env=dict(environment), capture_output=True, check=False
    )
    wall, after = perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stdout + done.stderr
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu


def interleaved(commands: Mapping[str, list[str]], times: int, folder: Path, **more: str) -> None:
    """Run commands in turns, and print the median of each."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if key not in ("CI", "PYTHONDONTWRITEBYTECODE")
    }
    environment = {
        **kept,
        "PYTHONPATH": str(ROOT),
        "PYTHONPYCACHEPREFIX": str(folder / "pyc"),
        **more,
    }
    for words in commands.values():
        measured(words, folder, environment)  # byte code is compiled, and what is clean is known
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(times):
        for name, words in commands.items():
            taken[name].append(measured(words, folder, environment))
    for name, runs in taken.items():
        wall, cpu = (statistics.median(column) for column in zip(*runs, strict=True))
        print(f"  {name:44} {wall * 1000:8.0f} ms wall {cpu * 1000:8.0f} ms CPU")


def commands(*files: str) -> Iterator[tuple[str, list[str]]]:
    """Give what is compared."""
    check = [sys.executable, "-m", "flowengine", "check"]
    schema = str(ROOT / "grammars" / "flow.schema.json")
    yield "flowengine check, cold", [*check, "--no-cache", *files]
    yield "flowengine check, one process", [*check, "--no-cache", "--jobs", "1", *files]
    yield "flowengine check, known good", [*check, *files]
    other = [sys.executable, "-m", "check_jsonschema", "--schemafile", schema]
    yield "check-jsonschema (the schema alone)", [*other, *files]


def main() -> None:
    """Measure."""
    folder = Path(tempfile.mkdtemp())
    homes = {name: str(folder / name) for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME")}
    try:
        (folder / "flows").mkdir()
        for number in range(FILES):
            (folder / "flows" / f"{number:04}.flow.yaml").write_text(flow(number))
        shutil.copy(ROOT / "flows" / "password-totp.flow.yaml", folder)
        print(f"one small file, {TIMES} times")
        small = dict(commands("password-totp.flow.yaml"))
        del small["flowengine check, one process"]
        interleaved(small, TIMES, folder, **homes)
        print(f"{FILES} files of 20 nodes, {ROUNDS} times, {os.cpu_count()} cores")
        files = [f"flows/{number:04}.flow.yaml" for number in range(FILES)]
        interleaved(dict(commands(*files)), ROUNDS, folder, **homes)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
