"""The kinds whose code reaches the user by another way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from flowengine.challenges.delivered_codes import DeliveredCode, draw_code
from flowengine.challenges.email_otp import EMAIL_OTP
from flowengine.challenges.kind import Channel, Proved, Standing
from flowengine.challenges.masking import masked
from flowengine.challenges.sms_mfa import SMS_MFA
from flowengine.challenges.sms_otp import SMS_OTP
from flowengine.errors import ExpiredCodeError
from tests.challenges.builders import answering


@pytest.mark.parametrize(
    ("kind", "key", "evidence", "channel"),
    [
        (EMAIL_OTP, "EMAIL_OTP_CODE", "email", Channel.EMAIL),
        (SMS_OTP, "SMS_OTP_CODE", "sms", Channel.SMS),
        (SMS_MFA, "SMS_MFA_CODE", "sms", Channel.SMS),
    ],
)
def test_each_kind_has_its_key_its_evidence_and_its_channel(
    kind: DeliveredCode, key: str, evidence: str, channel: Channel
) -> None:
    facts = kind.facts
    assert (facts.required, facts.proves, facts.factor) == ((key,), (evidence,), evidence)
    assert (facts.channel, facts.standing, facts.attempts) == (channel, Standing.RETRY, 5)


def test_a_right_code_is_spent_under_the_handle_it_was_sent_for() -> None:
    asked = answering({"EMAIL_OTP_CODE": "12345678"}, private={"code": "12345678"})
    verdict = EMAIL_OTP.verify(asked)
    other = EMAIL_OTP.verify(replace(asked, token=bytes(51)))
    assert isinstance(verdict, Proved)
    assert isinstance(other, Proved)
    assert verdict.spend is not None
    assert other.spend is not None
    assert verdict.spend.key != other.spend.key
    assert verdict.spend.until - asked.now > timedelta(minutes=15)
    assert isinstance(verdict.spend.used, ExpiredCodeError)
    assert "12345678" not in verdict.spend.key


@pytest.mark.parametrize("written", ["1234567", "123456789", "", " 12345678", "\uff11" * 8])
def test_only_the_very_code_is_right(written: str) -> None:
    asked = answering({"EMAIL_OTP_CODE": written}, private={"code": "12345678"})
    assert not isinstance(EMAIL_OTP.verify(asked), Proved)


def test_a_code_keeps_its_leading_zeros() -> None:
    assert draw_code(bytes, 6) == "000000"
    assert draw_code(lambda size: (7).to_bytes(size, "big"), 8) == "00000007"


@pytest.mark.parametrize(
    ("channel", "address", "shown"),
    [
        (Channel.EMAIL, "test@example.com", "t***@e***"),
        (Channel.EMAIL, '"a@b"@x.example', '"***@x***'),
        (Channel.SMS, "+15551231234", "+*******1234"),
        (Channel.SMS, "+1234", "+**34"),
    ],
)
def test_an_address_is_shown_masked(channel: Channel, address: str, shown: str) -> None:
    assert masked(channel, address) == shown
