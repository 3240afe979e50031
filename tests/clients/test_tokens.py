"""boto3 and pycognito refresh, revoke and sign out."""

from __future__ import annotations

from typing import Any

from tests.clients import deployed, words
from tests.clients.deployed import CONFIDENTIAL, OTHER, POOL, ROTATING, STRICT, WEB
from tests.clients.served import PASSWORD, Served


def signed_in(served: Served, username: str, client_id: str = WEB) -> Any:
    return served.by_password(username, client_id=client_id)["AuthenticationResult"]


def get_tokens(served: Served, token: str, client_id: str, **more: str) -> Any:
    reply = served.call(
        "get_tokens_from_refresh_token", RefreshToken=token, ClientId=client_id, **more
    )
    return reply["AuthenticationResult"]


def test_pycognito_renews_the_access_token_and_verifies_it(served: Served) -> None:
    first = served.pycognito("authenticate", "alice", password=PASSWORD)
    renewed = served.pycognito("renew", "alice", refresh_token=first["RefreshToken"])
    assert renewed["RefreshToken"] == first["RefreshToken"]
    assert renewed["access_token"] != first["access_token"]
    for name in ("origin_jti", "auth_time", "event_id", "sub", "username"):
        assert renewed["access"][name] == first["access"][name]
    assert renewed["access"]["jti"] != first["access"]["jti"]
    assert served.call("get_user", AccessToken=renewed["access_token"])["Username"] == "alice"


def test_pycognito_renews_with_a_client_secret(served: Served) -> None:
    secret = {"client_secret": deployed.SECRET}
    first = served.pycognito("authenticate", "alice", CONFIDENTIAL, password=PASSWORD, **secret)
    token = first["RefreshToken"]
    assert served.pycognito("renew", "alice", CONFIDENTIAL, refresh_token=token, **secret)
    told = words.refresh_hash_wrong(CONFIDENTIAL)
    with served.refuses(told):
        served.pycognito("renew", "bob", CONFIDENTIAL, refresh_token=token, **secret)
    with served.refuses(told):
        served.pycognito("renew", "alice", CONFIDENTIAL, refresh_token=token, client_secret="x")
    with served.refuses(words.hash_absent(CONFIDENTIAL)):
        served.pycognito("renew", "alice", CONFIDENTIAL, refresh_token=token)
    assert "RefreshToken" not in get_tokens(
        served, token, CONFIDENTIAL, ClientSecret=deployed.SECRET
    )


def test_boto3_refreshes_by_both_operations(served: Served) -> None:
    token = signed_in(served, "alice")["RefreshToken"]
    for auth_flow in ("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"):
        reply = served.initiate(auth_flow, REFRESH_TOKEN=token)
        assert reply["ChallengeParameters"] == {}
        assert reply["AuthenticationResult"].keys() == {
            "AccessToken", "ExpiresIn", "TokenType", "IdToken",
        }  # fmt: skip
    by_admin = served.call(
        "admin_initiate_auth",
        UserPoolId=POOL,
        ClientId=WEB,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": token},
    )
    assert by_admin["AuthenticationResult"]["AccessToken"]
    assert "RefreshToken" not in get_tokens(served, token, WEB)


def test_another_clients_token_is_refused_and_changes_nothing(served: Served) -> None:
    token = signed_in(served, "alice")["RefreshToken"]
    for no_token in (token[:-1], token + "A", "A", "A" * 5000):
        with served.refuses(words.NO_REFRESH):
            served.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=no_token)
    with served.refuses(words.NO_REFRESH):
        served.initiate("REFRESH_TOKEN_AUTH", OTHER, REFRESH_TOKEN=token)
    with served.refuses(words.UNAUTHORIZED):
        served.call("revoke_token", Token=token, ClientId=OTHER)
    assert get_tokens(served, token, WEB)


def test_tokens_rotate_and_a_lost_reply_can_be_asked_for_again(served: Served) -> None:
    first = signed_in(served, "alice", ROTATING)["RefreshToken"]
    with served.refuses(words.NOT_BY_AUTH_FLOW):
        served.initiate("REFRESH_TOKEN_AUTH", ROTATING, REFRESH_TOKEN=first)
    second = get_tokens(served, first, ROTATING)["RefreshToken"]
    assert second != first
    assert get_tokens(served, first, ROTATING)["RefreshToken"] == second
    third = get_tokens(served, second, ROTATING)["RefreshToken"]
    assert get_tokens(served, first, ROTATING)["RefreshToken"] == third


def test_a_copy_of_a_replaced_token_ends_the_sign_in(served: Served) -> None:
    first = signed_in(served, "alice", STRICT)["RefreshToken"]
    second = get_tokens(served, first, STRICT)
    with served.refuses(words.REUSED_REFRESH, "grants: revoked"):
        get_tokens(served, first, STRICT)
    with served.refuses(words.REVOKED_REFRESH):
        get_tokens(served, second["RefreshToken"], STRICT)
    with served.refuses(words.REVOKED_ACCESS):
        served.call("get_user", AccessToken=second["AccessToken"])


def test_a_revoked_token_ends_one_sign_in(served: Served) -> None:
    first, other = signed_in(served, "alice"), signed_in(served, "alice")
    for no_refresh_token in (first["AccessToken"], "A" * 40):
        with served.refuses(words.NOT_A_REFRESH_TOKEN):
            served.call("revoke_token", Token=no_refresh_token, ClientId=WEB)
    assert served.call("revoke_token", Token=first["RefreshToken"], ClientId=WEB) == {}
    with served.refuses(words.REVOKED_REFRESH):
        served.pycognito("renew", "alice", refresh_token=first["RefreshToken"])
    with served.refuses(words.REVOKED_ACCESS):
        served.call("get_user", AccessToken=first["AccessToken"])
    assert served.call("get_user", AccessToken=other["AccessToken"])["Username"] == "alice"


def test_pycognito_logs_out_everywhere(served: Served) -> None:
    username = served.new_user()
    first, other = signed_in(served, username), signed_in(served, username, OTHER)
    served.pycognito("log_out", username, access_token=first["AccessToken"])
    for result, client_id in ((first, WEB), (other, OTHER)):
        with served.refuses(words.REVOKED_REFRESH):
            served.initiate("REFRESH_TOKEN_AUTH", client_id, REFRESH_TOKEN=result["RefreshToken"])
        with served.refuses(words.REVOKED_ACCESS):
            served.call("get_user", AccessToken=result["AccessToken"])


def test_an_administrator_ends_sign_ins_by_signing_out_and_by_a_new_password(
    served: Served,
) -> None:
    username = served.new_user()
    who = {"UserPoolId": POOL, "Username": username}
    for operation, more in (
        ("admin_user_global_sign_out", {}),
        ("admin_set_user_password", {"Password": PASSWORD, "Permanent": True}),
    ):
        result = signed_in(served, username)
        served.call(operation, **who, **more)
        with served.refuses(words.REVOKED_REFRESH):
            get_tokens(served, result["RefreshToken"], WEB)
        with served.refuses(words.REVOKED_ACCESS):
            served.call("get_user", AccessToken=result["AccessToken"])
