from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from flowengine.delivery.schedule import Failure, Job, Queueing, Schedule
from tests.delivery.letters import TIME, message

LIMITS = Queueing(capacity=4, at_once=2, lost=1, pause=timedelta(0))


def job(number: int = 0, born: float = 0) -> Job:
    return Job(f"msg_{number}", message(), TIME, born)


def told(schedule: Schedule) -> list[tuple[str, str, str]]:
    return [
        (event, fields.get("reason", ""), fields.get("tries", fields.get("count", "")))
        for event, fields in schedule.events()
    ]


def test_a_message_is_tried_five_times_within_about_a_minute() -> None:
    schedule = Schedule("email", LIMITS)
    schedule.add(job())
    now, began = 0.0, []
    while (at := schedule.next_at()) is not None:
        now = max(now, at)
        for number, _ in schedule.due(now):
            began.append(now)
            schedule.over(number, Failure("down"), now, 1.0)
    assert began == [0, 4, 12, 28, 60]
    assert told(schedule) == [
        *(("delivery-postponed", "down", str(tries)) for tries in (1, 2, 3, 4)),
        ("delivery-failed", "down", "5"),
    ]


def test_the_wait_is_what_the_receiver_asked_for_where_that_is_longer() -> None:
    schedule = Schedule("email", LIMITS)
    schedule.add(job())
    ((number, _),) = schedule.due(0)
    schedule.over(number, Failure("busy", wait_s=30), 1, 1.0)
    assert schedule.next_at() == 31
    assert schedule.due(30.9) == []
    assert len(schedule.due(31)) == 1


def test_a_final_failure_is_not_tried_again() -> None:
    schedule = Schedule("email", LIMITS)
    schedule.add(job())
    ((number, _),) = schedule.due(0)
    schedule.over(number, Failure("gone", final=True), 0, 1.0)
    assert told(schedule) == [("delivery-failed", "gone", "1")]
    assert schedule.next_at() is None


def test_a_code_older_than_its_life_is_not_sent() -> None:
    schedule = Schedule("email", LIMITS)
    for number in range(3):
        schedule.add(job(number))
    assert len(schedule.due(0)) == 2
    assert schedule.due(180) == []
    assert ("delivery-dropped", "expired", "0") in told(schedule)


def test_a_retry_that_would_come_too_late_is_given_up_at_once() -> None:
    schedule = Schedule("email", LIMITS)
    schedule.add(job())
    ((number, _),) = schedule.due(0)
    schedule.over(number, Failure("busy", wait_s=3600), 0, 1.0)
    assert told(schedule) == [("delivery-failed", "busy", "1")]


def test_what_has_no_room_is_counted_and_told_in_one_line() -> None:
    schedule = Schedule("email", LIMITS)
    assert [schedule.add(job(number)) for number in range(9)] == [True] * 4 + [False] * 5
    schedule.due(0)
    assert told(schedule) == [("delivery-dropped", "full", "5")]
    assert schedule.dropped == 5


def test_no_more_run_at_once_than_may() -> None:
    schedule = Schedule("email", LIMITS)
    for number in range(4):
        schedule.add(job(number))
    started = schedule.due(0)
    assert [each.id for _, each in started] == ["msg_0", "msg_1"]
    schedule.over(started[0][0], None, 1, 1.0)
    assert [each.id for _, each in schedule.due(1)] == ["msg_2"]


def test_a_try_that_hangs_gives_its_place_away_until_too_many_do() -> None:
    schedule = Schedule("email", LIMITS)
    for number in range(4):
        schedule.add(job(number))
    hanging = schedule.due(0)
    assert schedule.next_at() == 60
    assert len(schedule.due(60)) == 1  # two hang: one place of the three is left
    assert told(schedule) == [("delivery-failed", "no-answer", "1")] * 2
    for number, _ in hanging:
        schedule.over(number, None, 61, 1.0)
    assert told(schedule) == []  # what came of them is too late to tell
    assert len(schedule.due(61)) == 1


def test_after_close_what_waits_is_tried_once_more_and_nothing_else_is_taken() -> None:
    schedule = Schedule("email", LIMITS)
    schedule.add(job())
    ((number, _),) = schedule.due(0)
    schedule.over(number, Failure("down"), 0, 1.0)
    schedule.close()
    assert not schedule.add(job(1))
    ((number, _),) = schedule.due(0.1)
    before = schedule.finished
    schedule.over(number, Failure("down"), 0.2, 1.0)
    assert (before, schedule.finished) == (False, True)
    assert told(schedule)[-2:] == [
        ("delivery-dropped", "closed", "1"),
        ("delivery-failed", "down", "2"),
    ]


def test_what_is_given_up_is_counted() -> None:
    schedule = Schedule("email", LIMITS)
    for number in range(3):
        schedule.add(job(number))
    schedule.due(0)
    schedule.close()
    schedule.give_up()
    assert schedule.finished
    assert told(schedule) == [("delivery-unfinished", "", "3")]


@given(st.lists(st.tuples(st.sampled_from("aofp"), st.floats(0, 90)), max_size=60))
def test_every_message_that_is_taken_has_exactly_one_end(
    steps: list[tuple[str, float]],
) -> None:
    schedule, now, taken, running, ends = Schedule("email", LIMITS), 0.0, 0, [], []
    for step, seconds in [*steps, *[("p", 90.0), ("o", 0.0)] * 20]:
        now += seconds
        if step == "a":
            taken += schedule.add(job(taken, now))
        elif step == "p":
            running += [number for number, _ in schedule.due(now)]
        elif running:
            failure = None if step == "o" else Failure("down")
            schedule.over(running.pop(0), failure, now, 1.0)
        assert len(running) <= LIMITS.at_once + LIMITS.lost
        ends += [
            fields["message_id"]
            for event, fields in schedule.events()
            if event != "delivery-postponed" and "message_id" in fields
        ]
    assert sorted(ends) == sorted(f"msg_{number}" for number in range(taken))
