"""The flows of files: found by name, and only those read that could be meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowengine.flow import loading
from flowengine.flow.loading import FlowFiles
from flowengine.source import SourceText

TEXT = """\
flow: {name}
version: 1
require: [proved.password]
start: password
nodes:
  password: {{challenge: PASSWORD, responses: [PASSWORD], next: done}}
  done: {{end: success}}
"""


def _files(folder: Path, *names: str) -> FlowFiles:
    for number, name in enumerate(names):
        (folder / f"{number}.flow.yaml").write_text(TEXT.format(name=name))
    return FlowFiles(sorted(folder.iterdir()))


@pytest.mark.parametrize(
    "written", ["inner", "'inner'", '"inner"', '"\\x69nner"', '"in\\\n  ner"', "!inner-not"]
)
def test_a_flow_is_found_however_its_name_is_written(tmp_path: Path, written: str) -> None:
    found = _files(tmp_path, "other", written, "inner-2").find("inner")
    assert (found is not None) == (not written.startswith("!"))


def test_of_two_with_one_name_neither_is_found(tmp_path: Path) -> None:
    files = _files(tmp_path, "inner", '"inn\\x65r"')
    assert files.find("inner") is None
    assert list(files.names()) == ["inner"]


def test_what_cannot_be_meant_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = _files(tmp_path, *(f"flow-{n}" for n in range(20)))
    read: list[str] = []
    inner = loading.read_source

    def noting(source: SourceText) -> object:
        read.append(source.name)
        return inner(source)

    monkeypatch.setattr(loading, "read_source", noting)
    for _ in range(3):
        assert files.find("flow-1") is not None
        assert files.find("flow-21") is None
    assert read == [str(tmp_path / "1.flow.yaml")]
    assert len(list(files.names())) == 20


def test_files_that_cannot_be_read_have_no_flow(tmp_path: Path) -> None:
    files = _files(tmp_path, "a")
    (tmp_path / "broken.flow.yaml").write_text("flow: [b\n")
    (tmp_path / "bytes.flow.yaml").write_bytes(b"flow: \xff b\n")
    files = FlowFiles([*sorted(tmp_path.iterdir()), tmp_path / "gone.flow.yaml"])
    assert files.find("b") is None
    assert list(files.names()) == ["a"]
