"""The deployments that are published: in the manual, and as what ``flowengine new`` writes."""

from __future__ import annotations

import re
from pathlib import Path

from flowengine import resources
from tests.deployment.deployments import read

README = Path(__file__).parents[2] / "README.md"
BLOCK = re.compile(r"```yaml\n(pools:\n.*?)```", re.DOTALL)


def test_the_deployment_of_the_manual_is_read() -> None:
    (text,) = BLOCK.findall(README.read_text(encoding="utf-8"))
    written = read(text, {"VALKEY_PASSWORD": "x"})
    assert [channel.text for channel, _ in written.delivery] == ["email", "sms"]


def test_the_template_is_read_and_so_are_the_lines_that_it_leaves_out() -> None:
    text = (resources.flows() / "flowengine.yaml").read_text(encoding="utf-8")
    assert read(text).delivery == ()
    whole = re.sub(r"^# (?=(?:delivery|admin):)", "", text, flags=re.MULTILINE)
    written = read(whole, {"ADMIN_KEY_ID": "one", "ADMIN_SECRET": "0123456789abcdef"})
    assert [channel.text for channel, _ in written.delivery] == ["email", "sms"]
    assert len(written.admin) == 1
