"""The queue in front of all senders: a ``Delivery`` that no reply ever waits for."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from flowengine.delivery.schedule import Event, Failure, Job, Queueing, Schedule
from flowengine.delivery.sending import Letter, Note, Sender, SendingError, UndeliverableError
from flowengine.delivery.texts import Texts
from flowengine.runtime.messages import Message

DRAIN: Final = timedelta(seconds=10)
_WIDEST: Final = 0xFFFF


class QueuedDelivery:
    """Keeps messages and sends them from threads, those of each channel apart.

    ``send`` never suspends and never waits, so that it serves ``Engine`` and ``AsyncEngine``. A
    message that is not sent is told to ``note`` and to nobody else: no reply may depend on it.

    The events: ``delivery-sent``, ``delivery-postponed`` (to be tried again), ``delivery-failed``,
    ``delivery-dropped`` (``reason`` full, expired, closed or no-sender) and
    ``delivery-unfinished``. Where one message is meant, ``message_id`` is its ``webhook-id`` or
    the first part of its ``Message-ID``.
    """

    def __init__(
        self,
        senders: Mapping[str, Sender],
        texts: Texts,
        *,
        now: Callable[[], datetime],
        draw: Callable[[int], bytes],
        note: Note,
        queueing: Queueing | None = None,
    ) -> None:
        """Begin empty; threads start with the first message, in whichever process it comes.

        Args:
            senders: By channel.
            now: The time: ``Clock.now``.
            draw: Unpredictable bytes: ``Entropy.draw``.
            note: Is told what happened, from a thread of ours or, once closed and for a channel
                without a sender, from ``send``: ``Observer.note``.
            queueing: The limits of each channel.
        """
        limits = queueing or Queueing()
        self._now, self._draw, self._note = now, draw, note
        self._channels = {
            channel: _Channel(channel, _Trying(sender, texts, draw), note, limits)
            for channel, sender in senders.items()
        }

    @property
    def channels(self) -> frozenset[str]:
        """The channels that something is sent by."""
        return frozenset(self._channels)

    @property
    def dropped(self) -> int:
        """How many messages were dropped in this process because there was no room for them."""
        return sum(channel.dropped for channel in self._channels.values())

    async def send(self, message: Message) -> None:
        """Queue it and return at once."""
        channel = self._channels.get(message.channel)
        if channel is None:
            with suppress(Exception):
                self._note("delivery-dropped", {"channel": message.channel, "reason": "no-sender"})
            return
        identity = f"msg_{self._draw(16).hex()}"
        channel.put(Job(identity, message, self._now(), monotonic()))

    def close(self, limit: timedelta = DRAIN) -> None:
        """Take no more messages, and wait at most ``limit`` for those that are there.

        Each that waits is tried once more, now. What is left then is given up and counted. It
        blocks: an event loop calls it in a thread.
        """
        until = monotonic() + limit.total_seconds()
        for channel in self._channels.values():
            channel.stop()
        for channel in self._channels.values():
            channel.finish(until)


class _Trying:
    """One try to send, which never raises."""

    def __init__(self, sender: Sender, texts: Texts, draw: Callable[[int], bytes]) -> None:
        self._sender = sender
        self._texts = texts
        self._draw = draw

    def try_now(self, job: Job) -> Failure | None:
        try:
            written = self._texts.write(job.message)
            letter = Letter(job.id, job.time, job.message, written.subject, written.text)
            self._sender.send(letter)
        except SendingError as error:
            final = isinstance(error, UndeliverableError)
            return Failure(error.reason, final=final, wait_s=error.wait_s)
        except BaseException as error:  # noqa: BLE001 - its class alone: its text may hold anything
            return Failure(type(error).__name__)
        return None

    def jitter(self) -> float:
        """Draw a factor of 0.75 to 1.25, so that what failed together is not retried together."""
        return 0.75 + int.from_bytes(self._draw(2), "big") / _WIDEST / 2


class _Channel:
    """One channel's schedule, the thread that looks after it, and a thread for each try.

    A thread of its own for each try, since one that hangs can only be left behind. All are
    daemons: they never keep a process from ending.
    """

    def __init__(self, name: str, trying: _Trying, note: Note, queueing: Queueing) -> None:
        self._name = name
        self._trying = trying
        self._note = note
        self._queueing = queueing
        self._begin()

    @property
    def dropped(self) -> int:
        return self._schedule.dropped

    def put(self, job: Job) -> None:
        self._own()
        with self._changed:
            if self._schedule.add(job):
                self._look_after()
                self._changed.notify()
                return
            events = self._schedule.events() if self._schedule.finished else []
        self._tell(events)

    def stop(self) -> None:
        self._own()
        with self._changed:
            self._schedule.close()
            self._changed.notify()

    def finish(self, until: float) -> None:
        keeper = self._keeper
        if keeper is not None and keeper.ident is not None:
            keeper.join(max(until - monotonic(), 0))
        with self._changed:
            self._schedule.give_up()
            events = self._schedule.events()
            self._changed.notify()
        self._tell(events)

    def _own(self) -> None:
        """Begin anew in a forked process: what waited is the parent's, and its threads as well."""
        if self._process != os.getpid():
            self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._changed = threading.Condition()
        self._schedule = Schedule(self._name, self._queueing)
        self._keeper: threading.Thread | None = None

    def _look_after(self) -> None:
        if self._keeper is None or not self._keeper.is_alive():
            self._keeper = self._thread(self._keep)
            with suppress(RuntimeError):  # no thread to be had: the next message tries again
                self._keeper.start()

    def _keep(self) -> None:
        while True:
            with self._changed:
                started = self._schedule.due(monotonic())
                events = self._schedule.events()
                if not started and not events:
                    if self._schedule.finished:
                        return
                    at = self._schedule.next_at()
                    self._changed.wait(None if at is None else max(at - monotonic(), 0))
                    continue
            self._tell(events)
            for number, job in started:
                self._start(number, job)

    def _start(self, number: int, job: Job) -> None:
        try:
            self._thread(self._attempt, number, job).start()
        except RuntimeError:
            self._over(number, Failure("no-thread"))

    def _attempt(self, number: int, job: Job) -> None:
        self._over(number, self._trying.try_now(job))

    def _over(self, number: int, failure: Failure | None) -> None:
        jitter = self._trying.jitter()
        with self._changed:
            self._schedule.over(number, failure, monotonic(), jitter)
            self._changed.notify()

    def _tell(self, events: list[Event]) -> None:
        for event, fields in events:
            with suppress(Exception):  # an observer that raises must not stop the queue
                self._note(event, fields)

    def _thread(self, target: Callable[..., None], *arguments: object) -> threading.Thread:
        name = f"flowengine-delivery-{self._name}"
        return threading.Thread(target=target, args=arguments, name=name, daemon=True)
