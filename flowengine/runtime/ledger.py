"""What a sign-in has proved: the only thing that success is decided by."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Ledger:
    """Evidence by name, with the time it was proved.

    Attributes:
        decoy: The user was only claimed, so nothing can be proved, whatever a kind or a
            function says.
        enrolled: Credentials made and verified in this sign-in; never evidence.
        earlier: What was proved before, in the sign-in that this one continues; its age can be
            asked, and it is never evidence.
    """

    decoy: bool
    proved: Mapping[str, datetime] = field(default_factory=dict)
    enrolled: frozenset[str] = frozenset()
    earlier: Mapping[str, datetime] = field(default_factory=dict)

    def gain(self, names: Iterable[str], now: datetime) -> Ledger | None:
        """Enter evidence; None when it is refused. The only way in.

        A right answer that proves nothing (a captcha) is let through for a decoy too, so
        that its sign-in has the same shape as a real one. One of a factor that was enrolled in
        this sign-in is let through as well and enters nothing: whoever made it has shown no more
        by it than that they made it.
        """
        names = tuple(names)
        if self.decoy and names:
            return None
        names = tuple(name for name in names if name not in self.enrolled)
        return replace(self, proved=MappingProxyType({**self.proved, **dict.fromkeys(names, now)}))

    def enrol(self, names: Iterable[str]) -> Ledger | None:
        """Enter credentials that were made and verified; None for a decoy, which has none."""
        names = tuple(names)
        if self.decoy and names:
            return None
        return replace(self, enrolled=self.enrolled | set(names))

    def continued(self, names: Container[str]) -> Ledger:
        """Give the ledger of a sign-in that continues this one: nothing of it is proved there.

        Args:
            names: Those that mean the same in both.
        """
        earlier = {**self.earlier, **self.proved}
        return Ledger(self.decoy, earlier=earlier).of(names)

    def of(self, names: Container[str]) -> Ledger:
        """Give what of it was proved, now or before, by these names."""
        proved = {name: at for name, at in self.proved.items() if name in names}
        earlier = {name: at for name, at in self.earlier.items() if name in names}
        return replace(self, proved=MappingProxyType(proved), earlier=MappingProxyType(earlier))

    def bindings(self, known: Iterable[str], now: datetime) -> dict[str, Any]:
        """Give the records ``proved``, ``enrolled`` and ``age``.

        ``age`` has no field for what was never proved: to read it is an error, hence not true.
        """
        names = tuple(known)
        return {
            "proved": {name: name in self.proved for name in names},
            "enrolled": {name: name in self.enrolled for name in names},
            "age": {
                name: nanoseconds(now - at)
                for name, at in {**self.earlier, **self.proved}.items()
                if name in names
            },
        }


def nanoseconds(delta: timedelta) -> int:
    """Give a timedelta as the integer nanoseconds that expressions compute with."""
    return ((delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds) * 1_000
