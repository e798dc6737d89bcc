"""The audit trail: a chain of hashes over what was said and done."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Integer, Text

revision = "0004"
down_revision = "0003"

Number = BigInteger().with_variant(Integer(), "sqlite")
Time = DateTime(timezone=True).with_variant(Text(), "sqlite")


def upgrade() -> None:
    digits = "[0-9][0-9]"
    form = f"{digits}{digits}-{digits}-{digits}T{digits}:{digits}:{digits}.{digits * 3}+00:00"
    op.create_table(
        "audit",
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
        CheckConstraint(f"at GLOB '{form}'", name="audit_at_form").ddl_if(dialect="sqlite"),
        sqlite_strict=True,
    )
    for column in ("subject", "viewer", "at"):
        op.create_index(f"audit_{column}", "audit", [column])


def downgrade() -> None:
    op.drop_table("audit")
