"""The tables of what orders products: learned weights, which of them serve, and experiments."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Table, Text

from assistant.store.schema import Number, Time, metadata, time_check

ranker_versions = Table(
    "ranker_versions",
    metadata,
    Column("version", Number, primary_key=True, autoincrement=False),
    Column("made_at", Time, nullable=False),
    Column("weights", Text, nullable=False),
    Column("card", Text, nullable=False),
    CheckConstraint("version >= 1", name="ranker_versions_version"),
    time_check("ranker_versions_made_at_form", "made_at"),
    sqlite_strict=True,
)

ranker_turns = Table(
    "ranker_turns",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=True),
    Column("version", Number, nullable=False),
    Column("why", Text, nullable=False),
    Column("at", Time, nullable=False),
    CheckConstraint("version >= 0", name="ranker_turns_version"),
    time_check("ranker_turns_at_form", "at"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

experiments = Table(
    "experiments",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Number, nullable=False),
    Column("percent", Number, nullable=False),
    Column("started_at", Time, nullable=False),
    Column("ended_at", Time),
    CheckConstraint("version >= 0", name="experiments_version"),
    CheckConstraint("percent BETWEEN 1 AND 99", name="experiments_percent"),
    time_check("experiments_started_at_form", "started_at"),
    time_check("experiments_ended_at_form", "ended_at"),
    sqlite_strict=True,
)
