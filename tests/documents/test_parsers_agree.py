"""The C parser and the pure one give the same trees, or both refuse."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowengine.documents import load
from flowengine.documents.events import C_PARSER, PURE_PARSER
from flowengine.source import SourceText

pytestmark = pytest.mark.skipif(C_PARSER is None, reason="PyYAML was built without libyaml")

SIGNS = st.sampled_from("ac'\"[]{}|>#?:xé🔑!%@`1~ \t\n\r\x85\ufeff")
RUNS = ["''", "\\n", "\\x41", "\\q", "\\ud800", "\\\n", "|-", "|2", ">1+", "&x", "*x", "<<", "\n "]
LINES = ["b: ", "- ", ", ", " # c", "? ", "<<: ", '"a: b"', "'q'", "0x1F", "null", "\n  "]
ENDS = ["...", "---", "\r\n"]
PIECES = SIGNS | st.sampled_from(RUNS) | st.sampled_from(LINES) | st.sampled_from(ENDS)


def same(text: str) -> bool:
    source = SourceText("flow.yaml", text)
    by_c, c_faults = load(source, parser=C_PARSER)
    by_python, python_faults = load(source, parser=PURE_PARSER)
    if by_c is None or by_python is None:
        return by_c is by_python and bool(c_faults) and bool(python_faults)
    return by_c.root == by_python.root


@settings(max_examples=400)
@given(st.lists(PIECES, max_size=14).map("".join))
def test_any_text_gives_the_same_tree(text: str) -> None:
    assert same(text)


@pytest.mark.parametrize(
    "text",
    [
        "x: [A?, 'b?']\n",
        "[c:]",
        "{a:   }",
        "{a: \n}",
        "k: \t|1\n  x",
        "k: |#c\n  x",
        "k: >\n  \tx\n",
        "a: b\t\n",
        'a: "\\ud800"\n',
        'a: "\\U00110000"\n',
        "%YAML 1.1\n---\na: b\n",
        "%FOO\n---\na: b\n",
        "a:\nb:\n- c\n-\n",
        "[a: b, {c: d}]",
        "\ufeffa: |2\n    x\n  y\n",
        "",
        "---\n",
    ],
)
def test_texts_that_the_parsers_read_differently_are_treated_alike(text: str) -> None:
    assert same(text)
