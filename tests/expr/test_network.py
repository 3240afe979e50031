"""IP addresses and their ranges, which no other runtime has, beside the C library."""

from __future__ import annotations

import os
import socket

from hypothesis import given, settings
from hypothesis import strategies as st

from flowengine.errors import EvaluationError
from flowengine.expr import Environment

_ROUNDS = 20_000 if os.environ.get("FLOWENGINE_SOAK") else 300
_TEXTS = Environment({"a": "string", "c": "string"})
_ADDRESSES = (
    *("1.2.3.4", "0.0.0.0", "255.255.255.255", "127.0.0.1", "10.1.2.3", "224.0.0.251"),  # noqa: S104 - an address as text
    *("::", "::1", "2001:db8::1", "fe80::1", "ff02::fb", "::ffff:1.2.3.4", "1::2:3:4:5:6:7"),
    *("2001:DB8:0:0:0:0:0:1", "::1.2.3.4", "fc00::", "1:2:3:4:5:6:7:8", "01.2.3.4", "1.2.3"),
    *("1.2.3.256", "1::2::3", ":::", "12345::", "1.2.3.4.5", "", "fe80::1%eth0", "٣.2.3.4"),
)
_ODD = st.text("0123456789abcdefABCDEF:./% ", max_size=20)


def _edited(text: str, place: int, character: str) -> str:
    place %= len(text) + 1
    return text[:place] + character + text[place + 1 :]


_LIKE = st.builds(
    _edited, st.sampled_from(_ADDRESSES), st.integers(0, 40), st.sampled_from("0fg:.")
)
_ANY = st.sampled_from(_ADDRESSES) | _LIKE | _ODD


def _packed(text: str) -> bytes | None:
    """Read an address as the C library does; one that is mapped into IPv6 is the IPv4 address."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            packed = socket.inet_pton(family, text)
        except (OSError, ValueError):
            continue
        mapped = len(packed) == 16 and packed[:12] == b"\0" * 10 + b"\xff\xff"
        return packed[12:] if mapped else packed
    return None


def _value(text: str, address: str, range_: str = "") -> object:
    try:
        return _TEXTS.compile(text).evaluate({"a": address, "c": range_})
    except EvaluationError:
        return "an error"


@settings(max_examples=_ROUNDS, deadline=None, database=None)
@given(_ANY)
def test_an_address_is_what_the_c_library_reads(address: str) -> None:
    packed = _packed(address)
    assert _value("isIP(a)", address) is (packed is not None)
    if packed is None:
        assert _value("ip(a).family()", address) == "an error"
        return
    number, four = int.from_bytes(packed), len(packed) == 4
    assert _value("ip(a).family()", address) == (4 if four else 6)
    assert _value("ip(a).isUnspecified()", address) is (number == 0)
    loopback = packed[0] == 127 if four else number == 1
    assert _value("ip(a).isLoopback()", address) is loopback
    written = _value("string(ip(a))", address)
    assert isinstance(written, str)
    assert _packed(written) == packed
    assert _value("ip.isCanonical(a)", address) is (written == address)


@settings(max_examples=_ROUNDS, deadline=None, database=None)
@given(_ANY, _ANY, st.integers(0, 130))
def test_a_range_has_the_addresses_that_begin_alike(address: str, base: str, length: int) -> None:
    one, other = _packed(address), _packed(base)
    mapped = other is not None and len(other) == 4 and ":" in base
    good = other is not None and not mapped and length <= 8 * len(other)
    range_ = f"{base}/{length}"
    assert _value("isCIDR(c)", address, range_) is good
    if other is None or not good:
        return
    rest = 8 * len(other) - length
    assert _value("cidr(c).prefixLength()", address, range_) == length
    expected: object = "an error"
    if one is not None:
        alike = int.from_bytes(one) >> rest == int.from_bytes(other) >> rest
        expected = len(one) == len(other) and alike
    assert _value("cidr(c).containsIP(a)", address, range_) == expected
    assert _value("cidr(c).containsIP(ip(a))", address, range_) == expected
    masked = _value("string(cidr(c).masked())", address, range_)
    assert isinstance(masked, str)
    first = int.from_bytes(other) >> rest << rest
    assert _packed(masked.partition("/")[0]) == first.to_bytes(len(other))
