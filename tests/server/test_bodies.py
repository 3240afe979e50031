from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.errors import SerializationError
from flowengine.server.bodies import read_object

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='[]{}"\\x,:'),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(alphabet='[]{}"\\'), inner, max_size=4)
    ),
)


def depth_of(value: object) -> int:
    match value:
        case dict():
            return 1 + max((depth_of(one) for one in value.values()), default=0)
        case list():
            return 1 + max((depth_of(one) for one in value), default=0)
        case _:
            return 0


@given(st.dictionaries(st.text(alphabet='[]{}"\\'), VALUES, max_size=5))
def test_the_measured_depth_is_the_depth(value: dict[str, object]) -> None:
    body, depth = json.dumps(value).encode(), depth_of(value)
    assert read_object(body, depth=depth) == value
    with pytest.raises(SerializationError, match="too deeply"):
        read_object(body, depth=depth - 1)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        assert isinstance(read_object(body, depth=8), dict)
    except SerializationError:
        return


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 40 + b'{"a":"' + b'\\"' * 125_000,
        b"[" * 40 + b'"' * 250_000,
        b"[]" * 125_000,
        b'"\\' * 125_000 + b"[" * 40,
        b"[{" * 16 + b"\\" * 250_000,
    ],
)
def test_no_body_of_the_longest_length_takes_long(body: bytes) -> None:
    started = time.perf_counter()
    with pytest.raises(SerializationError):
        read_object(body, depth=32)
    assert time.perf_counter() - started < 1
