from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowengine.crypto import totp
from flowengine.errors import InvalidParameterError

SECRET = b"12345678901234567890"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
PRESENT = totp.counter_at(NOW)

RFC_4226_APPENDIX_D = (
    "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
    "520489",
)  # fmt: skip

RFC_6238_APPENDIX_B = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]


@pytest.mark.parametrize(("counter", "code"), list(enumerate(RFC_4226_APPENDIX_D)))
def test_the_codes_of_rfc_4226(counter: int, code: str) -> None:
    assert totp.code(SECRET, counter) == code


@pytest.mark.parametrize(("seconds", "eight_digits"), RFC_6238_APPENDIX_B)
def test_the_codes_of_rfc_6238_by_their_last_six_digits(seconds: int, eight_digits: str) -> None:
    now = EPOCH + timedelta(seconds=seconds)
    counter = totp.counter_at(now)
    assert totp.code(SECRET, counter) == eight_digits[2:]
    assert totp.match(SECRET, eight_digits[2:], now, after=-1) == counter


@pytest.mark.parametrize("step", [-1, 0, 1])
def test_one_step_either_side_is_right(step: int) -> None:
    written = totp.code(SECRET, PRESENT + step)
    assert totp.match(SECRET, written, NOW, after=-1) == PRESENT + step


@pytest.mark.parametrize("step", [-3, -2, 2, 3])
def test_two_steps_either_side_are_wrong(step: int) -> None:
    assert totp.match(SECRET, totp.code(SECRET, PRESENT + step), NOW, after=-1) is None


def test_a_spent_counter_and_older_ones_never_match() -> None:
    for step in (-1, 0, 1):
        written = totp.code(SECRET, PRESENT + step)
        assert totp.match(SECRET, written, NOW, after=PRESENT + step) is None
        assert totp.match(SECRET, written, NOW, after=PRESENT + step + 1) is None
        assert totp.match(SECRET, written, NOW, after=PRESENT + step - 1) == PRESENT + step


def test_when_two_counters_have_one_code_the_later_is_spent() -> None:
    # Found by search: with this secret, counters 1856 and 1857 have the same code.
    secret, first = (105).to_bytes(20, "big"), 1856
    assert totp.code(secret, first) == totp.code(secret, first + 1)
    now = EPOCH + first * totp.PERIOD
    assert totp.match(secret, totp.code(secret, first), now, after=-1) == first + 1


def test_the_period_changes_at_the_full_half_minute_in_any_zone() -> None:
    edge = EPOCH + 100 * totp.PERIOD
    assert totp.counter_at(edge - timedelta(microseconds=1)) == 99
    assert totp.counter_at(edge) == 100
    assert totp.counter_at(edge.astimezone(timezone(timedelta(hours=5)))) == 100


def test_before_the_second_period_there_is_no_earlier_one() -> None:
    assert totp.match(SECRET, totp.code(SECRET, 0), EPOCH, after=-1) == 0
    assert totp.match(SECRET, totp.code(SECRET, 0), EPOCH - timedelta(days=1), after=-1) is None


@pytest.mark.parametrize(
    "form",
    ["{}0", "0{}", " {}", "{} ", "{}\n", "+{}", "", "{}{}"],
)
def test_a_code_is_exactly_six_digits(form: str) -> None:
    code = totp.code(SECRET, PRESENT)
    assert totp.match(SECRET, form.format(code, code), NOW, after=-1) is None
    assert totp.match(SECRET, code[1:], NOW, after=-1) is None


def test_digits_of_another_script_are_not_digits() -> None:
    code = totp.code(SECRET, PRESENT)
    arabic = code.translate({ord("0") + n: 0x660 + n for n in range(10)})
    assert totp.match(SECRET, arabic, NOW, after=-1) is None
    assert totp.match(SECRET, "\ud800" * 6, NOW, after=-1) is None


def test_a_code_of_another_secret_is_wrong() -> None:
    assert totp.match(b"x" * 20, totp.code(SECRET, PRESENT), NOW, after=-1) is None


def test_a_new_secret_fits_what_apps_take() -> None:
    text = totp.to_text(totp.new_secret(lambda size: bytes(range(size))))
    assert len(text) == 32
    assert text.isalnum()
    assert text.isascii()


@given(st.binary(min_size=1, max_size=64))
@settings(deadline=None)
def test_a_secret_reads_back_from_its_text(secret: bytes) -> None:
    text = totp.to_text(secret)
    assert "=" not in text
    assert totp.from_text(text) == secret
    assert totp.from_text(text.lower()) == secret
    assert totp.from_text(" ".join(text[n : n + 4] for n in range(0, len(text), 4))) == secret


@pytest.mark.parametrize("text", ["", "===", "A", "18", "ÄÄÄÄÄÄÄÄ", "\ud800" * 8, "\u0131" * 8])
def test_what_is_not_base32_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(InvalidParameterError) as refusal:
        totp.from_text(text)
    assert str(refusal.value) == "The secret is not base32"
