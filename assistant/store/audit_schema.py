"""The table of the audit trail: a chain of hashes over what was said and done."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Table, Text

from assistant.store.schema import Number, Time, metadata, time_check

audit = Table(
    "audit",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=False),
    Column("at", Time, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("room", Text, nullable=False),
    Column("viewer", Text),
    Column("salt", Text),
    Column("payload", Text),
    Column("payload_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    CheckConstraint("seq >= 1", name="audit_seq"),
    CheckConstraint("(salt IS NULL) = (payload IS NULL)", name="audit_erased_whole"),
    CheckConstraint("length(hash) = 64 AND length(payload_hash) = 64", name="audit_hashes"),
    time_check("audit_at_form", "at"),
    Index("audit_subject", "subject"),
    Index("audit_viewer", "viewer"),
    Index("audit_at", "at"),
    sqlite_strict=True,
)
