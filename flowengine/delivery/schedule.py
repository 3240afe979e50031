"""What waits to be sent by one channel, what is on its way, and when something is to be done.

No clock, no thread, no lock: whoever calls says what time it is, in seconds of a monotonic clock.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from flowengine.runtime.messages import Message

Event = tuple[str, dict[str, str]]
_FULL: Final = "delivery-dropped"


@dataclass(frozen=True, slots=True)
class Queueing:
    """The limits of one channel's queue.

    Attributes:
        capacity: Messages that wait or are on their way; one more is dropped.
        at_once: Tries that run at the same time.
        lost: Tries that went past ``limit`` and still run; with so many, ``at_once`` shrinks.
        tries: How often a message is tried.
        first_wait: Before the second try; doubled with every other: 4 + 8 + 16 + 32 s.
        life: How old a code may get; an older one is not sent any more.
        limit: How long one try may take before its thread is given up.
        pause: Before the first try, so that its work never competes with the reply.
    """

    capacity: int = 1000
    at_once: int = 8
    lost: int = 32
    tries: int = 5
    first_wait: timedelta = timedelta(seconds=4)
    life: timedelta = timedelta(minutes=3)
    limit: timedelta = timedelta(seconds=60)
    pause: timedelta = timedelta(milliseconds=100)


@dataclass(frozen=True, slots=True)
class Job:
    """A message in the queue.

    Attributes:
        id: The letter's.
        time: When it was queued; UTC.
        born: The same on the monotonic clock.
        tries: Those that are over.
    """

    id: str
    message: Message
    time: datetime
    born: float
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a try failed.

    Attributes:
        final: Another would fail too.
        wait_s: How long the receiver asked to be left alone.
    """

    reason: str
    final: bool = False
    wait_s: float = 0.0


class Schedule:
    """One channel's queue.

    Attributes:
        dropped: Messages that were never tried for want of room, or after ``close``.
    """

    def __init__(self, channel: str, queueing: Queueing) -> None:
        """Begin empty."""
        self.dropped = 0
        self._channel = channel
        self._queueing = queueing
        self._waiting: list[tuple[float, int, Job]] = []
        self._running: dict[int, tuple[float, Job]] = {}
        self._lost: set[int] = set()
        self._number = 0
        self._told = 0
        self._closing = False
        self._events: list[Event] = []

    @property
    def finished(self) -> bool:
        """Whether it is closed and nothing is left to do."""
        return self._closing and not self._waiting and not self._running

    def add(self, job: Job) -> bool:
        """Queue a message; False, and counted, when there is no room or it is closed."""
        full = len(self._waiting) + len(self._running) >= self._queueing.capacity
        if full or self._closing:
            self.dropped += 1
            if self._closing:
                self._count_dropped()  # nobody may ever ask what is due again
            return False
        self._push(job.born + self._queueing.pause.total_seconds(), job)
        return True

    def close(self) -> None:
        """Take nothing more, and try at once, for the last time, what waits."""
        self._closing = True

    def give_up(self) -> None:
        """Forget all that is left."""
        self._count_dropped()
        left = len(self._waiting) + len(self._running)
        self._lost.update(self._running)
        self._waiting.clear()
        self._running.clear()
        if left:
            self._events.append(
                ("delivery-unfinished", {"channel": self._channel, "count": str(left)})
            )

    def due(self, now: float) -> list[tuple[int, Job]]:
        """Give the tries to start now, each with its number; drop what is too old."""
        self._lose(now)
        self._count_dropped()
        started = []
        while self._waiting:
            at, _, job = self._waiting[0]
            if self._dies(job) <= now:
                heapq.heappop(self._waiting)
                self._say(_FULL, job, reason="expired", tries=str(job.tries))
            elif self._has_room() and (at <= now or self._closing):
                heapq.heappop(self._waiting)
                self._number += 1
                self._running[self._number] = (now, job)
                started.append((self._number, job))
            else:
                break
        return started

    def over(self, number: int, failure: Failure | None, now: float, jitter: float) -> None:
        """Take note of how a try ended.

        Args:
            jitter: What the next wait is multiplied by: about 1, and never the same.
        """
        if number not in self._running:
            self._lost.discard(number)
            return
        _, job = self._running.pop(number)
        job = replace(job, tries=job.tries + 1)
        if failure is None:
            self._say("delivery-sent", job, tries=str(job.tries))
            return
        doubled: float = self._queueing.first_wait.total_seconds() * 2 ** (job.tries - 1)
        wait_s = max(doubled * jitter, failure.wait_s)
        last = failure.final or self._closing or job.tries >= self._queueing.tries
        if last or now + wait_s >= self._dies(job):
            self._say("delivery-failed", job, reason=failure.reason, tries=str(job.tries))
            return
        self._push(now + wait_s, job)
        waits = {"tries": str(job.tries), "wait_s": f"{wait_s:.1f}"}
        self._say("delivery-postponed", job, reason=failure.reason, **waits)

    def events(self) -> list[Event]:
        """Give what happened since the last time."""
        events, self._events = self._events, []
        return events

    def next_at(self) -> float | None:
        """Say when ``due`` is to be asked again, if nothing happens before; None for never."""
        limit = self._queueing.limit.total_seconds()
        instants = [since + limit for since, _ in self._running.values()]
        if self._waiting:
            at, _, job = self._waiting[0]
            instants.append(min(at, self._dies(job)) if self._has_room() else self._dies(job))
        return min(instants, default=None)

    def _lose(self, now: float) -> None:
        """Give up the tries that take too long; whether they sent anything is unknown."""
        limit = self._queueing.limit.total_seconds()
        for number, (since, job) in list(self._running.items()):
            if since + limit <= now:
                del self._running[number]
                self._lost.add(number)
                tries = str(job.tries + 1)
                self._say("delivery-failed", job, reason="no-answer", tries=tries)

    def _count_dropped(self) -> None:
        """Tell of those that had no room: many at once, so that a flood is one line."""
        if count := self.dropped - self._told:
            reason = "closed" if self._closing else "full"
            fields = {"channel": self._channel, "reason": reason, "count": str(count)}
            self._events.append((_FULL, fields))
            self._told = self.dropped

    def _has_room(self) -> bool:
        running, at_once = len(self._running), self._queueing.at_once
        return running < at_once and running + len(self._lost) < at_once + self._queueing.lost

    def _dies(self, job: Job) -> float:
        return job.born + self._queueing.life.total_seconds()

    def _push(self, at: float, job: Job) -> None:
        self._number += 1
        heapq.heappush(self._waiting, (at, self._number, job))

    def _say(self, event: str, job: Job, **fields: str) -> None:
        about = {"channel": self._channel, "purpose": job.message.purpose, "message_id": job.id}
        self._events.append((event, {**about, **fields}))
