from __future__ import annotations

import pytest

from flowengine.crypto import srp
from flowengine.crypto.entropy import draw
from flowengine.errors import WorldError


def test_a_source_that_gives_too_little_is_refused() -> None:
    with pytest.raises(WorldError):
        draw(lambda size: bytes(size - 1), 32)


def test_a_source_that_gives_too_much_is_refused() -> None:
    with pytest.raises(WorldError):
        draw(lambda size: bytes(size + 1), 32)


def test_a_stuck_source_ends_in_an_error_and_not_in_a_loop() -> None:
    with pytest.raises(WorldError):
        srp.new_salt(bytes)
    with pytest.raises(WorldError):
        srp.begin(5, bytes)
