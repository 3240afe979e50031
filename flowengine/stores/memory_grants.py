"""Grants in memory: for scripts and tests, safe under threads."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime

from flowengine.errors import StoreError
from flowengine.runtime.stored import KEPT_AFTER_EXPIRY, Grant
from flowengine.stores.purging import Turns


class MemoryGrants:
    """``Grants`` in memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._grants: dict[bytes, Grant] = {}
        self._families: dict[str, bytes] = {}
        self._turns = Turns()

    async def add(self, grant: Grant) -> None:
        """Keep a new one."""
        with self._lock:
            if self._turns.is_due():
                self._purge(grant.auth_time)
            if grant.family in self._grants or grant.origin_jti in self._families:
                raise StoreError("this grant is there already")
            self._grants[grant.family] = grant
            self._families[grant.origin_jti] = grant.family

    async def find(self, family: bytes) -> Grant | None:
        """Find one as it stands."""
        with self._lock:
            return self._grants.get(family)

    async def rotate(self, grant: Grant, old_hash: bytes, now: datetime) -> bool:
        """Replace the token of one that still has the old one."""
        with self._lock:
            kept = self._grants.get(grant.family)
            if kept is None or kept.hash != old_hash or kept.revoked or kept.expires_at <= now:
                return False
            self._grants[grant.family] = replace(
                kept, hash=grant.hash, rotations=grant.rotations, retired=grant.retired
            )
            return True

    async def revoke(self, origin_jti: str) -> None:
        """Revoke one sign-in."""
        with self._lock:
            family = self._families.get(origin_jti)
            if family is not None:
                self._grants[family] = replace(self._grants[family], revoked=True)

    async def revoke_user(self, pool_id: str, username: str) -> None:
        """Revoke all sign-ins of a user."""
        with self._lock:
            for family, grant in self._grants.items():
                if (grant.pool_id, grant.username) == (pool_id, username):
                    self._grants[family] = replace(grant, revoked=True)

    async def live(self, origin_jti: str) -> Grant | None:
        """Find a sign-in that is there and was not revoked."""
        with self._lock:
            family = self._families.get(origin_jti)
            grant = None if family is None else self._grants[family]
            return None if grant is None or grant.revoked else grant

    def _purge(self, now: datetime) -> None:
        dead = [g for g in self._grants.values() if g.expires_at + KEPT_AFTER_EXPIRY <= now]
        for grant in dead:
            del self._grants[grant.family]
            del self._families[grant.origin_jti]
