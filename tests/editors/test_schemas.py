"""Completion and explanations in editors, from the schemas that ``flowengine schema`` prints."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flowengine import resources
from tests.editors.language_server import LanguageServer

FLOW = """\
# yaml-language-server: $schema=flow.schema.json
flow: sign-in
version: 1
require: [proved.password]
start: password
nodes:
  password:
    challenge: PASSWORD
    responses: [PASSWORD]
    next: done
    
  done:
    end: success
"""  # noqa: W293 - where the next key is typed
DEPLOYMENT = """\
# yaml-language-server: $schema=deployment.schema.json
pools:
  main:
    id: eu-west-1_Example01
    mfa: 
"""  # noqa: W291 - where a value is typed


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LanguageServer]:
    for name, text in resources.schemas().items():
        (tmp_path / f"{name}.schema.json").write_text(text)
    with LanguageServer(tmp_path) as started:
        yield started


def test_a_key_is_explained_where_the_pointer_rests(server: LanguageServer) -> None:
    uri = server.open("a.flow.yaml", FLOW)
    for line, said in ((3, "What must hold at every success"), (7, "challenge")):
        hover = server.at("hover", uri, line, 5)
        assert said in str(hover)


def test_keys_and_values_are_completed(server: LanguageServer) -> None:
    uri = server.open("a.flow.yaml", FLOW)
    labels = {each["label"] for each in server.at("completion", uri, 10, 4)["items"]}
    assert {"attempts", "expires", "needs", "wrong"} <= labels
    assert "choose" not in labels  # the node has a leading key already

    uri = server.open("flowengine.yaml", DEPLOYMENT)
    labels = {each["label"] for each in server.at("completion", uri, 4, 9)["items"]}
    assert {"none", "optional", "required"} <= labels


def test_what_does_not_fit_is_underlined_and_what_ships_is_not(server: LanguageServer) -> None:
    uri = server.open("bad.flow.yaml", FLOW.replace("version: 1", "version: one"))
    (found,) = server.wait_for_diagnostics(uri)
    assert found["range"]["start"] == {"line": 2, "character": 9}
    first_line = FLOW.partition("\n")[0]
    for path in sorted(resources.flows().glob("*.flow.yaml")):
        uri = server.open(path.name, f"{first_line}\n{path.read_text()}")
        assert server.wait_for_diagnostics(uri) == [], path.name
