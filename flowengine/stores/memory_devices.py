"""Devices in memory: for scripts and tests, safe under threads."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

from flowengine.accounts.device import Device

_Name = tuple[str, str, str]


class MemoryDevices:
    """``Devices`` in memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[_Name, Device] = {}

    async def find(self, pool_id: str, sub: str, key: str) -> Device | None:
        """Find a device of a user."""
        return self._rows.get((pool_id, sub, key))

    async def add(self, device: Device) -> bool:
        """Add a device, unless the user has one of this key."""
        name = (device.pool_id, device.sub, device.key)
        with self._lock:
            if name in self._rows:
                return False
            self._rows[name] = device
            return True

    async def save(self, device: Device) -> bool:
        """Write what of a device may change, unless it was modified later."""
        name = (device.pool_id, device.sub, device.key)
        with self._lock:
            present = self._rows.get(name)
            if present is None or present.modified_at > device.modified_at:
                return False
            self._rows[name] = replace(
                present,
                name=device.name,
                remembered=device.remembered,
                modified_at=device.modified_at,
                seen_at=device.seen_at,
            )
            return True

    async def remove(self, pool_id: str, sub: str, key: str) -> bool:
        """Forget a device."""
        with self._lock:
            return self._rows.pop((pool_id, sub, key), None) is not None

    async def page(self, pool_id: str, sub: str, after: str, limit: int) -> Sequence[Device]:
        """Give some of a user's devices, in the order of their keys."""
        with self._lock:
            mine = [d for name, d in self._rows.items() if name[:2] == (pool_id, sub)]
        later = sorted((device for device in mine if device.key > after), key=lambda d: d.key)
        return tuple(later[:limit])
