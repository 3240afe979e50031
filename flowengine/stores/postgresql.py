"""Sign-ins and counters in PostgreSQL, over a blocking or an asynchronous driver.

The statements are written by hand, as those for SQLite are and for the same reason. Alembic owns
the tables: ``schema.migrate`` comes first.
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
from flowengine.stores.postgresql_drivers import Driver
from flowengine.stores.purging import PURGE_ROWS, Turns
from flowengine.stores.steps import claimed_of, parameters_of, peeked_of

_ADD = """
INSERT INTO sessions (id, step, secret_hash, record, private, node, used, tries, counts, expires_at)
VALUES (%(id)s, 0, %(secret_hash)s, %(record)s, %(private)s, %(node)s, 0,
  CASE WHEN %(once)s THEN least(%(tries)s, 1) ELSE %(tries)s END, '{}', %(expires_at)s)
"""

# A hash of 32 random bytes is compared: how long that takes tells nothing of the bytes.
_CLAIM = """
UPDATE sessions SET used = used + 1
WHERE id = %(id)s AND step = %(step)s AND secret_hash = %(secret_hash)s AND outcome IS NULL
  AND expires_at > %(now)s AND used < tries
RETURNING record, private, node, used, tries
"""

_RELEASE = """
UPDATE sessions SET used = used - 1
WHERE id = %(id)s AND step = %(step)s AND outcome IS NULL AND used > 0
"""

# On the right of each = stand the values before the update.
_USED = """CASE WHEN node = %(node)s THEN used
    ELSE coalesce((counts ->> %(node)s::text)::integer, 0) END"""

_SETTLE = f"""
UPDATE sessions SET
  step = step + 1,
  secret_hash = %(secret_hash)s,
  record = %(record)s,
  private = CASE WHEN %(outcome)s::text IS NULL THEN %(private)s::bytea END,
  counts = counts || jsonb_build_object(node, used),
  used = {_USED},
  node = %(node)s,
  tries = CASE WHEN %(once)s THEN least(%(tries)s, {_USED} + 1) ELSE %(tries)s END,
  expires_at = %(expires_at)s,
  outcome = %(outcome)s
WHERE id = %(id)s AND step = %(step)s AND outcome IS NULL
RETURNING 1
"""  # noqa: S608 - put together from the constant above

_PEEK = """
SELECT step, secret_hash, outcome IS NOT NULL, expires_at, greatest(tries - used, 0) FROM sessions
WHERE id = %(id)s AND expires_at > %(kept_since)s
"""

# Two that purge at once pass over each other's rows, where they would wait in a circle.
_PURGE = """
DELETE FROM sessions WHERE id IN (
  SELECT id FROM sessions WHERE expires_at <= %(kept_since)s
  LIMIT %(rows)s FOR UPDATE SKIP LOCKED)
"""


class PostgresqlSessions:
    """A ``SessionStore`` in PostgreSQL."""

    def __init__(self, driver: Driver) -> None:
        """Take the driver; its owner closes it."""
        self._driver = driver
        self._turns = Turns()

    async def add(self, sign_in: bytes, step: NewStep, now: datetime) -> None:
        """Keep a new sign-in; now and then, throw old ones away first."""
        if self._turns.is_due():
            kept_since = microseconds(now - KEPT_AFTER_END)
            await self._driver.row(_PURGE, {"kept_since": kept_since, "rows": PURGE_ROWS})
        await self._driver.row(_ADD, {"id": sign_in, **parameters_of(step)})

    async def claim(self, token: StepToken, now: datetime) -> Claimed | None:
        """Load the current step and count one try."""
        parameters = {
            "id": token.id,
            "step": token.step,
            "secret_hash": token.secret_hash,
            "now": microseconds(now),
        }
        return claimed_of(await self._driver.row(_CLAIM, parameters))

    async def release(self, sign_in: bytes, step: int) -> None:
        """Give a try back."""
        await self._driver.row(_RELEASE, {"id": sign_in, "step": step})

    async def settle(
        self, sign_in: bytes, step: int, next_step: NewStep, outcome: str | None
    ) -> bool:
        """Go from ``step`` to the next, or lose the race."""
        parameters = {"id": sign_in, "step": step, "outcome": outcome, **parameters_of(next_step)}
        return await self._driver.row(_SETTLE, parameters) is not None

    async def peek(self, sign_in: bytes, now: datetime) -> Peeked | None:
        """Say how a row stands."""
        kept_since = microseconds(now - KEPT_AFTER_END)
        parameters = {"id": sign_in, "kept_since": kept_since}
        return peeked_of(await self._driver.row(_PEEK, parameters))


_FAILURES = "CASE WHEN counters.last_try <= %(now)s - %(quiet)s THEN 0 ELSE counters.failures END"
_NUMBER = "greatest(counters.serial + 1, %(now)s)"
_WAITING = "unnest(counters.pending) AS number WHERE number > %(now)s - %(life)s"

# The decision is in this one statement. A refused try writes nothing and returns no row.
_TRY = f"""
INSERT INTO counters (key, failures, last_try, locked_until, serial, pending, kept_until)
VALUES (%(key)s, 0, %(now)s, 0, %(now)s, ARRAY[%(now)s::bigint], %(now)s + %(keep)s)
ON CONFLICT (key) DO UPDATE SET
  failures = {_FAILURES},
  last_try = greatest(counters.last_try, %(now)s),
  serial = {_NUMBER},
  pending = ARRAY(SELECT number FROM {_WAITING}) || {_NUMBER},
  kept_until = greatest(counters.kept_until, {_NUMBER} + %(keep)s)
