"""What a live room keeps: how far it has read, its merged questions, its feed, its mutes."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    Text,
    UniqueConstraint,
)

revision = "0002"
down_revision = "0001"

Number = BigInteger().with_variant(Integer(), "sqlite")
Time = DateTime(timezone=True).with_variant(Text(), "sqlite")


def _time_check(name: str, column: str) -> CheckConstraint:
    digits = "[0-9][0-9]"
    form = f"{digits}{digits}-{digits}-{digits}T{digits}:{digits}:{digits}.{digits * 3}+00:00"
    rule = CheckConstraint(f"{column} GLOB '{form}'", name=name)
    return rule.ddl_if(dialect="sqlite")


def upgrade() -> None:
    op.create_table(
        "room_progress",
        Column("room", Text, primary_key=True),
        Column("seq", Number, nullable=False),
        Column("state", Text, nullable=False),
        CheckConstraint("seq >= 0", name="room_progress_seq"),
        sqlite_strict=True,
    )
    op.create_table(
        "questions",
        Column("id", Text, primary_key=True),
        Column("room", Text, nullable=False),
        Column("status", Text, nullable=False),
        Column("last_at", Time, nullable=False),
        Column("record", Text, nullable=False),
        CheckConstraint(
            "status IN ('waiting', 'review', 'answered', 'handed_off', 'dismissed', 'expired', "
            "'shed')",
            name="questions_status",
        ),
        _time_check("questions_last_at_form", "last_at"),
        sqlite_strict=True,
    )
    op.create_index("questions_room", "questions", ["room", "status", "last_at"])
    op.create_table(
        "question_askers",
        Column("question", Text, ForeignKey("questions.id", ondelete="CASCADE"), primary_key=True),
        Column("viewer", Text, primary_key=True),
        Column("at", Time, nullable=False),
        _time_check("question_askers_at_form", "at"),
        sqlite_strict=True,
    )
    op.create_index("question_askers_viewer", "question_askers", ["viewer"])
    op.create_table(
        "feed",
        Column("seq", Number, primary_key=True, autoincrement=True),
        Column("room", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("at", Time, nullable=False),
        Column("data", Text, nullable=False),
        UniqueConstraint("room", "key", name="feed_room_key"),
        _time_check("feed_at_form", "at"),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index("feed_room", "feed", ["room", "seq"])
    op.create_table(
        "room_mutes",
        Column("room", Text, primary_key=True),
        Column("viewer", Text, primary_key=True),
        sqlite_strict=True,
    )


def downgrade() -> None:
    for table in ("room_mutes", "feed", "question_askers", "questions", "room_progress"):
        op.drop_table(table)
