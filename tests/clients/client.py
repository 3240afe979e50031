"""Python's client libraries as anybody runs them, told what to do by lines of JSON.

They are boto3, pycognito, warrant-lite, PyJWT and soft-webauthn.

Run as ``python -m tests.clients.client URL``, with the region, the keys and the endpoint in boto3's
own environment variables. One command a line on standard input, one answer a line on standard
output: ``{"result": ...}`` or ``{"error": {"class": ..., "code": ..., "message": ..., "status":
...}}``. Nothing of flowengine is imported here, nor anything that imports it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

import boto3
import jwt
from botocore.exceptions import ClientError
from pycognito import Cognito
from pycognito.aws_srp import AWSSRP, generate_hash_device
from pycognito.exceptions import MFAChallengeException
from warrant_lite import WarrantLite

from tests.clients.answering import answer_lines
from tests.clients.soft_passkeys import SoftPasskeys


class Clients:
    """The libraries, each by the commands that drive it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._boto: Any = boto3.client("cognito-idp")
        self.commands: dict[str, Callable[..., Any]] = {
            "call": self.call,
            "srp_answer": self.srp_answer,
            "authenticate": self.authenticate,
            "admin_authenticate": self.admin_authenticate,
            "answer_totp": self.answer_totp,
            "answer_sms": self.answer_sms,
            "device_verifier": device_verifier,
            "confirm_device": self.confirm_device,
            "authenticate_device": self.authenticate_device,
            "remember_device": self.remember_device,
            "forget_device": self.forget_device,
            "new_password": self.new_password,
            "renew": self.renew,
            "log_out": self.log_out,
            "warrant": self.warrant,
            "warrant_new_password": self.warrant_new_password,
            "verify_token": verify_token,
            "secret_hash": AWSSRP.get_secret_hash,
            **SoftPasskeys().commands,
            "modules": lambda: sorted({name.partition(".")[0] for name in sys.modules}),
        }

    def call(self, operation: str, arguments: dict[str, Any]) -> Any:
        """Call boto3's method of this name."""
        result = getattr(self._boto, operation)(**arguments)
        result.pop("ResponseMetadata")
        return result

    def srp_answer(self, pool: str, **who: Any) -> dict[str, Any]:
        """Begin USER_SRP_AUTH and give the answer that pycognito computes, without sending it."""
        srp = AWSSRP(pool_id=pool, client=self._boto, **who)
        begun = srp.get_auth_params()
        reply = self._boto.initiate_auth(
            AuthFlow="USER_SRP_AUTH", ClientId=srp.client_id, AuthParameters=begun
        )
        responses = srp.process_challenge(reply["ChallengeParameters"], begun)
        return {
            "asked": reply["ChallengeParameters"],
            "has_session": "Session" in reply,
            "answer": {
                "ClientId": srp.client_id,
                "ChallengeName": reply["ChallengeName"],
                "ChallengeResponses": responses,
            },
        }

    def authenticate(self, pool: str, password: str, **who: Any) -> dict[str, Any]:
        """Sign in by pycognito, which verifies the tokens with the keys that the pool publishes."""
        cognito = self._cognito(pool, **who)
        cognito.authenticate(password)
        return _signed_in(cognito)

    def answer_totp(self, pool: str, code: str, tokens: Any, **who: Any) -> dict[str, Any]:
        """Answer what ``authenticate`` was asked."""
        cognito = self._cognito(pool, **who)
        cognito.respond_to_software_token_mfa_challenge(code, tokens)
        return _signed_in(cognito)

    def answer_sms(self, pool: str, code: str, tokens: Any, **who: Any) -> dict[str, Any]:
        """Answer what ``authenticate`` was asked."""
        cognito = self._cognito(pool, **who)
        cognito.respond_to_sms_mfa_challenge(code, tokens)
        return _signed_in(cognito)

    def admin_authenticate(self, pool: str, password: str, **who: Any) -> dict[str, Any]:
        """Sign a user in as an administrator, by pycognito."""
        cognito = self._cognito(pool, **who)
        cognito.admin_authenticate(password)
        return _signed_in(cognito)

    def confirm_device(self, pool: str, reply: Any, **who: Any) -> dict[str, Any]:
        """Confirm the device that came with the tokens, by pycognito; the device."""
        srp = AWSSRP(pool_id=pool, client=self._boto, **who)
        response, password = srp.confirm_device(reply, "laptop")
        response.raise_for_status()
        device = {"device_key": srp.device_key, "device_group_key": srp.device_group_key}
        return {"reply": response.json(), "device": {**device, "device_password": password}}

    def authenticate_device(self, pool: str, **who: Any) -> Any:
        """Sign in by pycognito on a device that was confirmed."""
        reply = AWSSRP(pool_id=pool, client=self._boto, **who).authenticate_user()
        return reply["AuthenticationResult"]

    def remember_device(
        self, pool: str, access_token: str, device_key: str, *, remembered: bool, **who: Any
    ) -> int:
        """Say by pycognito whether a device is remembered; the status of HTTP."""
        srp = AWSSRP(pool_id=pool, client=self._boto, **who)
        return _status_in(srp.update_device_status(remembered, access_token, device_key))

    def forget_device(self, pool: str, access_token: str, device_key: str, **who: Any) -> int:
        """Forget a device by pycognito; the status of HTTP."""
        srp = AWSSRP(pool_id=pool, client=self._boto, **who)
        return _status_in(srp.forget_device(access_token, device_key))

    def warrant(self, pool: str, **who: Any) -> Any:
        """Sign in by warrant-lite."""
        return WarrantLite(pool_id=pool, client=self._boto, **who).authenticate_user()

    def warrant_new_password(self, pool: str, chosen: str, **who: Any) -> Any:
        """Sign in with a temporary password and choose another, by warrant-lite."""
        user = WarrantLite(pool_id=pool, client=self._boto, **who)
        return user.set_new_password_challenge(chosen)

    def new_password(self, pool: str, password: str, chosen: str, **who: Any) -> dict[str, Any]:
        """Sign in with a temporary password and choose another."""
        cognito = self._cognito(pool, **who)
        cognito.new_password_challenge(password, chosen)
        return _signed_in(cognito)

    def renew(self, pool: str, refresh_token: str, **who: Any) -> dict[str, Any]:
        """Have pycognito renew the access token of an application that kept a refresh token."""
        cognito = self._cognito(pool, refresh_token=refresh_token, **who)
        cognito.renew_access_token()
        return _signed_in(cognito)

    def log_out(self, pool: str, access_token: str, **who: Any) -> None:
        """Sign the user out everywhere by pycognito."""
        self._cognito(pool, access_token=access_token, **who).logout()

    def _cognito(self, pool: str, **who: Any) -> Any:
        # pycognito takes the endpoint for the issuer too, and only from here.
        return Cognito(pool, boto3_client_kwargs={"endpoint_url": self._url}, **who)


