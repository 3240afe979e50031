"""Writes plain values as YAML that reads back as the same values, here and under YAML 1.1."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import yaml

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_/.-]*(?: [A-Za-z0-9_/.-]+)*", re.ASCII)
_NOT_TEXT: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_WIDTH: Final = 100


class _Writer(yaml.SafeDumper):
    """Quotes every text that some reader could take for something else; knows no aliases."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ANN401, ARG002 - the signature is the library's
        """Write equal values twice: our reader takes no aliases."""
        return True

    def text(self, value: str) -> yaml.ScalarNode:
        """Write a text, bare where no reader takes it for anything else."""
        is_plain = _PLAIN.fullmatch(value) is not None and value.lower() not in _NOT_TEXT
        style = None if is_plain else '"'
        return self.represent_scalar("tag:yaml.org,2002:str", value, style)


_Writer.add_representer(str, _Writer.text)


def write(value: Mapping[str, Any]) -> str:
    """Write a mapping of dicts, lists, texts, numbers, booleans and None, in its order."""
    text: str = yaml.dump(
        _copied(value),
        Dumper=_Writer,
        sort_keys=False,
        allow_unicode=True,
        width=_WIDTH,
        default_flow_style=None,
    )
    return text


def _copied(value: object) -> object:
    """Copy read-only mappings and tuples into what the library writes."""
    if isinstance(value, Mapping):
        return {str(key): _copied(each) for key, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_copied(each) for each in value]
    return value
