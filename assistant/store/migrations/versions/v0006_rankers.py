"""Rankers learned from events, which of them serves, and experiments between two."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Integer, Text

revision = "0006"
down_revision = "0005"

Number = BigInteger().with_variant(Integer(), "sqlite")
Time = DateTime(timezone=True).with_variant(Text(), "sqlite")


def _form(name: str, column: str) -> CheckConstraint:
    digits = "[0-9][0-9]"
    form = f"{digits}{digits}-{digits}-{digits}T{digits}:{digits}:{digits}.{digits * 3}+00:00"
    return CheckConstraint(f"{column} GLOB '{form}'", name=name).ddl_if(dialect="sqlite")


def upgrade() -> None:
    op.create_table(
        "ranker_versions",
        Column("version", Number, primary_key=True, autoincrement=False),
        Column("made_at", Time, nullable=False),
        Column("weights", Text, nullable=False),
        Column("card", Text, nullable=False),
        CheckConstraint("version >= 1", name="ranker_versions_version"),
        _form("ranker_versions_made_at_form", "made_at"),
        sqlite_strict=True,
    )
    op.create_table(
        "ranker_turns",
        Column("seq", Number, primary_key=True, autoincrement=True),
        Column("version", Number, nullable=False),
        Column("why", Text, nullable=False),
        Column("at", Time, nullable=False),
        CheckConstraint("version >= 0", name="ranker_turns_version"),
        _form("ranker_turns_at_form", "at"),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_table(
        "experiments",
        Column("name", Text, primary_key=True),
        Column("version", Number, nullable=False),
        Column("percent", Number, nullable=False),
        Column("started_at", Time, nullable=False),
        Column("ended_at", Time),
        CheckConstraint("version >= 0", name="experiments_version"),
        CheckConstraint("percent BETWEEN 1 AND 99", name="experiments_percent"),
        _form("experiments_started_at_form", "started_at"),
        _form("experiments_ended_at_form", "ended_at"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    for name in ("experiments", "ranker_turns", "ranker_versions"):
        op.drop_table(name)
