"""Finds the module of a format, which is loaded when it is needed."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import assert_never

from flowengine.cli.checked import Checked


class Format(StrEnum):
    """What a report looks like."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    JUNIT = "junit"
    GITHUB = "github"


def writer(chosen: Format) -> Callable[[Checked], None]:
    """Give what prints a report in a format."""
    match chosen:
        case Format.TEXT:
            from flowengine.cli.formats.as_text import write  # noqa: PLC0415
        case Format.JSON:
            from flowengine.cli.formats.as_json import write  # noqa: PLC0415
        case Format.SARIF:
            from flowengine.cli.formats.as_sarif import write  # noqa: PLC0415
        case Format.JUNIT:
            from flowengine.cli.formats.as_junit import write  # noqa: PLC0415
        case Format.GITHUB:
            from flowengine.cli.formats.as_github import write  # noqa: PLC0415
        case _:
            assert_never(chosen)
    return write
