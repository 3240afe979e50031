"""Sign-ins and counters in SQLite.

The statements are written by hand: each is one upsert or update over JSON functions, and reads
better as SQL than as the expressions that would compile to it. Alembic owns the tables.

Each method is ``async def`` and never suspends: a statement takes some tens of microseconds, less
than handing it to a thread would.
"""

from __future__ import annotations

from datetime import datetime

from flowengine.accounts.lockout import LockoutPolicy
from flowengine.runtime.stored import (
    KEPT_AFTER_END,
    Allowed,
    Claimed,
    Crowded,
    Locked,
    NewStep,
    Peeked,
)
from flowengine.runtime.token import StepToken
from flowengine.stores.counting import RESERVATION_LIFE_US, key_hash, lock_numbers
from flowengine.stores.instants import instant_of, microseconds
from flowengine.stores.purging import PURGE_ROWS, Turns
from flowengine.stores.sqlite_file import SqliteFile
from flowengine.stores.steps import claimed_of, parameters_of, peeked_of

_ADD = """
INSERT INTO sessions (id, step, secret_hash, record, private, node, used, tries, counts, expires_at)
VALUES (:id, 0, :secret_hash, :record, :private, :node, 0,
  CASE WHEN :once THEN min(:tries, 1) ELSE :tries END, '{}', :expires_at)
"""

# A hash of 32 random bytes is compared: how long that takes tells nothing of the bytes.
_CLAIM = """
UPDATE sessions SET used = used + 1
WHERE id = :id AND step = :step AND secret_hash = :secret_hash AND outcome IS NULL
  AND expires_at > :now AND used < tries
RETURNING record, private, node, used, tries
"""

_RELEASE = """
UPDATE sessions SET used = used - 1
WHERE id = :id AND step = :step AND outcome IS NULL AND used > 0
"""

# On the right of each = stand the values before the update. json_patch and json_each take any
# name of a node; a JSON path would have to quote it.
_USED = """CASE WHEN node = :node THEN used
    ELSE coalesce((SELECT value FROM json_each(sessions.counts) WHERE key = :node), 0) END"""

_SETTLE = f"""
UPDATE sessions SET
  step = step + 1,
  secret_hash = :secret_hash,
  record = :record,
  private = CASE WHEN :outcome IS NULL THEN :private END,
  counts = json_patch(counts, json_object(node, used)),
  used = {_USED},
  node = :node,
  tries = CASE WHEN :once THEN min(:tries, {_USED} + 1) ELSE :tries END,
  expires_at = :expires_at,
  outcome = :outcome
WHERE id = :id AND step = :step AND outcome IS NULL
RETURNING 1
"""  # noqa: S608 - put together from the constant above

_PEEK = """
SELECT step, secret_hash, outcome IS NOT NULL, expires_at, max(tries - used, 0) FROM sessions
WHERE id = :id AND expires_at > :kept_since
"""

_PURGE = """
DELETE FROM sessions
WHERE id IN (SELECT id FROM sessions WHERE expires_at <= :kept_since LIMIT :rows)
"""


class SqliteSessions:
    """A ``SessionStore`` in a SQLite file."""

    def __init__(self, file: SqliteFile) -> None:
        """Take the file; its owner closes it."""
        self._file = file
        self._turns = Turns()

    async def add(self, sign_in: bytes, step: NewStep, now: datetime) -> None:
        """Keep a new sign-in; now and then, throw old ones away first."""
        if self._turns.is_due():
            kept_since = microseconds(now - KEPT_AFTER_END)
            self._file.row(_PURGE, {"kept_since": kept_since, "rows": PURGE_ROWS})
        self._file.row(_ADD, {"id": sign_in, **parameters_of(step)})

    async def claim(self, token: StepToken, now: datetime) -> Claimed | None:
        """Load the current step and count one try."""
        parameters = {
            "id": token.id,
            "step": token.step,
            "secret_hash": token.secret_hash,
            "now": microseconds(now),
        }
        return claimed_of(self._file.row(_CLAIM, parameters))

    async def release(self, sign_in: bytes, step: int) -> None:
        """Give a try back."""
        self._file.row(_RELEASE, {"id": sign_in, "step": step})

    async def settle(
        self, sign_in: bytes, step: int, next_step: NewStep, outcome: str | None
    ) -> bool:
        """Go from ``step`` to the next, or lose the race."""
        parameters = {"id": sign_in, "step": step, "outcome": outcome, **parameters_of(next_step)}
        return self._file.row(_SETTLE, parameters) is not None

    async def peek(self, sign_in: bytes, now: datetime) -> Peeked | None:
        """Say how a row stands."""
        kept_since = microseconds(now - KEPT_AFTER_END)
        return peeked_of(self._file.row(_PEEK, {"id": sign_in, "kept_since": kept_since}))


_FAILURES = "CASE WHEN counters.last_try <= :now - :quiet THEN 0 ELSE counters.failures END"
_NUMBER = "max(counters.serial + 1, :now)"
_WAITING = "json_each(counters.pending) WHERE value > :now - :life"

