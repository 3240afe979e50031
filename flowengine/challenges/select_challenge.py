"""SELECT_CHALLENGE: the user chooses how to sign in.

Source: Amazon Cognito API reference, RespondToAuthChallenge, "SELECT_CHALLENGE".
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from flowengine.challenges.kind import (
    Answering,
    Issued,
    Issuing,
    KindFacts,
    Standing,
    Verdict,
)
from flowengine.challenges.menus import ANSWER, choose
from flowengine.challenges.offers import SELECT_CHALLENGE, Offer

_NO_ALIASES: Final = MappingProxyType[str, str]({})


class SelectChallenge:
    """The menu of first factors; what may be chosen stands in the reply's AvailableChallenges."""

    facts = KindFacts(
        name=SELECT_CHALLENGE,
        standing=Standing.RETRY,
        required=(ANSWER,),
        needs_account=False,
    )

    def issue(self, issuing: Issuing) -> Issued:
        """Tell what may be chosen."""
        offer: Offer = issuing.settings
        return Issued({}, available=offer.available(issuing.facts))

    def verify(self, answering: Answering) -> Verdict:
        """Take the choice, if it was offered."""
        return choose(answering, _NO_ALIASES)
