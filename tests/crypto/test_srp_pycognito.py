"""The server's half against a client that nobody here wrote."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import shake_256
from itertools import count

import pytest
from pycognito import aws_srp

from flowengine.crypto import secret_hash, srp, srp_time

USERS = 1000 if os.environ.get("FLOWENGINE_SOAK") else 25
POOL, POOL_ID = "AbCdEfGhI", "eu-west-1_AbCdEfGhI"
CLIENT_SECRET = "client-secret"

pytestmark = [
    pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:pycognito"),
]


@dataclass(frozen=True)
class Person:
    name: str
    password: str
    salt: int


def drawn(number: int, what: str, size: int) -> bytes:
    return shake_256(f"{what} {number}".encode()).digest(size)


def text_of(number: int, what: str) -> str:
    """Make text of all planes: code points drawn over Latin, Cyrillic, Han and emoji."""
    starts = (0x21, 0xC0, 0x410, 0x4E00, 0x1F600)
    raw = drawn(number, what, 2 * (1 + number % 23))
    pairs = zip(raw[::2], raw[1::2], strict=True)
    return "".join(chr(starts[high % len(starts)] + low % 64) for high, low in pairs)


def entropy_of(number: int) -> Callable[[int], bytes]:
    """Give other bytes at each draw: some are no salt, and then others are drawn."""
    draws = count()
    return lambda size: drawn(number, f"salt {next(draws)}", size)


def people() -> Iterator[Person]:
    """Users whose salts have every form: odd, even, a top bit set, and short ones."""
    for number in range(USERS):
        salt = srp.new_salt(entropy_of(number))
        yield Person(text_of(number, "name"), text_of(number, "password"), salt >> (number % 12))


def half_for(person: Person, server: srp.ServerEphemeral, number: int) -> dict[str, str]:
    return {
        "USERNAME": person.name,
        "USER_ID_FOR_SRP": person.name,
        "SALT": srp.to_hex(person.salt),
        "SRP_B": server.srp_b,
        "SECRET_BLOCK": base64.b64encode(drawn(number, "block", 51)).decode(),
    }


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
    lengths = set()
    for number, person in enumerate(people()):
        value = srp.verifier(POOL, person.name, person.password, person.salt)
        server = srp.begin(value, lambda size, n=number: drawn(n, "b", size))  # type: ignore[misc]
        client = client_for(person)
        half, begun = half_for(person, server, number), client.get_auth_params()
        sent = client.process_challenge(half, begun)
        assert accepted((POOL, person.name), value, server, {**begun, **sent}), number
        assert secret_hash.check(CLIENT_SECRET, person.name, "client-id", sent["SECRET_HASH"])
        lengths |= {(key, len(half[key]) % 2) for key in ("SALT", "SRP_B")}
    # Odd and even lengths both came up, or the users above were not varied enough.
    assert lengths == {("SALT", 0), ("SALT", 1), ("SRP_B", 0), ("SRP_B", 1)}


def test_pycognito_with_another_password_is_refused() -> None:
    person = Person("anna", "right", 0xABCDEF)
    value = srp.verifier(POOL, person.name, "wrong", person.salt)
    server = srp.begin(value, lambda size: drawn(0, "b", size))
    client = client_for(person)
    begun = client.get_auth_params()
    sent = client.process_challenge(half_for(person, server, 0), begun)
    assert not accepted((POOL, person.name), value, server, {**begun, **sent})


def test_a_salt_with_a_zero_byte_in_front_of_a_top_bit_is_padded_alike() -> None:
    person = Person("anna", "right", int("00a1b2c3d4e5f60718293a4b5c6d7e8f", 16))
    value = srp.verifier(POOL, person.name, person.password, person.salt)
    server = srp.begin(value, lambda size: drawn(1, "b", size))
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
    server = srp.begin(value, lambda size: drawn(2, "b", size))
    begun = client.get_auth_params()
    sent = client.process_device_challenge(half_for(person, server, 3))
    assert accepted((group, key), value, server, {**begun, **sent})
