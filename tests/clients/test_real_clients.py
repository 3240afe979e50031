"""boto3 and pycognito, unmodified, against a real server in a process of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from pycognito.aws_srp import AWSSRP

from flowengine.crypto import totp
from flowengine.engine.system import SystemClock

POOL = "eu-west-1_Example01"
PASSWORD = "Correct-Horse-Battery-9"
SECRET = "s" * 40
FLOW = Path(__file__).parents[2] / "flows" / "sign-in.flow.yaml"
DEPLOYMENT = f"""
pools:
  main:
    id: {POOL}
    issuer: endpoint
    required_attributes: [name]
    password_policy: {{min_length: 12}}
    clients:
      web:
        id: webclient1234
        auth_flows: {{USER_SRP_AUTH: sign-in, USER_PASSWORD_AUTH: sign-in}}
      legacy:
        id: legacyclient1234
        prevent_user_existence_errors: false
        auth_flows: {{USER_SRP_AUTH: sign-in}}
      secret: {{id: secretclient1234, secret: {SECRET}, auth_flows: {{USER_SRP_AUTH: sign-in}}}}
flows: [sign-in.flow.yaml]
sessions: sqlite:///flowengine.db
directory: sqlite:///flowengine.db
listen: 127.0.0.1:0
"""


@dataclass
class Served:
    folder: Path
    boto: Any

    def users(self, *words: str, given: str = "") -> str:
        return subprocess.run(
            (sys.executable, "-m", "flowengine", "users", *words),
            cwd=self.folder, input=given, text=True, capture_output=True, check=True,
        ).stdout  # fmt: skip

    def srp(self, username: str, password: str, client: str = "webclient1234", **more: Any) -> Any:
        return AWSSRP(username, password, POOL, client, client=self.boto, **more)

    def sign_in(
        self, username: str, password: str, client: str = "webclient1234", **more: Any
    ) -> Any:
        return self.srp(username, password, client, **more).authenticate_user()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    (folder / "sign-in.flow.yaml").write_text(FLOW.read_text())
    (folder / "flowengine.yaml").write_text(DEPLOYMENT)
    place = Served(folder, None)
    place.users("add", "alice", given=PASSWORD)
    place.users("add", "forced", "--temporary", given=PASSWORD)
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            (sys.executable, "-m", "flowengine", "serve"),
            cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None
        place.boto = boto3.client(
            "cognito-idp",
            region_name="eu-west-1",
            endpoint_url=found[0],
            config=Config(signature_version=UNSIGNED, retries={"max_attempts": 0}),
        )
        yield place
        process.terminate()
        assert process.wait(10) == 0
        process.stdout.close()
        place.boto.close()
    logged = (folder / "log").read_text()
    for planted in (PASSWORD, SECRET, "webclient1234", "secretclient1234"):
        assert planted not in logged


def refused(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    told = error.value.response["Error"]
    return told["Code"], told["Message"]


def test_pycognito_signs_in_by_srp(served: Served) -> None:
    result = served.sign_in("alice", PASSWORD)["AuthenticationResult"]
    assert served.boto.get_user(AccessToken=result["AccessToken"])["Username"] == "alice"


def test_boto3_signs_in_with_a_password(served: Served) -> None:
    reply = served.boto.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId="webclient1234",
        AuthParameters={"USERNAME": "alice", "PASSWORD": PASSWORD},
    )
    assert reply["AuthenticationResult"]["TokenType"] == "Bearer"
    assert reply["ChallengeParameters"] == {}


@pytest.mark.parametrize("username", ["alice", "nobody"])
def test_a_wrong_password_and_an_unknown_user_sound_the_same(served: Served, username: str) -> None:
    with pytest.raises(ClientError) as error:
        served.sign_in(username, "wrong-password-1")
    assert refused(error) == ("NotAuthorizedException", "Incorrect username or password.")


def test_an_unknown_user_is_named_where_the_client_lets_it(served: Served) -> None:
    with pytest.raises(ClientError) as error:
        served.sign_in("nobody", PASSWORD, "legacyclient1234")
    assert refused(error) == ("UserNotFoundException", "User does not exist.")


def test_the_secret_hash_is_demanded_and_checked(served: Served) -> None:
    client = "secretclient1234"
    assert served.sign_in("alice", PASSWORD, client, client_secret=SECRET)["AuthenticationResult"]
    with pytest.raises(ClientError) as error:
        served.sign_in("alice", PASSWORD, client, client_secret="x" * 40)
    assert refused(error) == (
        "NotAuthorizedException",
        f"Unable to verify secret hash for client {client}",
    )
    with pytest.raises(ClientError) as error:
        served.sign_in("alice", PASSWORD, client)
    assert refused(error) == (
        "NotAuthorizedException",
        f"Client {client} is configured with secret but SECRET_HASH was not received",
    )


def test_a_forced_new_password_asks_for_required_attributes(served: Served) -> None:
    reply = served.boto.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId="webclient1234",
        AuthParameters={"USERNAME": "forced", "PASSWORD": PASSWORD},
    )
    assert reply["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    assert reply["ChallengeParameters"]["requiredAttributes"] == '["userAttributes.name"]'
    answer = {"USERNAME": "forced", "NEW_PASSWORD": "Another-Horse-Battery-10"}

    def respond(**more: str) -> Any:
        return served.boto.respond_to_auth_challenge(
            ClientId="webclient1234",
            ChallengeName="NEW_PASSWORD_REQUIRED",
            Session=reply["Session"],
            ChallengeResponses={**answer, **more},
        )

    with pytest.raises(ClientError) as error:
        respond()
    assert refused(error) == (
        "InvalidParameterException",
        "Invalid attributes given, name is missing",
    )
    assert respond(**{"userAttributes.name": "Fay"})["AuthenticationResult"]
    assert served.sign_in("forced", answer["NEW_PASSWORD"])["AuthenticationResult"]


def test_totp_is_asked_and_its_session_is_good_once(served: Served) -> None:
    served.users("add", "bob", given=PASSWORD)
    secret = re.search(r"secret: *(\S+)", served.users("totp", "bob"))
    assert secret is not None
    reply = served.boto.initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId="webclient1234",
        AuthParameters={"USERNAME": "bob", "PASSWORD": PASSWORD},
    )
    assert reply["ChallengeName"] == "SOFTWARE_TOKEN_MFA"

    def respond(code: str, session: str = reply["Session"], username: str = "bob") -> Any:
        return served.boto.respond_to_auth_challenge(
            ClientId="webclient1234",
            ChallengeName="SOFTWARE_TOKEN_MFA",
            Session=session,
            ChallengeResponses={"USERNAME": username, "SOFTWARE_TOKEN_MFA_CODE": code},
        )

    right = totp.code(totp.from_text(secret[1]), totp.counter_at(SystemClock().now()))
    wrong = "000000" if right != "000000" else "000001"
    with pytest.raises(ClientError) as error:
        respond(wrong)
    assert refused(error) == ("CodeMismatchException", "Invalid code received for user")
    with pytest.raises(ClientError) as error:
        respond(right, username="alice")
    assert refused(error) == ("NotAuthorizedException", "Invalid session for the user.")
    assert respond(right)["AuthenticationResult"]["IdToken"]
    with pytest.raises(ClientError) as error:
        respond(right)
    assert refused(error) == (
        "NotAuthorizedException",
        "Invalid session for the user, session can only be used once.",
    )
