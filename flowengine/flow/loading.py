"""From a file to a program in one call."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Final

from flowengine import documents
from flowengine.challenges.catalog import Catalog, builtin_catalog
from flowengine.documents import schemas
from flowengine.errors import InvalidDocumentError
from flowengine.flow.compiler import compile_flow
from flowengine.flow.definition import FlowDefinition
from flowengine.flow.library import NO_FLOWS, Library
from flowengine.flow.naming import SUFFIX
from flowengine.flow.program import FlowProgram
from flowengine.flow.reader import Reader
from flowengine.source import Diagnostic, Severity, SourceText


def read_source(source: SourceText) -> tuple[FlowDefinition | None, list[Diagnostic]]:
    """Read a flow's text, without compiling it; None when it does not fit the schema."""
    document, found = documents.load_checked(source, schemas.load("flow.schema.json"))
    if document is None or found:
        return None, found
    return Reader(document).read(), []


_WORD: Final = re.compile(r"[\w-]+")


class FlowFiles:
    """The flows of files, of which only those are read that could be the one that is asked for.

    A file that cannot be read has no flow that could be used.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        """Take the files; nothing is read yet."""
        self._paths = tuple(paths)
        self._read: dict[int, FlowDefinition | None] = {}

    def find(self, name: str) -> FlowDefinition | None:
        """Give a flow as written; None where no file or several have this name."""
        candidates = {*self._mentioning.get(name, ()), *self._escaping}
        read = (self._definition(index) for index in sorted(candidates))
        found = [each for each in read if each is not None and each.name.text == name]
        return found[0] if len(found) == 1 else None

    def names(self) -> Iterable[str]:
        """Name them all."""
        every = [self._definition(index) for index in range(len(self._sources))]
        return dict.fromkeys(definition.name.text for definition in every if definition)

    @cached_property
    def _sources(self) -> tuple[SourceText, ...]:
        read = (documents.read(path)[0] for path in self._paths)
        return tuple(source for source in read if source is not None)

    @cached_property
    def _mentioning(self) -> dict[str, set[int]]:
        """Find for each word the files that it stands in."""
        found: dict[str, set[int]] = defaultdict(set)
        for index, source in enumerate(self._sources):
            for word in _WORD.findall(source.text):
                found[word].add(index)
        return found

    @cached_property
    def _escaping(self) -> set[int]:
        """Find the files in which a name may be written otherwise: by escapes, in double quotes."""
        return {index for index, source in enumerate(self._sources) if "\\" in source.text}

    def _definition(self, index: int) -> FlowDefinition | None:
        if index not in self._read:
            self._read[index] = read_source(self._sources[index])[0]
        return self._read[index]


def beside(path: Path) -> FlowFiles:
    """Give the flows in a file's folder, which it may use as steps."""
    return FlowFiles(sorted(path.parent.glob(f"*{SUFFIX}")))


def load_source(
    source: SourceText, catalog: Catalog | None = None, library: Library = NO_FLOWS
) -> tuple[FlowProgram | None, list[Diagnostic]]:
    """Read, check and compile a flow's text; the program is None when there is an error.

    Args:
        library: Has the flows that it uses as steps.
    """
    definition, found = read_source(source)
    if definition is None:
        return None, found
    program, compiled = compile_flow(definition, catalog or builtin_catalog(), library)
    ordered = sorted(compiled, key=Diagnostic.sort_key)
    return (None if _errors(ordered) else program), ordered


def load_flow(path: str | Path, catalog: Catalog | None = None) -> FlowProgram:
    """Load a flow file, and with it the flows of its folder that it uses as steps.

    Raises:
        InvalidDocumentError: It cannot be read or run; ``diagnostics`` say why and where.
    """
    source, found = documents.read(Path(path))
    if source is None:
        raise InvalidDocumentError(found)
    program, diagnostics = load_source(source, catalog, beside(Path(path)))
    if program is None:
        raise InvalidDocumentError(diagnostics)
    return program


def _errors(diagnostics: list[Diagnostic]) -> bool:
    return any(found.severity is Severity.ERROR for found in diagnostics)
