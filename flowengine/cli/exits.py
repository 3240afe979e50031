"""Exit codes, and the errors that end a command."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What the process says when it ends."""

    CLEAN = 0
    FINDINGS = 1
    """Something is wrong with what was given; a sign-in that was refused counts too."""
    USAGE = 2
    OURS = 70
    """EX_SOFTWARE of sysexits.h: we failed, not the one who called us."""
