"""SMS_MFA: a code by text message, as a second factor.

Source: Amazon Cognito API reference, RespondToAuthChallenge, "SMS_MFA".
"""

from __future__ import annotations

from typing import Final

from flowengine.challenges.delivered_codes import DeliveredCode
from flowengine.challenges.kind import Channel

SMS_MFA: Final = DeliveredCode("SMS_MFA", Channel.SMS, evidence="sms", digits=6)
