"""YAML to a tree whose every key and scalar keeps its place, and JSON Schema over that tree.

The only importer of yaml, jsonschema and jsonschema_rs. Nothing here raises for a mistake in a
file: what is wrong comes back as diagnostics.
"""

from flowengine.documents.comments import Comment, comments
from flowengine.documents.offsets import Style
from flowengine.documents.reading import BYTE_ORDER_MARK, SIZE_LIMIT_BYTES, load, read
from flowengine.documents.schemas import load_checked, validate
from flowengine.documents.sensitive import sensitive_spans
from flowengine.documents.tree import (
    Document,
    Entry,
    Mapping,
    Node,
    Scalar,
    Sequence,
    plain,
    scalars,
)
from flowengine.documents.wording import did_you_mean, shown
from flowengine.documents.writing import write

__all__ = [
    "BYTE_ORDER_MARK",
    "SIZE_LIMIT_BYTES",
    "Comment",
    "Document",
    "Entry",
    "Mapping",
    "Node",
    "Scalar",
    "Sequence",
    "Style",
    "comments",
    "did_you_mean",
    "load",
    "load_checked",
    "plain",
    "read",
    "scalars",
    "sensitive_spans",
    "shown",
    "validate",
    "write",
]
