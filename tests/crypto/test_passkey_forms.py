from __future__ import annotations

import json
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webauthn.helpers import (
    parse_authentication_options_json,
    parse_registration_options_json,
)

from flowengine.crypto.passkey_forms import (
    Ceremony,
    Descriptor,
    authentication_options,
    from_text,
    read_assertion,
    read_attestation,
    registration_options,
    to_text,
)

CEREMONY: Final = Ceremony(b"c" * 32, "example.com", ("https://example.com",))
STRICT: Final = Ceremony(b"c" * 32, "example.com", (), verifies_user=True)
PASSKEY: Final = Descriptor(b"\xff\xfe\xfd", ("internal", "hybrid"))
GOOD: Final[dict[str, Any]] = {
    "id": "AQID",
    "rawId": "AQID",
    "type": "public-key",
    "response": {
        "clientDataJSON": "e30",
        "authenticatorData": "AAAA",
        "signature": "BBBB",
        "userHandle": "CCCC",
    },
}
MADE: Final[dict[str, Any]] = {
    **GOOD,
    "response": {"clientDataJSON": "e30", "attestationObject": "AAAA", "transports": ["usb"]},
}


def test_the_options_of_an_assertion_are_cognitos() -> None:
    options = authentication_options(CEREMONY, [PASSKEY])
    assert options == {
        "challenge": "Y2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2M",
        "timeout": 180000,
        "rpId": "example.com",
        "allowCredentials": [
            {"type": "public-key", "id": "__79", "transports": ["internal", "hybrid"]}
        ],
        "userVerification": "preferred",
    }
    parsed = parse_authentication_options_json(json.dumps(options))
    assert parsed.challenge == CEREMONY.challenge
    assert authentication_options(STRICT, [])["userVerification"] == "required"


def test_the_options_of_a_registration_are_what_browsers_take() -> None:
    options = registration_options(CEREMONY, handle=b"h" * 32, username="zoë", exclude=[PASSKEY])
    assert options["attestation"] == "none"
    assert options["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "preferred",
    }
    parsed = parse_registration_options_json(json.dumps(options))
    assert [each.alg for each in parsed.pub_key_cred_params] == [-7, -8, -257]
    assert (parsed.rp.id, parsed.user.id, parsed.user.name) == ("example.com", b"h" * 32, "zoë")
    assert [each.id for each in parsed.exclude_credentials or ()] == [PASSKEY.credential_id]
    strict = registration_options(STRICT, handle=b"h", username="zoë")
    assert strict["authenticatorSelection"]["userVerification"] == "required"


def test_an_assertion_is_read_as_it_was_written() -> None:
    assertion = read_assertion(json.dumps(GOOD))
    assert assertion is not None
    assert (assertion.credential_id, assertion.client_data) == (b"\1\2\3", b"{}")
    assert (assertion.authenticator_data, assertion.signature) == (bytes(3), b"\x04\x10\x41")
    assert assertion.user_handle == from_text("CCCC")


@pytest.mark.parametrize("handle", [None, ""])
def test_no_handle_and_an_empty_one_are_none(handle: str | None) -> None:
    response: dict[str, Any] = {**GOOD["response"], "userHandle": handle}
    for written in ({**GOOD, "response": response}, without_handle()):
        assertion = read_assertion(json.dumps(written))
        assert assertion is not None
        assert assertion.user_handle is None


def without_handle() -> dict[str, Any]:
    response = {k: v for k, v in GOOD["response"].items() if k != "userHandle"}
    return {**GOOD, "response": response}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        '"AQID"',
        "{",
        "[" * 16_000,
        '{"a":' * 3_000,
        "\ud800",
        "1" * 16_000,
        " " * 16_385,
        json.dumps({**GOOD, "padding": "x" * 16_384}),
    ],
)
def test_what_is_no_object_or_too_long_or_deep_is_not_read(text: str) -> None:
    assert read_assertion(text) is None


@pytest.mark.parametrize("name", ["id", "rawId", "type", "response"])
@pytest.mark.parametrize("value", [None, "", 7, [], {}, "AQIE", "AQI*", "A", "x" * 8193, True])
def test_each_outer_member_must_be_right(name: str, value: object) -> None:
    assert read_assertion(json.dumps({**GOOD, name: value})) is None
    assert read_attestation({**MADE, name: value}) is None


@pytest.mark.parametrize("name", ["clientDataJSON", "authenticatorData", "signature", "userHandle"])
@pytest.mark.parametrize(
    "value", [7, [], {}, "AQI*", "A", "AQ ID", "AQID\n", "é", "x" * 8193, True]
)
def test_each_inner_member_must_be_right(name: str, value: object) -> None:
    response: dict[str, Any] = {**GOOD["response"], name: value}
    assert read_assertion(json.dumps({**GOOD, "response": response})) is None


@pytest.mark.parametrize("name", ["clientDataJSON", "attestationObject"])
@pytest.mark.parametrize("value", [None, 7, [], "AQI*", "x" * 8193])
def test_each_member_of_a_registration_must_be_right(name: str, value: object) -> None:
    response: dict[str, Any] = {**MADE["response"], name: value}
    assert read_attestation({**MADE, "response": response}) is None


def test_an_id_of_more_than_1023_bytes_is_not_read() -> None:
    for length, read in ((1023, True), (1024, False)):
        identifier = to_text(bytes(length))
        written = {**GOOD, "id": identifier, "rawId": identifier}
        assert (read_assertion(json.dumps(written)) is not None) is read


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (["usb", "nfc", "usb"], ("usb", "nfc")),
        (["carrier-pigeon", 7, None, ["usb"], "ble"], ("ble",)),
        ("usb", ()),
        (None, ()),
        ({"usb": True}, ()),
    ],
)
def test_known_transports_are_kept_once(written: object, kept: tuple[str, ...]) -> None:
    response: dict[str, Any] = {**MADE["response"], "transports": written}
    attestation = read_attestation({**MADE, "response": response})
    assert attestation is not None
    assert attestation.transports == kept


@given(st.binary(max_size=100))
def test_base64url_comes_back_with_and_without_padding(bits: bytes) -> None:
    text = to_text(bits)
    assert "=" not in text
    assert from_text(text) == from_text(text + "=" * (-len(text) % 4)) == bits


@given(st.text(max_size=60))
def test_no_text_whatever_does_more_than_not_be_read(text: str) -> None:
    read_assertion(text)
    from_text(text)
    assert read_attestation(text) is None
