from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest

from flowengine.delivery.queue import QueuedDelivery
from flowengine.delivery.schedule import Queueing
from flowengine.delivery.sending import Letter, SendingError, UndeliverableError
from flowengine.delivery.texts import Texts
from flowengine.engine.engine import run
from flowengine.engine.ports import Delivery
from flowengine.engine.system import LogObserver, SystemClock, SystemEntropy
from flowengine.runtime.messages import Message
from tests.delivery.letters import ADDRESS, Noted, message
from tests.planted import CODE, MARK

SOON = timedelta(milliseconds=10)
QUICK = Queueing(first_wait=SOON, pause=SOON)


class Sending:
    """Does what it is told at each try, and keeps the letters."""

    def __init__(self, *errors: BaseException | None, hang: threading.Event | None = None) -> None:
        self.letters: list[Letter] = []
        self._errors = list(errors)
        self._hang = hang

    def send(self, letter: Letter) -> None:
        self.letters.append(letter)
        if self._hang is not None:
            self._hang.wait(20)
        if self._errors and (error := self._errors.pop(0)) is not None:
            raise error


@pytest.fixture
def queued() -> Iterator[Callable[..., tuple[QueuedDelivery, Noted]]]:
    """Make queues, which are closed in the end."""
    with ExitStack() as stack:

        def make(sender: Any, queueing: Queueing = QUICK) -> tuple[QueuedDelivery, Noted]:
            noted = Noted()
            delivery = QueuedDelivery(
                {"email": sender},
                Texts(),
                now=SystemClock().now,
                draw=SystemEntropy().draw,
                note=noted.note,
                queueing=queueing,
            )
            stack.callback(delivery.close, timedelta(seconds=5))
            return delivery, noted

        yield make


def send(delivery: Delivery, given: Message | None = None) -> None:
    """Send as ``Engine`` does: a suspension would raise."""
    run(delivery.send(given or message()))


Queued = Callable[..., tuple[QueuedDelivery, Noted]]


def test_a_message_is_sent_with_its_text(queued: Queued) -> None:
    sending = Sending()
    delivery, noted = queued(sending)
    send(delivery)
    (fields,) = noted.wait_for("delivery-sent")
    (letter,) = sending.letters
    assert letter.subject == "Your sign-in code"
    assert CODE in letter.text
    assert fields == {
        "channel": "email",
        "purpose": "sign-in",
        "message_id": letter.id,
        "tries": "1",
    }
    assert delivery.channels == {"email"}


def test_an_event_loop_sends_too(queued: Queued) -> None:
    delivery, noted = queued(Sending())
    asyncio.run(delivery.send(message()))
    noted.wait_for("delivery-sent")


def test_send_returns_at_once_while_every_sender_hangs(queued: Queued) -> None:
    hang = threading.Event()
    delivery, _ = queued(Sending(hang=hang), Queueing(at_once=1, pause=timedelta(0)))
    slowest = 0.0
    for _ in range(200):
        began = time.perf_counter()
        send(delivery)
        slowest = max(slowest, time.perf_counter() - began)
    hang.set()
    assert slowest < 0.5


def test_a_failure_is_tried_again_under_the_same_id(queued: Queued) -> None:
    sending = Sending(SendingError("http-503"), OSError(f"to {ADDRESS}"))
    delivery, noted = queued(sending)
    send(delivery)
    (sent,) = noted.wait_for("delivery-sent")
    assert sent["tries"] == "3"
    assert {letter.id for letter in sending.letters} == {sent["message_id"]}
    assert len({letter.time for letter in sending.letters}) == 1
    reasons = [fields["reason"] for fields in noted.wait_for("delivery-postponed", 2)]
    assert reasons == ["http-503", "OSError"]


@pytest.mark.parametrize("error", [SystemExit(MARK), KeyboardInterrupt(MARK), StopIteration(MARK)])
def test_whatever_a_sender_raises_the_queue_goes_on(queued: Queued, error: BaseException) -> None:
    delivery, noted = queued(Sending(error))
    send(delivery)
    noted.wait_for("delivery-sent")
    (postponed,) = noted.wait_for("delivery-postponed")
    assert postponed["reason"] == type(error).__name__


def test_a_final_failure_is_told_and_not_tried_again(queued: Queued) -> None:
    sending = Sending(UndeliverableError("smtp-550"))
    delivery, noted = queued(sending)
    send(delivery)
    (failed,) = noted.wait_for("delivery-failed")
    assert (failed["reason"], failed["tries"]) == ("smtp-550", "1")
    assert len(sending.letters) == 1


def test_a_purpose_without_a_text_is_a_final_failure(queued: Queued) -> None:
    delivery, noted = queued(Sending())
    send(delivery, message(purpose="quiz"))
    (failed,) = noted.wait_for("delivery-failed")
    assert failed["reason"] == "no-text"


