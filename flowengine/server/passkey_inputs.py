"""The input of each operation on passkeys, as the API model of 2016-04-18 limits it."""

from __future__ import annotations

import re
from typing import Final

from flowengine.operations.list_web_authn_credentials import LARGEST_PAGE
from flowengine.server.inputs import GET_USER
from flowengine.server.shapes import LONGEST_STRING, Document, Structure, Text, Whole


def _is_token(text: str) -> bool:
    return re.fullmatch(r"\S+", text) is not None


_ACCESS_TOKEN: Final = GET_USER.members["AccessToken"]
_NEXT_TOKEN: Final = Text(1, LONGEST_STRING, r"[\S]+", _is_token)
_CREDENTIAL_ID: Final = Text(longest=LONGEST_STRING)

START_WEB_AUTHN_REGISTRATION: Final = Structure(
    {"AccessToken": _ACCESS_TOKEN}, frozenset({"AccessToken"})
)
COMPLETE_WEB_AUTHN_REGISTRATION: Final = Structure(
    {"AccessToken": _ACCESS_TOKEN, "Credential": Document()},
    frozenset({"AccessToken", "Credential"}),
)
LIST_WEB_AUTHN_CREDENTIALS: Final = Structure(
    {
        "AccessToken": _ACCESS_TOKEN,
        "NextToken": _NEXT_TOKEN,
        "MaxResults": Whole(0, LARGEST_PAGE),
    },
    frozenset({"AccessToken"}),
)
DELETE_WEB_AUTHN_CREDENTIAL: Final = Structure(
    {"AccessToken": _ACCESS_TOKEN, "CredentialId": _CREDENTIAL_ID},
    frozenset({"AccessToken", "CredentialId"}),
)
