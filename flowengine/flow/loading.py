"""From a file to a program in one call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from flowengine import documents
from flowengine.challenges.catalog import Catalog, builtin_catalog
from flowengine.documents import schemas
from flowengine.errors import InvalidDocumentError
from flowengine.flow.compiler import compile_flow
from flowengine.flow.definition import FlowDefinition
from flowengine.flow.library import NO_FLOWS, Definitions, Library
from flowengine.flow.naming import SUFFIX
from flowengine.flow.program import FlowProgram
from flowengine.flow.reader import Reader
from flowengine.source import Diagnostic, Severity, SourceText


def read_source(source: SourceText) -> tuple[FlowDefinition | None, list[Diagnostic]]:
    """Read a flow's text, without compiling it; None when it does not fit the schema."""
    document, found = documents.load_checked(source, schemas.load("flow.schema.json"))
    if document is None or found:
        return None, found
    reader = Reader(document)
    definition = reader.read()
    return (None if reader.diagnostics else definition), reader.diagnostics


def read_flows(paths: Iterable[Path]) -> Definitions:
    """Give the flows of files; they are read when one of them is asked for.

    A file that cannot be read has no flow that could be used.
    """
    files = tuple(paths)

    def read() -> Iterator[FlowDefinition]:
        for path in files:
            source, _ = documents.read(path)
            definition = read_source(source)[0] if source is not None else None
            if definition is not None:
                yield definition

    return Definitions(read)


def beside(path: Path) -> Definitions:
    """Give the flows in a file's folder, which it may use as steps."""
    return read_flows(sorted(path.parent.glob(f"*{SUFFIX}")))


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
