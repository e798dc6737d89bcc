"""The shop's records in SQL: the one place that holds the truth."""

from assistant.store.store import Store

__all__ = ["Store"]
