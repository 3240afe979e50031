"""How many wrong answers a user may give to one factor, and how fast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class LockoutPolicy:
    """Cognito's: from the fifth failure on, 2^(n-5) seconds each, up to a quarter of an hour.

    Source: Amazon Cognito developer guide, "Lockout behavior for failed sign-in attempts".

    Attributes:
        threshold: The failure from which on each one locks.
        first_lock: How long the ``threshold``-th failure locks; doubles with each more.
        longest_lock: The cap.
        quiet: After this long without any try the count starts again.
    """

    threshold: int = 5
    first_lock: timedelta = timedelta(seconds=1)
    longest_lock: timedelta = timedelta(minutes=15)
    quiet: timedelta = timedelta(minutes=15)

    def allowance(self, failures: int) -> int:
        """Say how many tries may be under way at once after so many failures."""
        return max(self.threshold - failures, 1)

    def lock(self, failures: int) -> timedelta:
        """Say for how long the failure that made the count ``failures`` locks; may be zero."""
        if failures < self.threshold:
            return timedelta(0)
        # 2^40 s is past any cap; without the bound a large count would overflow timedelta.
        doubled: timedelta = self.first_lock * 2 ** min(failures - self.threshold, 40)
        return min(doubled, self.longest_lock)