# The decision is in this one statement. A refused try writes nothing and returns no row.
_TRY = f"""
INSERT INTO counters (key, failures, last_try, locked_until, serial, pending, kept_until)
VALUES (:key, 0, :now, 0, :now, json_array(:now), :now + :keep)
ON CONFLICT (key) DO UPDATE SET
  failures = {_FAILURES},
  last_try = max(counters.last_try, :now),
  serial = {_NUMBER},
  pending = json_insert((SELECT json_group_array(value) FROM {_WAITING}), '$[#]', {_NUMBER}),
  kept_until = max(counters.kept_until, {_NUMBER} + :keep)
WHERE counters.locked_until <= :now
  AND (SELECT count(*) FROM {_WAITING}) < max(:threshold - ({_FAILURES}), 1)
RETURNING serial
"""  # noqa: S608 - put together from the constants above

# Asked after a refused try, for the reason alone: it changes nothing about the refusal.
_LOCKED_UNTIL = "SELECT locked_until FROM counters WHERE key = :key AND locked_until > :now"

_GIVE_BACK = """
UPDATE counters SET pending = (
  SELECT json_group_array(value) FROM json_each(counters.pending) WHERE value <> :reservation)
WHERE key = :key
"""


_NEXT_LOCK = f"""CASE WHEN {_FAILURES} + 1 < :threshold THEN 0
    WHEN {_FAILURES} + 1 - :threshold >= :doublings THEN :longest_lock
    ELSE :first_lock << ({_FAILURES} + 1 - :threshold) END"""

# What locks for no time leaves no instant: for a process whose clock is behind it would be a lock.

_WRONG = f"""
INSERT INTO counters (key, failures, last_try, locked_until, serial, pending, kept_until)
VALUES (:key, 1, :now, iif(:lock_of_first > 0, :now + :lock_of_first, 0), :reservation, '[]',
  max(:now + :keep, :reservation + :keep, :now + :lock_of_first))
ON CONFLICT (key) DO UPDATE SET
  failures = {_FAILURES} + 1,
  last_try = max(counters.last_try, :now),
  locked_until = max(counters.locked_until, iif({_NEXT_LOCK} > 0, :now + {_NEXT_LOCK}, 0)),
  serial = max(counters.serial, :reservation),
  pending = (
    SELECT json_group_array(value) FROM json_each(counters.pending) WHERE value <> :reservation),
  kept_until = max(counters.kept_until, :now + :keep, :reservation + :keep,
    :now + {_NEXT_LOCK})
"""  # noqa: S608 - put together from the constants above

_CLEAR = "UPDATE counters SET failures = 0, locked_until = 0 WHERE key = :key"

_SPEND = """
INSERT INTO spent (key, until) VALUES (:key, :until)
ON CONFLICT (key) DO UPDATE SET until = excluded.until WHERE spent.until <= :now
RETURNING 1
"""

_PURGE_COUNTERS = """
DELETE FROM counters
WHERE key IN (SELECT key FROM counters WHERE kept_until <= :now LIMIT :rows)
"""

_PURGE_SPENT = """
DELETE FROM spent WHERE key IN (SELECT key FROM spent WHERE until <= :now LIMIT :rows)
"""


class SqliteCounters:
    """``Counters`` in a SQLite file."""

    def __init__(self, file: SqliteFile) -> None:
        """Take the file; its owner closes it."""
        self._file = file
        self._tries = Turns()
        self._spendings = Turns()

    async def try_now(
        self, key: str, policy: LockoutPolicy, now: datetime
    ) -> Allowed | Locked | Crowded:
        """Reserve a try."""
        at = microseconds(now)
        if self._tries.is_due():
            self._file.row(_PURGE_COUNTERS, {"now": at, "rows": PURGE_ROWS})
        parameters = {"key": key_hash(key), "now": at, "life": RESERVATION_LIFE_US}
        tried = self._file.row(_TRY, {**parameters, **lock_numbers(policy)})
        if tried is not None:
            return Allowed(tried[0])
        locked = self._file.row(_LOCKED_UNTIL, {"key": parameters["key"], "now": at})
        return Crowded() if locked is None else Locked(instant_of(locked[0]))

    async def give_back(self, key: str, reservation: int) -> None:
        """Take back one's own reservation."""
        self._file.row(_GIVE_BACK, {"key": key_hash(key), "reservation": reservation})

    async def count_wrong(
        self, key: str, reservation: int, policy: LockoutPolicy, now: datetime
    ) -> None:
        """Turn a reservation into a failure; one that lapsed meanwhile counts all the same."""
        parameters = {
            "key": key_hash(key),
            "reservation": reservation,
            "now": microseconds(now),
            **lock_numbers(policy),
        }
        self._file.row(_WRONG, parameters)

    async def clear(self, key: str) -> None:
        """Forget the failures of a key, and the lock that they made."""
        self._file.row(_CLEAR, {"key": key_hash(key)})

    async def spend_once(self, key: str, until: datetime, now: datetime) -> bool:
        """Burn a key."""
        at = microseconds(now)
        if self._spendings.is_due():
            self._file.row(_PURGE_SPENT, {"now": at, "rows": PURGE_ROWS})
        parameters = {"key": key_hash(key), "until": microseconds(until), "now": at}
        return self._file.row(_SPEND, parameters) is not None
