"""What flow files are called."""

from __future__ import annotations

from typing import Final

SUFFIX: Final = ".flow.yaml"
