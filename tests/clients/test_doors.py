"""Sign-ins that begin without a name, by an access token, or after a sign-up, by boto3."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from flowengine import resources
from tests import planted
from tests.authenticator import ORIGIN, RELYING_PARTY, Authenticator, raw
from tests.clients.deployed import ADMIN_ID, DATABASE, KIOSK, OTHER, POOL, WEB
from tests.clients.served import PASSWORD, Served, serving
from tests.clients.words import Told

_FLOWS: Final = (
    "password", "post-password", "second-factor", "device", "choice", "passkey-first", "step-up",
)  # fmt: skip
_DEPLOYMENT: Final = f"""
pools:
  main:
    id: {POOL}
    issuer: endpoint
    lockout: per-address
    passkeys: {{relying_party: {RELYING_PARTY}, origins: ['{ORIGIN}']}}
    clients:
      web:
        id: {WEB}
        auth_flows: {{USER_PASSWORD_AUTH: password, USER_SRP_AUTH: password, USER_AUTH: step-up}}
      nameless:
        id: {OTHER}
        auth_flows: {{USER_AUTH: passkey-first}}
      joining:
        id: {KIOSK}
        auth_flows: {{USER_AUTH: choice}}
flows: [.]
sessions: sqlite:///{DATABASE}
directory: sqlite:///{DATABASE}
delivery: {{email: 'outbox:outbox.jsonl', sms: 'outbox:outbox.jsonl'}}
admin: {{keys: [{{id: {ADMIN_ID}, secret: {planted.ADMIN_SECRET}}}]}}
listen: 127.0.0.1:0
"""


def _write(folder: Path) -> None:
    (folder / "flowengine.yaml").write_text(_DEPLOYMENT)
    for name in _FLOWS:
        file = f"{name}.flow.yaml"
        (folder / file).write_text((resources.flows() / file).read_text())


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("doors"), _write) as server:
        yield server


def registered(served: Served, username: str) -> Authenticator:
    """Register a passkey as a page does; the authenticator that holds it."""
    token = served.by_password(username)["AuthenticationResult"]["AccessToken"]
    begun = served.call("start_web_authn_registration", AccessToken=token)
    options = begun["CredentialCreationOptions"]
    made = Authenticator(credential_id=username.encode(), handle=raw(options["user"]["id"]))
    written = made.create(options)
    served.call("complete_web_authn_registration", AccessToken=token, Credential=written)
    return made


def nameless(served: Served, passkey: Authenticator) -> Any:
    asked = served.call("initiate_auth", AuthFlow="USER_AUTH", ClientId=OTHER)
    options = json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    passkey.count += 1
    return served.call(
        "respond_to_auth_challenge",
        ClientId=OTHER,
        ChallengeName="WEB_AUTHN",
        Session=asked["Session"],
        ChallengeResponses={"CREDENTIAL": json.dumps(passkey.get(options))},
    )


def test_a_passkey_says_whose_it_is(served: Served) -> None:
    username = served.new_user()
    passkey = registered(served, username)
    token = nameless(served, passkey)["AuthenticationResult"]["AccessToken"]
    assert served.call("get_user", AccessToken=token)["Username"] == username


def test_a_passkey_that_nobody_has_is_told_what_a_wrong_one_is(served: Served) -> None:
    incorrect = Told("NotAuthorizedException", "Incorrect username or password.")
    stranger = Authenticator(credential_id=b"stranger", handle=bytes(32))
    with served.refuses_in_words(incorrect):
        nameless(served, stranger)


def test_an_app_steps_an_access_token_up(served: Served) -> None:
    username, app = served.new_user_with_app()
    asked = served.by_password(username)
    code = app.code(1)
    done = served.respond(asked, username, SOFTWARE_TOKEN_MFA_CODE=code)
    token = done["AuthenticationResult"]["AccessToken"]
    asked = served.initiate("USER_AUTH", ACCESS_TOKEN=token, TARGET_ACR_VALUES="fresh")
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    used = Told("ExpiredCodeException", "Your software token has already been used once.")
    with served.refuses_in_words(used):
        served.respond(asked, username, SOFTWARE_TOKEN_MFA_CODE=code)
    served.call("global_sign_out", AccessToken=token)
    revoked = Told("NotAuthorizedException", "Access Token has been revoked")
    with served.refuses_in_words(revoked):
        served.initiate("USER_AUTH", ACCESS_TOKEN=token, TARGET_ACR_VALUES="fresh")


def test_a_password_steps_an_access_token_up_where_there_is_no_app(served: Served) -> None:
    username = served.new_user()
    token = served.by_password(username)["AuthenticationResult"]["AccessToken"]
    asked = served.initiate(
        "USER_AUTH", ACCESS_TOKEN=token, TARGET_ACR_VALUES="fresh", USERNAME=username
    )
    done = served.respond(asked, username, PASSWORD=PASSWORD)
    assert done["AuthenticationResult"]["RefreshToken"]
    invalid = Told("NotAuthorizedException", "Invalid Access Token")
    with served.refuses_in_words(invalid):
        served.initiate(
            "USER_AUTH", ACCESS_TOKEN=token, TARGET_ACR_VALUES="fresh", USERNAME="alice"
        )


def code_in(outbox: Path) -> str:
    """Wait for the one code that is sent; it leaves behind the reply."""
    for _ in range(100):
        if outbox.exists() and outbox.read_text().endswith("\n"):
            return str(json.loads(outbox.read_text())["code"])
        time.sleep(0.05)
    raise AssertionError("no code came")


def test_a_sign_up_goes_on_into_a_sign_in(served: Served) -> None:
    about = {"ClientId": KIOSK, "Username": "joined"}
    address = [{"Name": "email", "Value": "joined@example.com"}]
    made = served.call("sign_up", **about, Password=PASSWORD, UserAttributes=address)
    code = code_in(served.folder / "outbox.jsonl")
    confirmed = served.call(
        "confirm_sign_up", **about, ConfirmationCode=code, Session=made["Session"]
    )
    begin: dict[str, Any] = {
        "AuthFlow": "USER_AUTH",
        "ClientId": KIOSK,
        "AuthParameters": {"USERNAME": "joined"},
        "Session": confirmed["Session"],
    }
    assert served.call("initiate_auth", **begin)["AuthenticationResult"]["AccessToken"]
    used = "Invalid session for the user, session can only be used once."
    with served.refuses_in_words(Told("NotAuthorizedException", used)):
        served.call("initiate_auth", **begin)
