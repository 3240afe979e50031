"""SMS_OTP: a code by text message, as a first factor.

Source: Amazon Cognito API reference, RespondToAuthChallenge, "SMS_OTP".
"""

from __future__ import annotations

from typing import Final

from flowengine.challenges.delivered_codes import DeliveredCode
from flowengine.challenges.kind import Channel, KindFacts, Standing

_KEY: Final = "SMS_OTP_CODE"

SMS_OTP: Final = DeliveredCode(
    facts=KindFacts(
        name="SMS_OTP",
        standing=Standing.RETRY,
        required=(_KEY,),
        proves=("sms",),
        factor="sms",
        channel=Channel.SMS,
    ),
    key=_KEY,
    digits=6,
    channel=Channel.SMS,
)
