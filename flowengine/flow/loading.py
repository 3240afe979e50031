"""From a file to a program in one call."""

from __future__ import annotations

from pathlib import Path

from flowengine import documents
from flowengine.challenges.catalog import Catalog, builtin_catalog
from flowengine.documents import schemas
from flowengine.errors import InvalidDocumentError
from flowengine.flow.compiler import compile_flow
from flowengine.flow.program import FlowProgram
from flowengine.flow.reader import Reader
from flowengine.source import Diagnostic, Severity, SourceText


def load_source(
    source: SourceText, catalog: Catalog | None = None
) -> tuple[FlowProgram | None, list[Diagnostic]]:
    """Read, check and compile a flow's text; the program is None when there is an error."""
    document, found = documents.load_checked(source, schemas.load("flow.schema.json"))
    if document is None or found:
        return None, found
    reader = Reader(document)
    definition = reader.read()
    if reader.diagnostics:
        return None, reader.diagnostics
    program, compiled = compile_flow(definition, catalog or builtin_catalog())
    ordered = sorted(compiled, key=Diagnostic.sort_key)
    return (None if _errors(ordered) else program), ordered


def load_flow(path: str | Path, catalog: Catalog | None = None) -> FlowProgram:
    """Load a flow file.

    Raises:
        InvalidDocumentError: It cannot be read or run; ``diagnostics`` say why and where.
    """
    source, found = documents.read(Path(path))
    if source is None:
        raise InvalidDocumentError(found)
    program, diagnostics = load_source(source, catalog)
    if program is None:
        raise InvalidDocumentError(diagnostics)
    return program


def _errors(diagnostics: list[Diagnostic]) -> bool:
    return any(found.severity is Severity.ERROR for found in diagnostics)
