"""Flow files with damage at random: check says something or nothing, and never fails itself."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from random import Random  # noqa: TID251 - a seeded generator makes test data
from xml.etree import ElementTree as ET

import pytest

from flowengine.analysis.checking import check_source
from flowengine.cli.checked import Checked, ordered
from flowengine.cli.escaping import escaped
from flowengine.cli.formats import as_json, as_junit, as_sarif
from flowengine.cli.report import report
from flowengine.documents.reading import _decoded
from flowengine.flow.library import Library
from flowengine.flow.loading import FlowFiles
from tests.cli.commanding import BROKEN, FLOWS, ROOT

SEEDS = sorted([*FLOWS.glob("*.flow.yaml"), *BROKEN.glob("*/input.flow.yaml"),
                ROOT / "examples" / "two-step.flow.yaml"])  # fmt: skip
COUNT = 100_000 if os.environ.get("FLOWENGINE_SOAK") == "1" else 400
CHUNK = 200
WORDS = [
    *(word.encode() for word in (
        "- when: ", "goto: ", "- else: ", "next: again", "flow: ", "choose:\n", "end: success",
        "challenge: CUSTOM_CHALLENGE", "expires: 99999999999999d", "attempts: -1", "proved.",
        "user.", "has(", ".exists(x, x)", "9223372036854775808", "1e999", "null", "true",
        "!", "&a ", "*a", "{", "}", "[", "]", "'", '"', "\\", "|\n", ">-\n", "? ", ": ", "#",
        "\t", "\r", "\0", "\ufeff", "\u2028", "\U0001f600", "<<: ", "---\n", "%YAML 1.1\n",
        "(" * 40, "!" * 40,
    )),
    b"\xff",
]  # fmt: skip


def mutated(seed: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    """Damage a text in one to eight places."""
    text = seed
    for _ in range(chance.randint(1, 8)):
        text = _damaged(text, chance, others)
    return text


def _damaged(text: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    at = chance.randrange(len(text) + 1)
    end = min(len(text), at + chance.choice((1, 1, 2, 5, 20, 200)))
    match chance.randrange(6):
        case 0:
            return text[:at] + text[end:]
        case 1:
            return text[:at] + chance.choice(WORDS) + text[at:]
        case 2:
            return text[:end] + text[at:end] * chance.randint(1, 30) + text[end:]
        case 3:
            return text[:at] + bytes([chance.randrange(256)]) + text[at + 1 :]
        case 4:
            return _lines(text, chance)
        case _:
            return _lines(text + chance.choice(others), chance)


def _lines(text: bytes, chance: Random) -> bytes:
    """Move a line, indented anew."""
    lines = text.split(b"\n")
    line = lines.pop(chance.randrange(len(lines)))
    indent = b" " * chance.choice((0, 2, 4, 6, 8))
    lines.insert(chance.randrange(len(lines) + 1), indent + line.strip())
    return b"\n".join(lines)


def judge(text: bytes, library: Library) -> int:
    """Check a text and print what is found in every format; give how many findings there are."""
    source, found = _decoded("mutated.flow.yaml", text, 1024 * 1024)
    if source is not None:
        found = check_source(source, library)
    checked = Checked(ordered(found), ("mutated.flow.yaml",), 1, 0)
    for line in report(checked.found):
        printed = "".join(piece.text for piece in line)
        assert escaped(printed) == printed
    json.dumps(as_json.document(checked)).encode("ascii")
    json.dumps(as_sarif.log(checked)).encode("ascii")
    ET.fromstring(ET.tostring(as_junit.suites(checked)))  # noqa: S314 - our own output
    return len(checked.found)


def run_chunk(number: int) -> tuple[int, int]:
    """Judge one chunk; say how many were sound and how many not."""
    chance = Random(number)
    seeds = [path.read_bytes() for path in SEEDS]
    library = FlowFiles(FLOWS.glob("*.flow.yaml"))
    sound = 0
    for index in range(CHUNK):
        text = mutated(chance.choice(seeds), chance, seeds)
        try:
            sound += judge(text, library) == 0
        except BaseException as error:
            error.add_note(f"chunk {number}, text {index}: {text!r}")
            raise
    return sound, CHUNK - sound


@pytest.mark.timeout(7200)
def test_no_mutated_file_makes_the_check_fail() -> None:
    chunks = range(COUNT // CHUNK)
    if len(chunks) < 8:
        counted = [run_chunk(number) for number in chunks]
    else:
        with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
            counted = list(pool.map(run_chunk, chunks))
    sound, unsound = (sum(column) for column in zip(*counted, strict=True))
    assert sound + unsound == COUNT
    assert sound > COUNT / 500  # some must come as far as the rules
    assert unsound > COUNT / 2
