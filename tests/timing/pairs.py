"""Whether the time of an answer tells a user from a name that nobody has.

Each trial asks the same of both, one directly after the other, in an order drawn anew, over one
kept connection to a real server. What counts is the median of the paired differences: what slows
the machine for a while slows both. Its confidence interval is that of the sign test, which assumes
nothing about how times are distributed.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import math
import random  # noqa: TID251 - draws an order, nothing secret
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from flowengine.crypto import srp_client
from flowengine.engine.system import SystemEntropy
from tests.authenticator import ES256, Authenticator, new_key

_99_PERCENT: Final = 2.5758
"""Of the normal distribution: half of 1 % lies above it."""

Members = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """How much longer a known user takes than an unknown one.

    Attributes:
        median_us: Of what one of them takes.
        low_us: The lower end of the 99 % confidence interval of the median difference.
        high_us: The upper end.
    """

    what: str
    pairs: int
    median_us: float
    low_us: float
    high_us: float

    @property
    def share(self) -> float:
        """The larger end of the interval as a share of the median."""
        return max(abs(self.low_us), abs(self.high_us)) / self.median_us

    def __str__(self) -> str:
        return (
            f"{self.what}: {self.pairs} pairs, median {self.median_us:.0f} us, "
            f"difference {self.low_us:+.1f} to {self.high_us:+.1f} us ({self.share:.2%})"
        )


class Caller:
    """One kept connection."""

    def __init__(self, url: str, client_id: str, pool_id: str, key: Credentials) -> None:
        """Connect; what is administrative is signed by the key."""
        place = urlsplit(url)
        assert place.hostname is not None
        self._connection = http.client.HTTPConnection(place.hostname, place.port)
        self._url, self._client_id, self._pool_id = url, client_id, pool_id
        self._signer = SigV4Auth(key, "cognito-idp", pool_id.partition("_")[0])

    def call(self, operation: str, members: Mapping[str, Any]) -> tuple[float, Members]:
        """Call an operation; how many microseconds it took, and what was answered."""
        pool = {"UserPoolId": self._pool_id} if operation.startswith("Admin") else {}
        body = json.dumps({"ClientId": self._client_id, **pool, **members}).encode()
        headers = {
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": f"AWSCognitoIdentityProviderService.{operation}",
        }
        if pool:
            request = AWSRequest("POST", self._url, headers, body)
            self._signer.add_auth(request)
            headers = dict(request.headers.items())
        begun = time.perf_counter()
        self._connection.request("POST", "/", body, headers)
        answer = self._connection.getresponse().read()
        return (time.perf_counter() - begun) * 1e6, json.loads(answer)

    def close(self) -> None:
        """Disconnect."""
        self._connection.close()


Trial = Callable[[Caller, str], float]
"""Asks for a user; how many microseconds the answer took."""


def wrong_password(caller: Caller, username: str) -> float:
    """USER_PASSWORD_AUTH with a wrong password."""
    parameters = {"USERNAME": username, "PASSWORD": "wrong-Password-1"}
    return _incorrect(
        *caller.call(
            "InitiateAuth", {"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}
        )
    )


def wrong_password_of_an_administrator(caller: Caller, username: str) -> float:
    """ADMIN_USER_PASSWORD_AUTH with a wrong password."""
    parameters = {"USERNAME": username, "PASSWORD": "wrong-Password-1"}
    return _incorrect(
        *caller.call(
            "AdminInitiateAuth",
            {"AuthFlow": "ADMIN_USER_PASSWORD_AUTH", "AuthParameters": parameters},
        )
    )


def begun_srp(caller: Caller, username: str) -> float:
    """USER_SRP_AUTH, begun."""
    return _begin(caller, "USER_SRP_AUTH", username, SRP_A=_A)[0]


def wrong_srp_proof(caller: Caller, username: str) -> float:
    """USER_SRP_AUTH, answered with a wrong proof."""
    _, asked = _begin(caller, "USER_SRP_AUTH", username, SRP_A=_A)
    responses = {
        "USERNAME": username,
        "PASSWORD_CLAIM_SIGNATURE": "A" * 43 + "=",
        "PASSWORD_CLAIM_SECRET_BLOCK": asked["ChallengeParameters"]["SECRET_BLOCK"],
        "TIMESTAMP": time.strftime("%a %b %d %H:%M:%S UTC %Y", time.gmtime()).replace(" 0", " "),
    }
    return _respond(caller, "PASSWORD_VERIFIER", None, responses)


def begun_custom(caller: Caller, username: str) -> float:
    """CUSTOM_AUTH, begun."""
    return _begin(caller, "CUSTOM_AUTH", username)[0]


def wrong_custom_answer(caller: Caller, username: str) -> float:
    """CUSTOM_AUTH, answered wrongly."""
    _, asked = _begin(caller, "CUSTOM_AUTH", username)
    responses = {"USERNAME": username, "ANSWER": "wrong"}
    return _respond(caller, "CUSTOM_CHALLENGE", asked["Session"], responses)


def begun_choice(caller: Caller, username: str) -> float:
    """USER_AUTH, begun."""
    return _begin(caller, "USER_AUTH", username)[0]


def wrong_password_by_choice(caller: Caller, username: str) -> float:
    """USER_AUTH with a wrong password, which is chosen and sent at once."""
    chosen = {"PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": "wrong-Password-1"}
    return _incorrect(*_begin(caller, "USER_AUTH", username, **chosen))


def named_by_srp(caller: Caller, username: str) -> float:
    """A sign-in of nobody, whose user PASSWORD_SRP names."""
    sent = {"USERNAME": username, "SRP_A": _A}
    return _respond(caller, "PASSWORD_SRP", _of_nobody(caller, "PASSWORD_SRP"), sent, NAMELESS)


def named_by_wrong_password(caller: Caller, username: str) -> float:
    """A sign-in of nobody, and a wrong password with a name."""
    sent = {"USERNAME": username, "PASSWORD": "wrong-Password-1"}
    return _respond(caller, "PASSWORD", _of_nobody(caller, "PASSWORD"), sent, NAMELESS)


def named_by_forged_passkey(caller: Caller, username: str) -> float:
    """A sign-in of nobody, and a passkey's id with what another key signed."""
    client = {"ClientId": NAMELESS}
    _, asked = caller.call("InitiateAuth", {**client, "AuthFlow": "USER_AUTH"})
    options = json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    credential = replace(_FORGER, credential_id=passkey_id(username)).get(options)
    sent = {"CREDENTIAL": json.dumps(credential)}
    return _respond(caller, "WEB_AUTHN", asked["Session"], sent, NAMELESS)


