"""``flowengine users`` in a pool whose users are named by mail addresses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.commanding import Here
from tests.planted import OTHER_PASSWORD, PASSWORD

ADA = "ada@example.com"
POLICY = "    password_policy: {min_length: 12}\n"


@pytest.fixture
def people(deployed: Here) -> Here:
    """Give a deployment with one user, whom an address names."""
    path = Path("flowengine.yaml")
    text = path.read_text()
    assert text.count(POLICY) == 1
    path.write_text(text.replace(POLICY, f"{POLICY}    usernames: {{attributes: [email]}}\n"))
    assert deployed("users", "add", ADA, given=PASSWORD) == 0
    return deployed


def test_whoever_is_added_is_told_by_the_address_and_called_otherwise(people: Here) -> None:
    found = re.fullmatch(rf"added {ADA} to pool main\n  called ([0-9a-f-]{{36}})\n", people.out)
    assert found is not None
    assert people("users", "show", ADA) == 0
    assert people.out.startswith(f"{found[1]}: CONFIRMED, enabled\n")
    by_address = people.out
    assert people("users", "show", found[1]) == 0
    assert people.out == by_address


def test_an_authenticator_app_shows_the_address(people: Here) -> None:
    assert people("users", "totp", ADA) == 0
    assert f"for the authenticator app of {ADA};" in people.out
    assert "link:   otpauth://totp/" in people.out
    assert re.search(r"otpauth://totp/\S*ada(%40|@)example\.com", people.out)


def test_an_address_finds_a_user_for_every_command(people: Here) -> None:
    assert people("users", "password", ADA, given=OTHER_PASSWORD) == 0
    assert people("users", "remove", ADA) == 0
    assert people("users", "show", ADA) == 1
    assert "UserNotFoundException" in people.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ada",), "Username should be an email."),
        (("+15550100",), "Username should be an email."),
        ((ADA,), "UsernameExistsException"),
        (
            ("bob@example.com", "--attribute", "email=eve@example.com"),
            "Username and the attribute email are not the same.",
        ),
    ],
)
def test_who_cannot_be_named_so_is_refused(people: Here, words: tuple[str, ...], said: str) -> None:
    assert people("users", "add", *words, given=PASSWORD) == 1
    assert said in people.err
    assert people.out == ""
