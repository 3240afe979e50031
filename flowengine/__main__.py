"""``python -m flowengine``."""

from __future__ import annotations

from flowengine.cli.__main__ import main

if __name__ == "__main__":
    main()
