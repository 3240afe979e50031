"""Addresses as a client is shown them: enough for their owner, too little for anybody else.

Source: COGNITO.md, A.3: ``+*******1234`` and ``t***@e***``.
"""

from __future__ import annotations

from flowengine.challenges.kind import Channel

_SHOWN_DIGITS = 4


def masked(channel: Channel, address: str) -> str:
    """Mask an address of a channel; of a short number at most half is shown."""
    if channel is Channel.SMS:
        digits = address.removeprefix("+")
        shown = min(_SHOWN_DIGITS, len(digits) // 2)
        hidden = len(digits) - shown
        return "+" + "*" * hidden + digits[hidden:]
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain[:1]}***"
