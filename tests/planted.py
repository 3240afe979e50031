"""Secrets that tests use, recognisable wherever they come to light; see ``tests/leaks``."""

from __future__ import annotations

from typing import Final

MARK: Final = "xq7vkplant"
"""Part of every planted secret, and of nothing else."""

PASSWORD: Final = f"Correct-{MARK}-Horse-9"
OTHER_PASSWORD: Final = f"Another-{MARK}-Horse-9"
CODE: Final = f"code-{MARK}"
CLIENT_ID: Final = f"1{MARK}client0000"
OTHER_CLIENT_ID: Final = f"2{MARK}client0000"
CLIENT_SECRET: Final = f"client-secret-{MARK}"
ADMIN_SECRET: Final = f"admin-secret-{MARK}"
USER_CONTEXT: Final = f"context-{MARK}"
TOTP_SECRET: Final = f"totp-{MARK}-0000".encode()
KEY: Final = f"key-{MARK}-".encode().ljust(32, b"k")
