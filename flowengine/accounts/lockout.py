"""How many wrong answers a user may give to one factor, and how fast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Network, ip_address


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


_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AddressLockout:
    """Counts per user, factor and address, so that nobody locks a user out from elsewhere.

    Three counts stand beside each other, and a try needs a place in each:

    - ``own``: this user and factor from this address. Cognito's policy, so that guessing from
      one address is no faster than under ``cognito``.
    - ``everywhere``: this user and factor from all addresses. A hundred wrong answers in a row
      are what NIST SP 800-63B, section 5.2.2, lets a verifier take; then 15 minutes each,
      doubling up to a day. Who has a thousand addresses gets a hundred tries and then a few a
      day, where ``own`` alone would give five from each.
    - ``address``: this address over all users and factors, against one password tried on many
      users. A hundred wrong answers an hour: a large office mistypes less, and right answers
      take nothing. It is counted by the clock's hour and never cleared, since whoever has an
      account could clear it.

    Whoever proved this factor from this address within ``known_for`` is held to ``own`` alone
    (the same section: addresses "from which the subscriber has been successfully authenticated
    before"), so that an attack from elsewhere, or from the same office, shuts no owner out.
    What it costs: while an attack lasts, a user at an address that is new for them must wait.

    IPv6 addresses count by their /64, which is what one customer is given (RFC 6177).
    """

    own: LockoutPolicy = LockoutPolicy()
    everywhere: LockoutPolicy = LockoutPolicy(100, timedelta(minutes=15), _DAY, _DAY)
    address: LockoutPolicy = LockoutPolicy(100, _HOUR, _HOUR, _HOUR)
    window: timedelta = _HOUR
    known_for: timedelta = timedelta(days=30)


Lockout = LockoutPolicy | AddressLockout
"""How a pool locks: per user and factor, or per user, factor and address."""


def network_of(ip: str) -> str | None:
    """Give what an address is counted by: IPv4 itself, IPv6 its /64; None for no address."""
    try:
        address = ip_address(ip.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(IPv6Network((address, 64), strict=False).network_address)
