"""What is printed on a terminal, and what is not: colours follow the environment."""

from __future__ import annotations

import io

import pytest

from flowengine.cli.report import Piece
from flowengine.cli.terminal import console, print_line

RED = "\x1b[31m\x1b[1mno\x1b[0m\n"


class Screen(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("file", "environment", "shown"),
    [
        (Screen(), {}, RED),
        (Screen(), {"NO_COLOR": "1"}, "no\n"),
        (Screen(), {"NO_COLOR": ""}, RED),
        (Screen(), {"TERM": "dumb"}, "no\n"),
        (Screen(), {"TERM": ""}, "no\n"),
        (io.StringIO(), {}, "no\n"),
        (io.StringIO(), {"FORCE_COLOR": "1"}, RED),
        (io.StringIO(), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, "no\n"),
    ],
)
def test_colours_follow_the_terminal_and_what_its_user_asks_for(
    monkeypatch: pytest.MonkeyPatch, file: io.StringIO, environment: dict[str, str], shown: str
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm", **environment}.items():
        monkeypatch.setenv(name, value)
    print_line([Piece("no", "bold red")], console(file))
    assert file.getvalue() == shown


@pytest.mark.parametrize("style", ["dim", "green", "bold cyan", "yellow"])
def test_every_style_is_one_that_a_terminal_has(
    monkeypatch: pytest.MonkeyPatch, style: str
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    file = io.StringIO()
    print_line([Piece("as it is [bold] :smile:", style)], console(file))
    assert "as it is [bold] :smile:" in file.getvalue()
    assert file.getvalue().startswith("\x1b[")
