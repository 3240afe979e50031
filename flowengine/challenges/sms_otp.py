"""SMS_OTP: a code by text message, as a first factor.

Source: Amazon Cognito API reference, RespondToAuthChallenge, "SMS_OTP".
"""

from __future__ import annotations

from typing import Final

from flowengine.challenges.delivered_codes import DeliveredCode
from flowengine.challenges.kind import Channel

SMS_OTP: Final = DeliveredCode("SMS_OTP", Channel.SMS, evidence="sms", digits=6)
