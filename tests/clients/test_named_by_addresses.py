"""A deployment's pool whose users are named by mail addresses, kept in SQLite."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests import planted
from tests.clients.deployed import ADMIN_ID, DATABASE, OTHER, POOL, WEB
from tests.clients.processes import RefusedError
from tests.clients.served import PASSWORD, Served, serving
from tests.clients.words import Told

PEOPLE: Final = "eu-west-1_People001"
SUB: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_SHIPPED: Final = Path(__file__).parents[2] / "flows"
_DEPLOYMENT: Final = f"""
pools:
  main:
    id: {POOL}
    clients:
      web: {{id: {WEB}, auth_flows: {{USER_PASSWORD_AUTH: sign-in}}}}
  people:
    id: {PEOPLE}
    usernames: {{attributes: [email], case_sensitive: false}}
    attributes:
      custom:tier: {{type: string, max_length: 8}}
      custom:seats: {{type: number, min: 1, mutable: false}}
    account_recovery: [admin_only]
    clients:
      people: {{id: {OTHER}, auth_flows: {{USER_SRP_AUTH: sign-in, USER_PASSWORD_AUTH: sign-in}}}}
flows: [sign-in.flow.yaml]
sessions: sqlite:///{DATABASE}
directory: sqlite:///{DATABASE}
admin: {{keys: [{{id: {ADMIN_ID}, secret: {planted.ADMIN_SECRET}}}]}}
listen: 127.0.0.1:0
"""


def _write(folder: Path) -> None:
    (folder / "flowengine.yaml").write_text(_DEPLOYMENT)
    flow = "sign-in.flow.yaml"
    (folder / flow).write_text((_SHIPPED / flow).read_text())


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("people"), _write) as server:
        yield server


def by_srp(served: Served, username: str) -> Any:
    who = {"pool": PEOPLE, "client_id": OTHER, "username": username}
    return served.client.ask("authenticate", **who, password=PASSWORD)


def new_person(served: Served, address: str, **attributes: str) -> str:
    """Make a user with a temporary password, as an administrator does; what they are called."""
    given = [{"Name": name, "Value": value} for name, value in attributes.items()]
    made = served.call(
        "admin_create_user",
        UserPoolId=PEOPLE,
        Username=address,
        UserAttributes=given,
        TemporaryPassword=PASSWORD,
        MessageAction="SUPPRESS",
    )
    username: str = made["User"]["Username"]
    return username


def test_whom_the_command_adds_by_an_address_signs_in_by_it(people: Served) -> None:
    address = "Ada@example.com"
    words = ("--pool", "people", "--attribute", "custom:tier=gold")
    told = people.users("add", address, *words, given=PASSWORD)
    assert told.startswith(f"added {address} to pool people\n  called ")
    sub = told.partition("  called ")[2].strip()
    assert re.fullmatch(SUB, sub)
    shown = people.users("show", address, "--pool", "people")
    assert shown.startswith(f"{sub}: CONFIRMED, enabled\n")
    assert f"  email: {address}\n" in shown
    for name in (address, "ada@EXAMPLE.com", sub):
        signed_in = by_srp(people, name)
        assert (signed_in["access"]["username"], signed_in["access"]["sub"]) == (sub, sub)
        assert signed_in["id"]["custom:tier"] == "gold"


def test_boto3_makes_a_user_by_an_address_who_chooses_a_password(people: Served) -> None:
    address = "bob@example.com"
    sub = new_person(people, address, **{"custom:seats": "2"})
    asked = people.by_password(address, PASSWORD, OTHER)
    assert asked["ChallengeParameters"]["USER_ID_FOR_SRP"] == sub
    done = people.respond(asked, sub, OTHER, NEW_PASSWORD=planted.OTHER_PASSWORD)
    token = done["AuthenticationResult"]["AccessToken"]
    user = people.call("get_user", AccessToken=token)
    told = {each["Name"]: each["Value"] for each in user["UserAttributes"]}
    assert (user["Username"], told["sub"], told["email"]) == (sub, sub, address)
    assert told["custom:seats"] == "2"
    fixed = [{"Name": "custom:seats", "Value": "3"}]
    immutable = "user.custom:seats: Attribute cannot be updated."
    with people.refuses_in_words(Told("InvalidParameterException", immutable)):
        people.call("update_user_attributes", AccessToken=token, UserAttributes=fixed)


def test_what_is_no_address_or_anothers_names_nobody(people: Served) -> None:
    new_person(people, "eve@example.com")
    with people.refuses(Told("InvalidParameterException", "Username should be an email.")):
        new_person(people, "eve")
    with people.refuses_in_words(Told("UsernameExistsException", "User account already exists")):
        new_person(people, "EVE@example.com")


def test_an_attribute_that_breaks_its_rule_is_refused(people: Served) -> None:
    for name, value in (("custom:tier", "platinum!"), ("custom:seats", "0"), ("custom:age", "9")):
        with pytest.raises(RefusedError, match="InvalidParameterException"):
            new_person(people, "carol@example.com", **{name: value})


def test_the_pool_is_described_as_it_is_written(people: Served) -> None:
    told = people.call("describe_user_pool", UserPoolId=PEOPLE)["UserPool"]
    assert told["UsernameAttributes"] == ["email"]
    assert "AliasAttributes" not in told
    mechanisms = told["AccountRecoverySetting"]["RecoveryMechanisms"]
    assert mechanisms == [{"Priority": 1, "Name": "admin_only"}]
    schema = {each["Name"]: each for each in told["SchemaAttributes"]}
    assert schema["custom:seats"]["NumberAttributeConstraints"] == {"MinValue": "1"}
    assert schema["custom:seats"]["Mutable"] is False
    with people.refuses(Told("NotAuthorizedException", "Contact administrator to reset password.")):
        people.call("forgot_password", ClientId=OTHER, Username="ada@example.com")
