"""``flowengine graph`` as SVG and PNG, from the wheel that brings Graphviz's engine."""

from __future__ import annotations

import os
import struct
import sys
from importlib import metadata
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.cli.commanding import FLOWS, Here, command, surroundings
from tests.flow.test_picture import HOSTILE

SIGN_IN = str(FLOWS / "sign-in.flow.yaml")
GOLDEN = Path(__file__).parents[1] / "golden" / "graph"
SVG = "{http://www.w3.org/2000/svg}"


def _texts(svg: str) -> list[str]:
    root = ET.fromstring(svg)  # noqa: S314 - our own output
    return ["".join(each.itertext()).strip() for each in root.iter(f"{SVG}text")]


def test_an_svg_has_every_node_and_every_condition(here: Here) -> None:
    assert here("graph", SIGN_IN, "-o", "a.svg") == 0
    assert here.out == "wrote a.svg\n"
    texts = _texts((here.folder / "a.svg").read_text())
    for node in ("password", "plain-password", "new-password", "second-factor", "totp", "done"):
        assert node in texts
    assert {"user.has.totp", "else", "USER_SRP_AUTH", "sign-in, version 1"} <= set(texts)


def test_what_a_flow_says_is_text_in_svg(here: Here) -> None:
    here.write("h.flow.yaml", HOSTILE)
    assert here("graph", "h.flow.yaml", "--format", "svg") == 0
    root = ET.fromstring(here.out)  # noqa: S314 - our own output
    assert not [each for each in root.iter() if each.tag in (f"{SVG}script", f"{SVG}a")]
    joined = "".join(_texts(here.out)).replace(" ", "").replace("\xa0", "")
    assert "<script>alert(1)</script>" in joined
    assert "&lt;b&gt;" in joined
    assert "\\N" in joined
    assert here.out.replace("\n", "").replace("\xa0", "").isprintable()


def test_a_png_is_one_and_grows_with_the_flow(here: Here) -> None:
    sizes = []
    for name in ("password-totp", "choice"):
        assert here("graph", str(FLOWS / f"{name}.flow.yaml"), "-o", f"{name}.png") == 0
        raw = (here.folder / f"{name}.png").read_bytes()
        assert raw.startswith(b"\x89PNG\r\n\x1a\n")
        sizes.append(struct.unpack(">II", raw[16:24]))
    assert 200 < sizes[0][1] < sizes[1][1]


def test_a_marked_path_is_red_in_svg(here: Here) -> None:
    assert here("graph", SIGN_IN, "--format", "svg") == 0
    assert "#cc0000" not in here.out
    words = ("--path", "password, second-factor,totp ,done")
    assert here("graph", SIGN_IN, "--format", "svg", *words) == 0
    assert here.out.count('stroke="#cc0000"') >= 7


def test_without_the_extra_it_is_named(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "files", missing)
    assert here("graph", SIGN_IN, "--format", "svg") == 1
    assert here.out == ""
    assert "pip install 'flowengine[graph]'" in here.err
    assert here("graph", SIGN_IN, "--format", "dot") == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-o", "a.gif"), "say which --format: the output's name has none of .mmd, "),
        (("-o", "gone/a.svg"), "cannot write gone/a.svg: No such file or directory"),
        (("--path", "password,done"), "no arrow leads from 'password' to 'done'"),
        (("--path", "a,"), "there is no node 'a'"),
        (("--format", "gif"), "'gif' is not one of 'mermaid', 'dot', 'svg', 'png'"),
    ],
)
def test_what_cannot_be_drawn_is_a_matter_of_usage(
    here: Here, words: tuple[str, ...], said: str
) -> None:
    assert here("graph", SIGN_IN, *words) == 2
    assert said in here.err
    assert here.out == ""


def test_a_png_is_not_poured_into_a_terminal(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert here("graph", SIGN_IN, "--format", "png") == 2
    assert "name a file with --output" in here.err


def test_a_png_goes_through_a_pipe_as_it_is(tmp_path: Path) -> None:
    with (tmp_path / "a.png").open("wb") as file:
        done = command(
            tmp_path, "graph", SIGN_IN, "--format", "png", stdout=file,
            env=surroundings(PYTHONIOENCODING="ascii"),
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "a.png").read_bytes().endswith(b"IEND\xaeB`\x82")


@pytest.mark.parametrize("form", ["mermaid", "dot"])
@pytest.mark.parametrize("flow", ["sign-in", "second-factor", "lambda-triggers"])
def test_a_drawing_is_as_it_is_kept(here: Here, flow: str, form: str) -> None:
    path = ("--path", "password,second-factor,totp,done") if flow == "sign-in" else ()
    assert here("graph", str(FLOWS / f"{flow}.flow.yaml"), "--format", form, *path) == 0
    golden = GOLDEN / f"{flow}.{form}"
    if os.environ.get("FLOWENGINE_GOLDEN") == "write":
        golden.write_text(here.out)
    assert here.out == golden.read_text()