def device_verifier(group: str, key: str) -> dict[str, Any]:
    """Have pycognito make what ConfirmDevice takes, and tell the device that keeps the rest."""
    password, verifier = generate_hash_device(group, key)
    device = {"device_key": key, "device_group_key": group, "device_password": password}
    return {"verifier": verifier, "device": device}


def verify_token(token: str, issuer: str, audience: str | None) -> Any:
    """Verify a token by PyJWT, with the keys that its issuer publishes and no leeway."""
    keys = jwt.PyJWKClient(f"{issuer}/.well-known/jwks.json")
    return jwt.decode(
        token,
        keys.get_signing_key_from_jwt(token),
        algorithms=["RS256"],
        issuer=issuer,
        audience=audience,
        leeway=0,
        options={"require": ["exp", "iat", "iss", "sub", "token_use"]},
    )


def _status_in(text: str) -> int:
    """Read the status of what pycognito gives, ``<Response [200]> : ...``."""
    found = re.match(r"<Response \[(\d+)\]>", text)
    return int(found[1]) if found else 0


def _signed_in(cognito: Any) -> dict[str, Any]:
    return {
        "access": cognito.access_claims,
        "id": cognito.id_claims,
        "access_token": cognito.access_token,
        "RefreshToken": cognito.refresh_token,
    }


def _failed(error: Exception) -> dict[str, Any]:
    """Tell an exception as an application that catches it sees it."""
    told: dict[str, Any] = {"class": type(error).__name__, "message": str(error)}
    if isinstance(error, ClientError):
        told["code"] = error.response["Error"]["Code"]
        told["message"] = error.response["Error"]["Message"]
        told["status"] = error.response["ResponseMetadata"]["HTTPStatusCode"]
    if isinstance(error, MFAChallengeException):
        told["message"] = str(error.args[0])
        told["tokens"] = error.get_tokens()
    return {"error": told}


def main() -> None:
    """Do what each line says, until there are no more."""
    clients = Clients(sys.argv[1])

    def done(command: dict[str, Any]) -> dict[str, Any]:
        try:
            return {"result": clients.commands[command.pop("do")](**command)}
        except Exception as error:  # noqa: BLE001 - the other side says which one was meant
            return _failed(error)

    answer_lines(done)


if __name__ == "__main__":
    main()
