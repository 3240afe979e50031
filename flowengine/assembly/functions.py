"""Imports the modules whose functions flows call."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from flowengine.accounts.triggers import CUSTOM_AUTH_TRIGGERS
from flowengine.engine.triggers.registering import trigger_function
from flowengine.errors import UnavailableError
from flowengine.flow.program import FlowProgram


def load_functions(
    modules: Iterable[str], folder: Path, flows: Iterable[FlowProgram]
) -> dict[str, Callable[..., Any]]:
    """Give the functions that flows call, by name, out of modules; nothing else of them.

    One that has the name of a trigger is a Lambda handler, for pools without their own.

    Args:
        folder: Searched for modules too, for as long as the process lives: it is where a
            deployment's own code lies.

    Raises:
        UnavailableError: A module cannot be imported, or two of them have the function.
    """
    wanted = set(called_by(flows))
    functions: dict[str, Callable[..., Any]] = {}
    for name in modules:
        module = _imported(name, folder)
        for function in sorted(wanted & vars(module).keys()):
            if function in functions:
                raise UnavailableError(f"two modules have a function {function}")
            functions[function] = _function(module, function)
    return functions


def load_function(written: str, folder: Path) -> Callable[..., Any]:
    """Give the function that is written ``module:function``.

    Raises:
        UnavailableError: Its module cannot be imported, or has no such function.
    """
    module, _, name = written.partition(":")
    imported = _imported(module, folder)
    if not hasattr(imported, name):
        raise UnavailableError(f"the module {module} has no function {name}")
    return _callable(imported, name)


def load_input(written: str, folder: Path) -> Callable[..., Any]:
    """Give a function that an input comes from.

    Raises:
        UnavailableError: It is not there, or does not take the two keyword arguments.
    """
    function = load_function(written, folder)
    try:
        inspect.signature(function).bind(request={}, user={})
    except ValueError:
        pass  # written in C: the first call tells
    except TypeError:
        raise UnavailableError(
            f"function {written} does not take the keyword arguments request and user"
        ) from None
    return function


def called_by(flows: Iterable[FlowProgram]) -> Iterator[str]:
    """Name the functions that flows call, as often as they are called."""
    for flow in flows:
        yield from flow.functions


def _imported(name: str, folder: Path) -> ModuleType:
    path = str(folder.resolve())
    if path not in sys.path:
        sys.path.append(path)
    try:
        return importlib.import_module(name)  # noqa: TID251 - the one place that loads code by name
    except (Exception, SystemExit) as error:
        # The class alone: what a module says when it fails may hold anything.
        raise UnavailableError(
            f"the functions module {name} cannot be imported: {type(error).__name__}"
        ) from error


def _function(module: ModuleType, name: str) -> Callable[..., Any]:
    found = _callable(module, name)
    return trigger_function(name, found) if name in CUSTOM_AUTH_TRIGGERS else found


def _callable(module: ModuleType, name: str) -> Callable[..., Any]:
    function = getattr(module, name)
    if not callable(function):
        raise UnavailableError(f"{name} of the module {module.__name__} is not a function")
    found: Callable[..., Any] = function
    return found