WHERE counters.locked_until <= %(now)s
  AND (SELECT count(*) FROM {_WAITING}) < greatest(%(threshold)s - ({_FAILURES}), 1)
RETURNING serial
"""  # noqa: S608 - put together from the constants above

# Asked after a refused try, for the reason alone: it changes nothing about the refusal.
_LOCKED_UNTIL = "SELECT locked_until FROM counters WHERE key = %(key)s AND locked_until > %(now)s"

_GIVE_BACK = """
UPDATE counters SET pending = array_remove(pending, %(reservation)s::bigint) WHERE key = %(key)s
"""

_NEXT_LOCK = f"""CASE WHEN {_FAILURES} + 1 < %(threshold)s THEN 0
    WHEN {_FAILURES} + 1 - %(threshold)s >= %(doublings)s THEN %(longest_lock)s
    ELSE %(first_lock)s::bigint << ({_FAILURES} + 1 - %(threshold)s)::integer END"""

# What locks for no time leaves no instant: for a process whose clock is behind it would be a lock.

_WRONG = f"""
INSERT INTO counters (key, failures, last_try, locked_until, serial, pending, kept_until)
VALUES (%(key)s, 1, %(now)s,
  CASE WHEN %(lock_of_first)s > 0 THEN %(now)s + %(lock_of_first)s ELSE 0 END,
  %(reservation)s, '{{}}',
  greatest(%(now)s + %(keep)s, %(reservation)s + %(keep)s, %(now)s + %(lock_of_first)s))
ON CONFLICT (key) DO UPDATE SET
  failures = {_FAILURES} + 1,
  last_try = greatest(counters.last_try, %(now)s),
  locked_until = greatest(counters.locked_until,
    CASE WHEN {_NEXT_LOCK} > 0 THEN %(now)s + {_NEXT_LOCK} ELSE 0 END),
  serial = greatest(counters.serial, %(reservation)s),
  pending = array_remove(counters.pending, %(reservation)s::bigint),
  kept_until = greatest(counters.kept_until, %(now)s + %(keep)s, %(reservation)s + %(keep)s,
    %(now)s + {_NEXT_LOCK})
"""  # noqa: S608 - put together from the constants above

_CLEAR = "UPDATE counters SET failures = 0, locked_until = 0 WHERE key = %(key)s"

_SPEND = """
INSERT INTO spent (key, until) VALUES (%(key)s, %(until)s)
ON CONFLICT (key) DO UPDATE SET until = excluded.until WHERE spent.until <= %(now)s
RETURNING 1
"""

_PURGE_COUNTERS = """
DELETE FROM counters WHERE key IN (
  SELECT key FROM counters WHERE kept_until <= %(now)s LIMIT %(rows)s FOR UPDATE SKIP LOCKED)
"""

_PURGE_SPENT = """
DELETE FROM spent WHERE key IN (
  SELECT key FROM spent WHERE until <= %(now)s LIMIT %(rows)s FOR UPDATE SKIP LOCKED)
"""


class PostgresqlCounters:
    """``Counters`` in PostgreSQL."""

    def __init__(self, driver: Driver) -> None:
        """Take the driver; its owner closes it."""
        self._driver = driver
        self._tries = Turns()
        self._spendings = Turns()

    async def try_now(
        self, key: str, policy: LockoutPolicy, now: datetime
    ) -> Allowed | Locked | Crowded:
        """Reserve a try."""
        at = microseconds(now)
        if self._tries.is_due():
            await self._driver.row(_PURGE_COUNTERS, {"now": at, "rows": PURGE_ROWS})
        parameters = {"key": key_hash(key), "now": at, "life": RESERVATION_LIFE_US}
        tried = await self._driver.row(_TRY, {**parameters, **lock_numbers(policy)})
        if tried is not None:
            return Allowed(tried[0])
        locked = await self._driver.row(_LOCKED_UNTIL, parameters)
        return Crowded() if locked is None else Locked(instant_of(locked[0]))

    async def give_back(self, key: str, reservation: int) -> None:
        """Take back one's own reservation."""
        await self._driver.row(_GIVE_BACK, {"key": key_hash(key), "reservation": reservation})

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
        await self._driver.row(_WRONG, parameters)

    async def clear(self, key: str) -> None:
        """Forget the failures of a key, and the lock that they made."""
        await self._driver.row(_CLEAR, {"key": key_hash(key)})

    async def spend_once(self, key: str, until: datetime, now: datetime) -> bool:
        """Burn a key."""
        at = microseconds(now)
        if self._spendings.is_due():
            await self._driver.row(_PURGE_SPENT, {"now": at, "rows": PURGE_ROWS})
        parameters = {"key": key_hash(key), "until": microseconds(until), "now": at}
        return await self._driver.row(_SPEND, parameters) is not None
