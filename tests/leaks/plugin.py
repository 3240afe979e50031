"""Searches the whole test run for secrets: logs, errors, reprs and outputs.

Every object of ours that has a repr of its own is looked at as it is made, every error of ours as
it is raised, every log record as it is written, and every output as pytest, click's runner or
``subprocess`` captured it. What is found fails the test in which it came to light.
"""

from __future__ import annotations

import importlib
import logging
import pkgutil
import subprocess
from collections.abc import Callable, Generator, Iterator
from functools import wraps
from inspect import isclass
from typing import Any, Final

import pytest
from _pytest.capture import CaptureFixture
from click.testing import CliRunner

import flowengine
from flowengine.engine.requests import InitiateAuthRequest, RespondToAuthChallengeRequest
from flowengine.errors import FlowEngineError
from flowengine.runtime.messages import Message
from flowengine.runtime.token import StepToken
from tests.leaks.watching import LogWatch, Watch, watched_init

WATCH: Final = Watch()
_ENDS: Final = ("__main__", ".demo", ".migrations.env", ".versions")


def pytest_configure() -> None:
    """Look at everything from now on."""
    logger = logging.getLogger("flowengine")
    logger.addHandler(LogWatch(WATCH))
    logger.setLevel(logging.DEBUG)
    for cls in sorted(_classes(), key=lambda cls: cls.__qualname__):
        watched_init(cls, WATCH.search_repr)
    watched_init(StepToken, WATCH.plant)
    watched_init(InitiateAuthRequest, lambda asked: WATCH.hear(asked.auth_parameters))
    watched_init(RespondToAuthChallengeRequest, lambda asked: WATCH.hear(asked.challenge_responses))
    watched_init(Message, lambda sent: WATCH.hear({"code": sent.code}))
    _watch_errors()
    _watch_result(subprocess.Popen, "communicate", lambda told: told)
    _watch_result(CaptureFixture, "readouterr", lambda told: told)
    _watch_result(CliRunner, "invoke", lambda result: (result.output,))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Fail the test in which a secret came to light."""
    outcome = yield
    report: pytest.TestReport = outcome.get_result()
    for name, text in report.sections:
        if name.endswith(str(report.when)):  # the later reports repeat the earlier ones' sections
            WATCH.search(text, f"output of {name}")
    if report.failed:
        WATCH.search(report.longreprtext, "error of a failed test")
    if found := WATCH.take():
        report.outcome = "failed"
        told = "\n".join(sorted(set(found)))
        report.longrepr = (
            f"secrets came to light in {item.nodeid}:\n{told}\n\n{report.longrepr or ''}"
        )


@pytest.hookimpl(trylast=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin a file of tests with a fresh count of the objects that were searched."""
    WATCH.forget()
    if WATCH.of_class.get("") != hash(item.path):
        WATCH.of_class.clear()
        WATCH.of_class[""] = hash(item.path)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Search the files that the run left behind; the controller of xdist sees all workers'."""
    if hasattr(session.config, "workerinput"):
        return
    factory: pytest.TempPathFactory = session.config._tmp_path_factory  # type: ignore[attr-defined]
    WATCH.search_files(factory.getbasetemp())
    session.config.stash[_FOUND] = found = WATCH.take()
    if found:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say which files hold a secret."""
    for line in config.stash.get(_FOUND, []):
        terminalreporter.write_line(f"SECRET {line}", red=True)


_FOUND: Final = pytest.StashKey[list[str]]()


def _classes() -> Iterator[type[Any]]:
    """Give every class of ours whose objects have a repr that somebody wrote or generated."""
    for info in pkgutil.walk_packages(flowengine.__path__, "flowengine."):
        if info.name.endswith(_ENDS) or "._data" in info.name:
            continue
        module = importlib.import_module(info.name)  # noqa: TID251 - nothing is chosen by name
        for cls in vars(module).values():
            if isclass(cls) and cls.__module__ == info.name and _is_shown(cls):
                yield cls


def _is_shown(cls: type[Any]) -> bool:
    return "__repr__" in vars(cls) and "__init__" in vars(cls)


def _watch_errors() -> None:
    made = FlowEngineError.__init__

    @wraps(made)
    def __init__(self: FlowEngineError, *args: object) -> None:  # noqa: N807 - it takes its place
        made(self, *args)
        WATCH.search(f"{self} {self!r}", f"error of {type(self).__name__}")

    FlowEngineError.__init__ = __init__  # type: ignore[method-assign, assignment]


def _watch_result(cls: type[Any], name: str, texts: Callable[[Any], tuple[Any, ...]]) -> None:
    called = getattr(cls, name)

    @wraps(called)
    def watched(*args: Any, **kwargs: Any) -> Any:
        result = called(*args, **kwargs)
        for text in texts(result):
            if isinstance(text, bytes):
                text = text.decode("utf-8", "replace")  # noqa: PLW2901 - one text either way
            if text:
                WATCH.search(text, f"output of {cls.__name__}", tokens=False)
        return result

    setattr(cls, name, watched)
