"""The server's half against a client that nobody here wrote."""

from __future__ import annotations

import base64
import os
from datetime import UTC, datetime, timedelta

import pytest
from pycognito import aws_srp

from flowengine.crypto import secret_hash, srp, srp_time
from tests.crypto.people import ODD_AND_EVEN, POOL, POOL_ID, Person, begin, forms, half_for, people

USERS = 1000 if os.environ.get("FLOWENGINE_SOAK") else 25
CLIENT_SECRET = "client-secret"

pytestmark = [
    pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:pycognito"),
]


def accepted(
    names: tuple[str, str], value: int, server: srp.ServerEphemeral, sent: dict[str, str]
) -> bool:
    public, moment = srp.parse_public(sent["SRP_A"]), srp_time.parse(sent["TIMESTAMP"])
    assert public is not None
    assert moment is not None
    assert abs(datetime.now(UTC) - moment) < timedelta(minutes=1)  # noqa: TID251 - pycognito's clock
    key = srp.session_key(public, server, value)
    assert key is not None
    block = base64.b64decode(sent["PASSWORD_CLAIM_SECRET_BLOCK"])
    expected = srp.signature(key, *names, block, srp_time.render(moment))
    return srp.signature_is_right(expected, sent["PASSWORD_CLAIM_SIGNATURE"])


def client_for(person: Person, **more: str) -> aws_srp.AWSSRP:
    return aws_srp.AWSSRP(
        username=person.name,
        password=person.password,
        pool_id=POOL_ID,
        client_id="client-id",
        client=object(),  # it is never asked: no network here
        client_secret=CLIENT_SECRET,
        **more,
    )


def test_pycognito_signs_in_as_every_user() -> None:
    met = set()
    for number, person in enumerate(people(USERS)):
        value = person.verifier()
        server, client = begin(value, number), client_for(person)
        half, begun = half_for(person, server, number), client.get_auth_params()
        sent = client.process_challenge(half, begun)
        assert accepted((POOL, person.name), value, server, {**begun, **sent}), number
        assert secret_hash.check(CLIENT_SECRET, person.name, "client-id", sent["SECRET_HASH"])
        met |= forms(half)
    assert met == ODD_AND_EVEN


def test_pycognito_with_another_password_is_refused() -> None:
    person = Person("anna", "right", 0xABCDEF)
    value = srp.verifier(POOL, person.name, "wrong", person.salt)
    server = begin(value, 0)
    client = client_for(person)
    begun = client.get_auth_params()
    sent = client.process_challenge(half_for(person, server, 0), begun)
    assert not accepted((POOL, person.name), value, server, {**begun, **sent})


def test_a_salt_with_a_zero_byte_in_front_of_a_top_bit_is_padded_alike() -> None:
    person = Person("anna", "right", int("00a1b2c3d4e5f60718293a4b5c6d7e8f", 16))
    value = person.verifier()
    server = begin(value, 1)
    client = client_for(person)
    begun = client.get_auth_params()
    for salt in (srp.to_hex(person.salt), "00a1b2c3d4e5f60718293a4b5c6d7e8f"):
        half = {**half_for(person, server, 0), "SALT": salt}
        sent = client.process_challenge(half, begun)
        assert accepted((POOL, person.name), value, server, {**begun, **sent})


def test_pycognito_proves_a_device_that_it_registered() -> None:
    group, key = "-group", "eu-west-1_device"
    secret, config = aws_srp.generate_hash_device(group, key)
    salt = int.from_bytes(base64.b64decode(config["Salt"]), "big")
    value = int.from_bytes(base64.b64decode(config["PasswordVerifier"]), "big")
    assert value == srp.verifier(group, key, secret, salt)
    person = Person("anna", "unused", salt)
    client = client_for(person, device_key=key, device_group_key=group, device_password=secret)
    server = begin(value, 2)
    begun = client.get_auth_params()
    sent = client.process_device_challenge(half_for(person, server, 3))
    assert accepted((group, key), value, server, {**begun, **sent})
