"""JSON Schema over a tree: everything that does not fit, each at its place, in our words."""

from __future__ import annotations

import json
from collections.abc import Mapping as Schema
from dataclasses import replace
from functools import cache
from itertools import islice
from typing import Any, cast

from flowengine import resources
from flowengine.documents import validators
from flowengine.documents.findings import FINDING_LIMIT, Findings
from flowengine.documents.reading import load as load_document
from flowengine.documents.sensitive import sensitive_spans, suspected_spans
from flowengine.documents.tree import Document, plain
from flowengine.source import Diagnostic, SourceText, Span


@cache
def load(name: str) -> Schema[str, Any]:
    """Read a schema that ships with the package, by its file name; treat it as immutable."""
    return cast("dict[str, Any]", json.loads(resources.grammar(name)))


def validate(document: Document, schema: Schema[str, Any]) -> list[Diagnostic]:
    """Find what does not fit the schema, ordered by place and without repetition.

    A value under ``"x-sensitive": true`` is in no message. Its line is printed starred if the
    document's source carries it in ``secrets``, which ``load_checked`` sees to.
    """
    findings = Findings(document, sensitive_spans(document, schema))
    for misfit in islice(validators.misfits(plain(document.root), schema), FINDING_LIMIT):
        findings.add(misfit)
    return findings.ordered()


def load_checked(
    source: SourceText, schema: Schema[str, Any]
) -> tuple[Document | None, list[Diagnostic]]:
    """Load a document, hide what its schema marks sensitive, and validate it.

    Returns:
        The document, or None if it is not YAML; and the diagnostics. The source of both
        carries the sensitive stretches in ``secrets``.
    """
    document, found = load_document(source)
    if document is None:
        hidden = _hiding(source, suspected_spans(source.text, schema))
        return None, [replace(each, source=hidden) for each in found]
    if spans := sensitive_spans(document, schema):
        document, _ = load_document(_hiding(source, spans))
        assert document is not None  # noqa: S101 - the same text loaded a moment ago
    return document, validate(document, schema)


def _hiding(source: SourceText, spans: tuple[Span, ...]) -> SourceText:
    return replace(source, secrets=(*source.secrets, *spans)) if spans else source
