"""The work of ``flowengine new``: copies of the files that ship with the package."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Final

import click

from flowengine import resources
from flowengine.cli.escaping import shown_path
from flowengine.cli.exits import Exit
from flowengine.cli.sources import DEPLOYMENT, is_folder, is_there
from flowengine.engine.system import SystemEntropy
from flowengine.flow.naming import SUFFIX
from flowengine.testing.scenarios import SUFFIX as SCENARIOS_SUFFIX

_DEPLOYMENT: Final = "deployment"
_FLOW_OF_DEPLOYMENT: Final = "sign-in"
_WITH_HANDLERS: Final = "lambda-triggers"
_FLOW_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}", re.ASCII)
_NAME_LINE: Final = re.compile(r"^flow: .*$", re.MULTILINE)
_NOT_TEXT: Final = frozenset({"true", "false", "null"})
"""Names that YAML takes for something else unless they are quoted."""
_CLIENT_ID: Final = "1example23456789"
_ALPHABET: Final = "0123456789abcdefghijklmnopqrstuv"


def write_template(path: str | None, template: str) -> int:
    """Write a template and say how to go on.

    Raises:
        UsageError: The file is there already, or cannot be written.
    """
    if template == _DEPLOYMENT:
        return _write_deployment(path)
    target = _flow_path(path, template)
    _write(target, _named(_template(template), target))
    written, where = shown_path(target), _argument(target)
    click.echo(f"wrote {written}: a sign-in flow that passes `flowengine check`")
    scenarios = _write_scenarios(template, target)
    click.echo(f"draw it:  flowengine graph {where}")
    click.echo(f"test it:  flowengine test {_argument(scenarios)}")
    with_handlers = " --functions MODULE" if template == _WITH_HANDLERS else ""
    click.echo(f"play it:  flowengine run {where}{with_handlers}")
    return Exit.CLEAN


def _write_deployment(path: str | None) -> int:
    target = Path(path or DEPLOYMENT)
    target = target / DEPLOYMENT if is_folder(target) else target
    text = (resources.flows() / DEPLOYMENT).read_text(encoding="utf-8")
    flow = target.parent / f"{_FLOW_OF_DEPLOYMENT}{SUFFIX}"
    _write(target, text.replace(_CLIENT_ID, _new_client_id()))
    click.echo(f"wrote {shown_path(target)}")
    if not is_there(flow):
        _write(flow, _template(_FLOW_OF_DEPLOYMENT))
        click.echo(f"wrote {shown_path(flow)}")
        _write_scenarios(_FLOW_OF_DEPLOYMENT, flow)
    at = "" if path is None else f" --deployment {_argument(target)}"
    click.echo(f"play the flow:  flowengine run {_argument(flow)}")
    click.echo(f"make a user:    flowengine users add alice{at}")
    click.echo(f"serve it:       flowengine serve{at}")
    return Exit.CLEAN


def _write_scenarios(template: str, flow: Path) -> Path:
    """Write a flow's scenarios beside it, where there are none, and give their file."""
    stem = flow.name.removesuffix(SUFFIX) if flow.name.endswith(SUFFIX) else flow.stem
    target = flow.parent / f"{stem}{SCENARIOS_SUFFIX}"
    if not is_there(target):
        _write(target, _retargeted(_template(template, SCENARIOS_SUFFIX), flow))
        click.echo(f"wrote {click.format_filename(target)}: its scenarios")
    return target


def _retargeted(text: str, flow: Path) -> str:
    """Name the flow that was written: by its file, where that could not name it."""
    name = flow.name.removesuffix(SUFFIX)
    plain = flow.name.endswith(SUFFIX) and _FLOW_NAME.fullmatch(name) and name not in _NOT_TEXT
    value = name if plain else json.dumps(flow.name, ensure_ascii=False)
    told = re.sub(rf"(?<=\s)[a-z-]+{re.escape(SUFFIX)}", lambda _: flow.name, text)
    return _NAME_LINE.sub(lambda _: f"flow: {value}", told, count=1)


def _template(name: str, suffix: str = SUFFIX) -> str:
    return (resources.flows() / f"{name}{suffix}").read_text(encoding="utf-8")


def _flow_path(path: str | None, template: str) -> Path:
    """Give the file to write; a bare name gets the ending that folders are searched for."""
    if path is None or is_folder(path):
        return Path(path or ".") / f"{template}{SUFFIX}"
    return Path(path) if path.endswith((".yaml", ".yml")) else Path(f"{path}{SUFFIX}")


def _named(text: str, target: Path) -> str:
    """Name the flow, and the file in its comments, after the file where that is a name."""
    name = target.name.removesuffix(SUFFIX)
    if _FLOW_NAME.fullmatch(name) is None:
        return text
    value = f"'{name}'" if name in _NOT_TEXT else name
    renamed = _NAME_LINE.sub(f"flow: {value}", text, count=1)
    return re.sub(rf"(?<=\s)[a-z-]+{re.escape(SUFFIX)}", target.name, renamed)


def _argument(path: Path) -> str:
    """Give a path as it is typed into a shell."""
    return shlex.quote(shown_path(path))


def _new_client_id() -> str:
    """Draw an id as Cognito makes them: 26 lower-case letters and digits."""
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in SystemEntropy().draw(26))


def _write(path: Path, text: str) -> None:
    name = shown_path(path)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise click.UsageError(f"{name} is there already, and nothing is overwritten") from None
    except OSError as error:
        raise click.UsageError(f"cannot write {name}: {error.strerror}") from None
