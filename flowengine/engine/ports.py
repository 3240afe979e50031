"""What the engine asks of the world. Adapters do not inherit; they pass a contract suite.

Every port is asynchronous. ``Engine`` runs on adapters whose coroutines never suspend,
``AsyncEngine`` on any.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from flowengine.accounts.account import Account
from flowengine.accounts.device import Device
from flowengine.accounts.lockout import LockoutPolicy
from flowengine.runtime.messages import Message
from flowengine.runtime.stored import Allowed, Claimed, Crowded, Grant, Locked, NewStep, Peeked
from flowengine.runtime.token import StepToken

Result = TypeVar("Result")


class SessionStore(Protocol):
    """Keeps sign-ins. Adapters pass ``flowengine.testing.contracts.sessions``.

    Every method is one atomic statement. All raise ``StoreError`` when the store fails.
    """

    async def add(self, sign_in: bytes, step: NewStep, now: datetime) -> None:
        """Keep a new sign-in at its step 0 with no try used."""

    async def claim(self, token: StepToken, now: datetime) -> Claimed | None:
        """Load **and** count one try.

        Only for the current, unexpired token of a sign-in that has not ended, and only
        while the node has tries left, and of a step that is ``once`` only while no other
        claim of it stands; else None, and nothing is written.
        """

    async def release(self, sign_in: bytes, step: int) -> None:
        """Give a try back, because nothing was compared; only while ``step`` is current."""

    async def settle(
        self, sign_in: bytes, step: int, next_step: NewStep, outcome: str | None
    ) -> bool:
        """Compare-and-swap on ``step``, which grows by one; False when it is not current.

        In the same statement the count of the node left is put away under its name and
        that of the node entered taken up, from the row and never from the caller. An
        ``outcome`` ends the sign-in and wipes ``private``.
        """

    async def peek(self, sign_in: bytes, now: datetime) -> Peeked | None:
        """Say how a row stands, without changing it; None for an unknown id."""


class Counters(Protocol):
    """Counts tries per key. Adapters pass ``flowengine.testing.contracts.counters``."""

    async def try_now(
        self, key: str, policy: LockoutPolicy, now: datetime
    ) -> Allowed | Locked | Crowded:
        """Reserve a try. One that is never given back or counted lapses after a minute."""

    async def give_back(self, key: str, reservation: int) -> None:
        """Take back one's own reservation, and nothing else: the answer was not wrong."""

    async def count_wrong(
        self, key: str, reservation: int, policy: LockoutPolicy, now: datetime
    ) -> None:
        """Turn one's reservation into a failure, and lock as the policy says."""

    async def clear(self, key: str) -> None:
        """Forget the failures of a key: its factor was proved."""

    async def spend_once(self, key: str, until: datetime, now: datetime) -> bool:
        """Burn a key; False when it was burnt before. It may be forgotten from ``until`` on."""


class Directory(Protocol):
    """Keeps users. Adapters pass ``flowengine.testing.contracts.directory``."""

    async def find(self, pool_id: str, name: str) -> Account | None:
        """Find a user by canonical user name, or by a verified alias of the pool."""

    async def add(self, account: Account) -> bool:
        """Add a user; False when the name, or an alias or a passkey of it, is taken."""

    async def save(self, account: Account, old_stamp: str) -> bool:
        """Compare-and-swap on the stamp: write the account as it now is, under its new stamp.

        The counter of a passkey that is there is left as it is. False too when a new alias or
        passkey is another's.
        """

    async def remove(self, pool_id: str, username: str) -> bool:
        """Remove a user with all that hangs on it; False when there is none."""

    async def page(self, pool_id: str, after: str, limit: int) -> Sequence[Account]:
        """Give a pool's users in an order of their names, from the first one past ``after``.

        The empty text is before all; ``after`` need not be there any more. One statement.
        """

    async def count_passkey(self, pool_id: str, credential_id: bytes, old: int, new: int) -> bool:
        """Compare-and-swap on a passkey's counter, which only grows; the stamp does not move.

        False when there is no such passkey in the pool, or its counter is not ``old``.
        """

    async def passkey_owner(self, pool_id: str, credential_id: bytes) -> str | None:
        """Name the user who has a passkey, by canonical user name. One statement."""


class Devices(Protocol):
    """Keeps confirmed devices. Adapters pass ``flowengine.testing.contracts.devices``."""

    async def find(self, pool_id: str, sub: str, key: str) -> Device | None:
        """Find a device of a user."""

    async def add(self, device: Device) -> bool:
        """Add a device; False when the user has one of this key."""

    async def save(self, device: Device) -> bool:
        """Write name, ``remembered``, ``modified_at`` and ``seen_at``.

        False, and nothing is written, when it is gone, or was modified later than this one: who
        notes that it was seen must not undo that its user has it remembered no longer.
        """

    async def remove(self, pool_id: str, sub: str, key: str) -> bool:
        """Forget a device; False when there is none."""

    async def page(self, pool_id: str, sub: str, after: str, limit: int) -> Sequence[Device]:
        """Give a user's devices in the order of their keys, from the first one past ``after``."""


class Grants(Protocol):
    """Keeps what sign-ins left behind: refresh tokens by hash, and whether they were revoked.

    Adapters pass ``flowengine.testing.contracts.grants``. Every method is one atomic statement.
    Expired and revoked grants are found too, so that a late caller is told why; they are
    forgotten a day after they expired (``KEPT_AFTER_EXPIRY``), and not before.
    """

    async def add(self, grant: Grant) -> None:
        """Keep a new one."""

    async def find(self, family: bytes) -> Grant | None:
        """Find one as it stands."""

    async def rotate(self, grant: Grant, old_hash: bytes, now: datetime) -> bool:
        """Compare-and-swap on the token's hash: write the ``grant``'s token and its retired ones.

        False, and nothing is written, when the hash is not ``old_hash`` any more, or the kept
        grant is revoked or has expired at ``now``. Nothing else of it is ever written.
        """

    async def revoke(self, origin_jti: str) -> None:
        """Revoke one sign-in; no rotation that is under way survives it."""

    async def revoke_user(self, pool_id: str, username: str) -> None:
        """Revoke all sign-ins that a user, by canonical name, has made until now."""

    async def live(self, origin_jti: str) -> Grant | None:
        """Find a sign-in that is there and was not revoked; whether it expired is not asked."""


class Delivery(Protocol):
    """Sends codes to users."""

    async def send(self, message: Message) -> None:
        """Queue it and return at once: the time of a reply never tells whether it was sent."""


class Functions(Protocol):
    """The functions that flows may call by name."""

    def has(self, name: str) -> bool:
        """Say whether a function of this name is registered."""

    async def call(self, name: str, arguments: Mapping[str, Any], limit: timedelta) -> object:
        """Call one.

        Raises:
            UserLambdaValidationError: It refused, in its own words.
            UnexpectedLambdaError: It failed, or did not answer within ``limit``.
        """


class Work(Protocol):
    """Where slow arithmetic runs: inline, or off the event loop."""

    async def run(self, task: Callable[[], Result]) -> Result:
        """Run it and give its result, or raise what it raised."""


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Say what time it is: aware, UTC."""


class Entropy(Protocol):
    """Draws unpredictable bytes."""

    def draw(self, size_bytes: int) -> bytes:
        """Draw that many."""


class Observer(Protocol):
    """Is told what the engine did: for logs, metrics and traces. It must not raise or wait.

    What it is told never contains a secret, a code, a session, a client id or an answer.
    """

    def note(self, event: str, fields: Mapping[str, str]) -> None:
        """Take note of one event."""
