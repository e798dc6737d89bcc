"""What retrieval raises.

RetrievalError
├── EmbeddingFailed    an embedding back-end gave no usable vectors
├── IndexUnreadable    the vector index cannot be read; rebuild it from the records
└── RowRefused         one row of a feed breaks a rule
"""

from __future__ import annotations


class RetrievalError(Exception):
    """Root of this tree."""


class EmbeddingFailed(RetrievalError):
    """An embedding back-end gave no usable vectors."""


class IndexUnreadable(RetrievalError):
    """The vector index cannot be read, or was built by another embedding model."""


class RowRefused(RetrievalError):
    """One row of a feed breaks a rule; the rows around it stand."""

    def __init__(self, line: int, field: str, value: object, rule: str) -> None:
        self.line, self.field, self.value, self.rule = line, field, str(value)[:80], rule
        super().__init__(f"line {line}: {field} {self.value!r}: {rule}")


class ModelRefused(RetrievalError):
    """A model's folder is incomplete, changed, or not of our form; nothing of it was executed."""


class RerankFailed(RetrievalError):
    """A reranking server did not answer in time, or with something else than scores."""