def test_a_channel_without_a_sender_is_told_and_raises_nothing(queued: Queued) -> None:
    delivery, noted = queued(Sending())
    send(delivery, message(channel="sms"))
    assert noted.events == [("delivery-dropped", {"channel": "sms", "reason": "no-sender"})]


def test_a_full_queue_drops_and_counts(queued: Queued) -> None:
    hang = threading.Event()
    delivery, noted = queued(Sending(hang=hang), Queueing(capacity=3, at_once=1, pause=SOON))
    for _ in range(10):
        send(delivery)
    hang.set()
    noted.wait_for("delivery-sent", 3)
    dropped = noted.wait_for("delivery-dropped")
    assert sum(int(fields["count"]) for fields in dropped) == 7
    assert {fields["reason"] for fields in dropped} == {"full"}
    assert delivery.dropped == 7


def test_a_sender_that_hangs_is_left_behind_and_the_next_is_sent(queued: Queued) -> None:
    hang, tried = threading.Event(), []

    def first_hangs(letter: Letter) -> None:
        tried.append(letter)
        if len(tried) == 1:
            hang.wait(20)

    sending = Sending()
    sending.send = first_hangs  # type: ignore[method-assign]
    limits = Queueing(at_once=1, pause=SOON, limit=timedelta(milliseconds=100))
    delivery, noted = queued(sending, limits)
    send(delivery)
    send(delivery)
    (failed,) = noted.wait_for("delivery-failed")
    assert failed["reason"] == "no-answer"
    noted.wait_for("delivery-sent")
    hang.set()


def test_close_sends_what_waits_and_takes_no_more(queued: Queued) -> None:
    sending = Sending()
    delivery, noted = queued(sending, Queueing(pause=timedelta(seconds=30)))
    for _ in range(20):
        send(delivery)
    delivery.close(timedelta(seconds=10))
    assert len(sending.letters) == 20
    send(delivery)
    (dropped,) = noted.wait_for("delivery-dropped", timeout_s=0)
    delivery.close(timedelta(seconds=10))
    assert len(sending.letters) == 20
    assert delivery.dropped == 1
    assert dropped == {"channel": "email", "reason": "closed", "count": "1"}


def test_close_waits_no_longer_than_it_may(queued: Queued) -> None:
    hang = threading.Event()
    delivery, noted = queued(Sending(hang=hang), Queueing(at_once=1, pause=SOON))
    for _ in range(3):
        send(delivery)
    began = time.monotonic()
    delivery.close(timedelta(milliseconds=300))
    assert time.monotonic() - began < 5
    assert noted.wait_for("delivery-unfinished") == [{"channel": "email", "count": "3"}]
    hang.set()


def test_closing_what_was_never_used_is_nothing(queued: Queued) -> None:
    delivery, noted = queued(Sending())
    delivery.close()
    assert noted.events == []


def test_an_observer_that_raises_does_not_stop_the_queue() -> None:
    sending, seen = Sending(), Noted()

    def note(event: str, fields: Any) -> None:
        seen.note(event, fields)
        raise ValueError

    draw = SystemEntropy().draw
    delivery = QueuedDelivery(
        {"email": sending}, Texts(), now=SystemClock().now, draw=draw, note=note, queueing=QUICK
    )
    send(delivery)
    send(delivery, message(channel="sms"))
    seen.wait_for("delivery-sent")
    send(delivery)
    seen.wait_for("delivery-sent", 2)
    delivery.close()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_sends_its_own_messages_and_none_of_its_parents(queued: Queued) -> None:
    sending = Sending()
    delivery, noted = queued(sending, Queueing(pause=timedelta(milliseconds=200)))
    send(delivery)
    child = os.fork()
    if not child:
        try:
            send(delivery, message(purpose="quiz"))
            send(delivery)
            delivery.close(timedelta(seconds=5))
        finally:
            os._exit(len(sending.letters))
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 1
    noted.wait_for("delivery-sent")
    assert len(sending.letters) == 1


def test_no_log_holds_a_code_an_address_or_a_name(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    errors = [
        ValueError(f"{CODE} {ADDRESS}"),
        SendingError("network"),
        UndeliverableError("smtp-550"),
    ]
    delivery = QueuedDelivery(
        {"email": Sending(*errors)},
        Texts(),
        now=SystemClock().now,
        draw=SystemEntropy().draw,
        note=LogObserver().note,
        queueing=Queueing(capacity=1, first_wait=SOON, pause=SOON),
    )
    for _ in range(3):
        send(delivery, message(name=MARK))
    deadline = time.monotonic() + 10
    while "delivery-failed" not in caplog.text and time.monotonic() < deadline:
        time.sleep(0.01)
    delivery.close()
    send(delivery)
    for event in ("delivery-postponed", "delivery-failed", "delivery-dropped"):
        assert event in caplog.text
    assert MARK not in caplog.text
    assert MARK not in repr(delivery)
