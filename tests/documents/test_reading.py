"""From bytes to a text."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flowengine.documents import SIZE_LIMIT_BYTES, load, read
from flowengine.source import Diagnostic, SourceText
from tests import planted


def fault(path: Path) -> Diagnostic:
    source, found = read(path)
    assert source is None
    assert len(found) == 1
    assert found[0].source.name == str(path)
    return found[0]


def written(folder: Path, content: bytes) -> Path:
    path = folder / "a.flow.yaml"
    path.write_bytes(content)
    return path


def test_a_file_is_read_as_it_is(tmp_path: Path) -> None:
    source, found = read(written(tmp_path, "é: 🔑\r\n".encode()))
    assert not found
    assert source is not None
    assert source.text == "é: 🔑\r\n"
    assert source.name.endswith("a.flow.yaml")


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    source, found = read(written(tmp_path, b"\xef\xbb\xbfa: b\n"))
    assert not found
    assert source is not None
    assert source.text == "a: b\n"
    document, _ = load(source)
    assert document is not None
    assert document.root.span.start == 0


def test_bad_utf8_is_pointed_at_in_code_points(tmp_path: Path) -> None:
    found = fault(written(tmp_path, "é: 1\nü: ".encode() + b"\xff\xfe\n"))
    assert found.rule == "yaml-encoding"
    position = found.source.position(found.span.start)
    assert (position.line, position.column) == (2, 4)


def test_utf16_is_called_by_its_name(tmp_path: Path) -> None:
    found = fault(written(tmp_path, "a: b\n".encode("utf-16")))
    assert found.message == "the file is UTF-16, not UTF-8"


def test_an_encoded_surrogate_is_not_utf8(tmp_path: Path) -> None:
    assert fault(written(tmp_path, b"a: \xed\xa0\x80\n")).rule == "yaml-encoding"


def test_a_nul_is_refused_where_it_stands(tmp_path: Path) -> None:
    found = fault(written(tmp_path, b"a: b\nc: \0\n"))
    assert found.rule == "yaml-encoding"
    assert found.message == "the character U+0000 is not allowed"
    assert found.source.position(found.span.start).line == 2


def test_the_size_limit_is_one_mebibyte_and_included(tmp_path: Path) -> None:
    head = b"a: b #"
    source, found = read(written(tmp_path, head + b"x" * (SIZE_LIMIT_BYTES - len(head))))
    assert not found
    assert source is not None
    found_one = fault(written(tmp_path, head + b"x" * (SIZE_LIMIT_BYTES - len(head) + 1)))
    assert found_one.rule == "yaml-size"


def test_the_size_limit_counts_bytes_in_a_text_too() -> None:
    document, found = load(SourceText("flow.yaml", "a: 🔑🔑\n"), limit=9)
    assert document is None
    assert [each.rule for each in found] == ["yaml-size"]


def test_an_endless_file_is_read_no_further_than_the_limit() -> None:
    path = Path("/dev/zero")
    if not path.exists():
        pytest.skip("no such device here")
    assert fault(path).rule == "yaml-size"


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    found = fault(tmp_path / "absent.flow.yaml")
    assert found.rule == "file-unreadable"
    assert found.message == "cannot read the file: No such file or directory"


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    assert fault(tmp_path).rule == "file-unreadable"


def test_a_name_that_no_file_can_have_is_unreadable() -> None:
    assert fault(Path("a\0b")).rule == "file-unreadable"


def test_a_file_without_permission_is_unreadable(tmp_path: Path) -> None:
    path = written(tmp_path, b"a: b\n")
    path.chmod(0)
    me = os.geteuid()
    if me == 0:  # root may read everything, so the file is read as nobody
        os.seteuid(65534)
    try:
        found = fault(path)
    finally:
        os.seteuid(me)
    assert found.rule == "file-unreadable"


def test_no_repr_shows_what_a_file_says() -> None:
    """A deployment's file holds client ids and secrets, and a repr ends up in a log."""
    document, found = load(SourceText("a.yaml", f"secret: [{planted.CLIENT_SECRET}]\nb: 1\n"))
    assert not found
    assert document is not None
    assert planted.CLIENT_SECRET not in repr(document)
    assert "a.yaml" in repr(document)
