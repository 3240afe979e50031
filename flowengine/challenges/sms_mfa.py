"""SMS_MFA: a code by text message, as a second factor.

Source: Amazon Cognito API reference, RespondToAuthChallenge, "SMS_MFA".
"""

from __future__ import annotations

from typing import Final

from flowengine.challenges.delivered_codes import DeliveredCode
from flowengine.challenges.kind import Channel, KindFacts, Standing

_KEY: Final = "SMS_MFA_CODE"

SMS_MFA: Final = DeliveredCode(
    facts=KindFacts(
        name="SMS_MFA",
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