def alike(caller: Caller, username: str, names: Sequence[str]) -> Sequence[str]:
    """Choose the names that are offered what a user is offered.

    What answers say already, their time may tell too.
    """
    offered = _offered(caller, username)
    chosen = [name for name in names if _offered(caller, name) == offered]
    assert chosen, offered
    return chosen


def _offered(caller: Caller, username: str) -> set[str]:
    return set(_begin(caller, "USER_AUTH", username)[1]["AvailableChallenges"])


def register(caller: Caller, username: str, password: str, algorithm: int = ES256) -> None:
    """Give a user a passkey, whose id their name decides."""
    parameters = {"USERNAME": username, "PASSWORD": password}
    _, signed_in = caller.call(
        "InitiateAuth", {"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}
    )
    token = {"AccessToken": signed_in["AuthenticationResult"]["AccessToken"]}
    _, begun = caller.call("StartWebAuthnRegistration", token)
    passkey = Authenticator(new_key(algorithm), passkey_id(username))
    credential = passkey.create(begun["CredentialCreationOptions"])
    _, done = caller.call("CompleteWebAuthnRegistration", {**token, "Credential": credential})
    assert done == {}


def passkey_id(username: str) -> bytes:
    """Give the id of a user's passkey, or of one that is nobody's."""
    return hashlib.sha256(username.encode()).digest()


def _of_nobody(caller: Caller, instead: str) -> str:
    """Begin without a name, and ask for another challenge than a passkey."""
    client = {"ClientId": NAMELESS}
    _, asked = caller.call("InitiateAuth", {**client, "AuthFlow": "USER_AUTH"})
    members = {
        **client,
        "ChallengeName": "WEB_AUTHN",
        "Session": asked["Session"],
        "ChallengeResponses": {"SWITCH": instead},
    }
    session: str = caller.call("RespondToAuthChallenge", members)[1]["Session"]
    return session


NAMELESS: Final = "2nameless3456789"
"""The client whose USER_AUTH begins without a name."""

TRIALS: Final[Mapping[str, Trial]] = {
    "USER_PASSWORD_AUTH, wrong": wrong_password,
    "ADMIN_USER_PASSWORD_AUTH, wrong": wrong_password_of_an_administrator,
    "USER_SRP_AUTH, begun": begun_srp,
    "USER_SRP_AUTH, wrong": wrong_srp_proof,
    "CUSTOM_AUTH, begun": begun_custom,
    "CUSTOM_AUTH, wrong": wrong_custom_answer,
    "USER_AUTH, begun": begun_choice,
    "USER_AUTH, wrong": wrong_password_by_choice,
    "names_user: false, by SRP": named_by_srp,
    "names_user: false, wrong": named_by_wrong_password,
    "names_user: false, a forged passkey": named_by_forged_passkey,
}
_FORGER: Final = Authenticator(handle=bytes(32))
_A: Final = srp_client.begin(SystemEntropy().draw).srp_a


def _incorrect(took: float, told: Members) -> float:
    """See that it was the password that was refused."""
    assert told["message"] == "Incorrect username or password.", told
    return took


def _begin(caller: Caller, auth_flow: str, username: str, **more: str) -> tuple[float, Members]:
    parameters = {"USERNAME": username, **more}
    return caller.call("InitiateAuth", {"AuthFlow": auth_flow, "AuthParameters": parameters})


def _respond(
    caller: Caller,
    challenge: str,
    session: str | None,
    responses: Mapping[str, str],
    client_id: str | None = None,
) -> float:
    members: Members = {"ChallengeName": challenge, "ChallengeResponses": dict(responses)}
    if client_id is not None:
        members["ClientId"] = client_id
    if session is not None:
        members["Session"] = session
    took, _ = caller.call("RespondToAuthChallenge", members)
    return took


def measure(
    caller: Caller, what: str, known: Sequence[str], unknown: Sequence[str], pairs: int
) -> Difference:
    """Make so many paired trials, after some that are thrown away."""
    trial, drawn = TRIALS[what], random.Random(what)
    differences: list[float] = []
    times: list[float] = []
    for number in range(-50, pairs):
        names = {True: known[number % len(known)], False: unknown[number % len(unknown)]}
        took = {is_known: trial(caller, names[is_known]) for is_known in _order(drawn)}
        if number >= 0:
            differences.append(took[True] - took[False])
            times += took.values()
    ordered = sorted(differences)
    spread = math.ceil(_99_PERCENT * math.sqrt(pairs) / 2)
    low, high = max(pairs // 2 - spread, 0), min(pairs // 2 + spread, pairs - 1)
    return Difference(what, pairs, statistics.median(times), ordered[low], ordered[high])


def _order(drawn: random.Random) -> tuple[bool, bool]:
    first = drawn.random() < 0.5
    return first, not first
