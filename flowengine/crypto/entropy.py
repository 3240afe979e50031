"""Unpredictable bytes, as the layers above hand them down."""

from __future__ import annotations

from collections.abc import Callable

from flowengine.errors import WorldError

Entropy = Callable[[int], bytes]
"""Gives as many unpredictable bytes as it is asked for."""

MOST_DRAWS = 64
"""Where a draw has to be repeated. Chance never comes near; a stuck source ends here."""


def draw(entropy: Entropy, size_bytes: int) -> bytes:
    """Draw bytes, and hold the source to their number: a short key is worse than none.

    Raises:
        WorldError: The source gave more or fewer than it was asked for.
    """
    drawn = entropy(size_bytes)
    if len(drawn) != size_bytes:
        raise WorldError("the entropy source did not give as many bytes as it was asked for")
    return drawn


def stuck() -> WorldError:
    """Say that a source went on giving what cannot be used."""
    return WorldError("the entropy source gives the same unusable bytes again and again")
