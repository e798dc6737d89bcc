"""Who may do what: servers' keys, and how open each room is."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Boolean, CheckConstraint, Column, DateTime, Integer, Text

revision = "0003"
down_revision = "0002"

Flag = Boolean().with_variant(Integer(), "sqlite")
Time = DateTime(timezone=True).with_variant(Text(), "sqlite")


def _time_check(name: str, column: str) -> CheckConstraint:
    digits = "[0-9][0-9]"
    form = f"{digits}{digits}-{digits}-{digits}T{digits}:{digits}:{digits}.{digits * 3}+00:00"
    rule = CheckConstraint(f"{column} GLOB '{form}'", name=name)
    return rule.ddl_if(dialect="sqlite")


def upgrade() -> None:
    op.create_table(
        "api_keys",
        Column("id", Text, primary_key=True),
        Column("role", Text, nullable=False),
        Column("label", Text, nullable=False),
        Column("rooms", Text),
        Column("secret_hash", Text, nullable=False),
        Column("created_at", Time, nullable=False),
        Column("ends_at", Time),
        CheckConstraint(
            "role IN ('host', 'merchant', 'connector', 'metrics')", name="api_keys_role"
        ),
        CheckConstraint("length(secret_hash) = 64", name="api_keys_secret_hash"),
        _time_check("api_keys_created_at_form", "created_at"),
        _time_check("api_keys_ends_at_form", "ends_at"),
        sqlite_strict=True,
    )
    op.create_table(
        "room_access",
        Column("room", Text, primary_key=True),
        Column("anonymous", Flag, nullable=False),
        Column("origins", Text, nullable=False),
        CheckConstraint("anonymous IN (0, 1)", name="room_access_anonymous").ddl_if(
            dialect="sqlite"
        ),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("room_access")
    op.drop_table("api_keys")
