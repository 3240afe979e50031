"""How a process with client libraries answers: one line of JSON for each command."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any


def answer_lines(done: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Do what each line of standard input says, until there are no more.

    Args:
        done: Takes a command; gives ``{"result": ...}`` or ``{"error": ...}``.
    """
    for line in sys.stdin:
        sys.stdout.write(json.dumps(done(json.loads(line)), default=str) + "\n")
        sys.stdout.flush()
