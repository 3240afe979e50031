"""The values that cross the ports of the stores."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

KEPT_AFTER_END = timedelta(minutes=15)
"""How long an ended or expired row stays, so that a late answer is told why it is refused."""


@dataclass(frozen=True, slots=True)
class NewStep:
    """One step of a sign-in as it is written.

    Attributes:
        secret_hash: SHA-256 of the step's secret.
        record: The record's JSON, readable to operators; nothing secret is in it.
        private: What only the holder of the handle can open; None where there is nothing.
        node: The node that now waits.
        tries: How many answers the node takes in this sign-in, over all its visits.
        expires_at: UTC; the handle is dead from this instant on.
        once: Whether this step takes one answer, however many tries are left: any answer moves
            the sign-in on, and must not overtake another one that is being compared.
    """

    secret_hash: bytes = field(repr=False)
    record: str = field(repr=False)
    private: bytes | None = field(repr=False)
    node: str
    tries: int
    expires_at: datetime
    once: bool = False

    def limit(self, used: int) -> int:
        """Give how many tries may have been used in all when this step, entered now, is over."""
        return min(self.tries, used + 1) if self.once else self.tries


@dataclass(frozen=True, slots=True)
class Claimed:
    """A step that was loaded and whose next try is now ours.

    Attributes:
        used: Tries taken at this node including this one.
        tries: How many may be used at this step; ``used == tries`` is its last one.
    """

    record: str = field(repr=False)
    private: bytes | None = field(repr=False)
    node: str
    used: int
    tries: int

    @property
    def last(self) -> bool:
        """Whether this is the last try that the step takes."""
        return self.used >= self.tries


@dataclass(frozen=True, slots=True)
class Peeked:
    """Why a claim failed: what the row says, without changing it.

    Attributes:
        step: The current step.
        secret_hash: Of the current step's secret.
        ended: Whether an outcome was settled.
    """

    step: int
    secret_hash: bytes = field(repr=False)
    ended: bool
    expires_at: datetime
    tries_left: int


@dataclass(frozen=True, slots=True)
class Allowed:
    """A try was reserved.

    Attributes:
        reservation: Names it when it is given back or counted.
    """

    reservation: int


@dataclass(frozen=True, slots=True)
class Locked:
    """The key is locked, after too many wrong answers.

    Attributes:
        until: UTC; a try at this instant is allowed.
    """

    until: datetime


@dataclass(frozen=True, slots=True)
class Crowded:
    """As many tries are under way as the policy allows."""


KEPT_AFTER_EXPIRY = timedelta(days=1)
"""How long an expired grant stays: past the last access token that it can have been used for."""


@dataclass(frozen=True, slots=True)
class Retired:
    """A refresh token that was replaced, for as long as its grace can last.

    Attributes:
        hash: SHA-256 of its text.
        at: UTC; when it was replaced.
        successor: The text of the token that replaced it, sealed under its own: whoever has
            the old one is given the same new one again, and a stolen table opens nothing.
    """

    hash: bytes = field(repr=False)
    at: datetime
    successor: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a sign-in left behind: its refresh token by hash, and what it proved.

    There is one for each sign-in, however often its token was replaced.

    Attributes:
        family: SHA-256 of the part that all its refresh tokens share.
        hash: SHA-256 of the text of the present one.
        origin_jti: The same in all tokens of one sign-in.
        sub: The user's identifier; the name may be another user's by now.
        record: The JSON of the sign-in's record, without the facts about its user.
        level: The name of the level that was reached, or None.
        auth_time: UTC; when the user was authenticated.
        expires_at: UTC; too late from this instant on. Replacing the token never moves it.
        rotations: How often the token was replaced.
        retired: Those replaced lately, the oldest first.
        revoked: Whether nothing of this sign-in is good any more.
    """

    family: bytes = field(repr=False)
    hash: bytes = field(repr=False)
    origin_jti: str
    pool_id: str
    client_id: str = field(repr=False)
    username: str
    sub: str
    record: str = field(repr=False)
    level: str | None
    auth_time: datetime
    expires_at: datetime
    rotations: int = 0
    retired: tuple[Retired, ...] = ()
    revoked: bool = False
