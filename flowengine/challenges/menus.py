"""How a choice is judged: only what is offered to this user, by its exact name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flowengine.challenges.kind import Answering, Malformed, Proved, Verdict, Wrong
from flowengine.challenges.offers import Offer
from flowengine.errors import InvalidParameterError

ANSWER: Final = "ANSWER"
_NOT_OFFERED: Final = "Invalid value for parameter ANSWER"


def choose(answering: Answering, aliases: Mapping[str, str]) -> Verdict:
    """Judge a choice; it proves nothing, and one that was not offered costs a try."""
    offer: Offer = answering.settings
    answer = answering.responses.get(ANSWER)
    if answer is None:
        return Malformed(InvalidParameterError.missing(ANSWER))
    chosen = aliases.get(answer, answer)
    if chosen not in offer.available(answering.facts):
        return Wrong(InvalidParameterError(_NOT_OFFERED))
    return Proved((), chooses=chosen)
