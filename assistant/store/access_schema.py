"""The tables of who may do what: servers' keys, and how open each room is."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Table, Text

from assistant.store.schema import Flag, Time, metadata, time_check

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("rooms", Text),
    Column("secret_hash", Text, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("ends_at", Time),
    CheckConstraint("role IN ('host', 'merchant', 'connector', 'metrics')", name="api_keys_role"),
    CheckConstraint("length(secret_hash) = 64", name="api_keys_secret_hash"),
    time_check("api_keys_created_at_form", "created_at"),
    time_check("api_keys_ends_at_form", "ends_at"),
    sqlite_strict=True,
)

room_access = Table(
    "room_access",
    metadata,
    Column("room", Text, primary_key=True),
    Column("anonymous", Flag, nullable=False),
    Column("origins", Text, nullable=False),
    CheckConstraint("anonymous IN (0, 1)", name="room_access_anonymous").ddl_if(dialect="sqlite"),
    sqlite_strict=True,
)
