"""Who works on which room, among several processes."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, Integer, Text

revision = "0005"
down_revision = "0004"

Number = BigInteger().with_variant(Integer(), "sqlite")
Time = DateTime(timezone=True).with_variant(Text(), "sqlite")


def upgrade() -> None:
    digits = "[0-9][0-9]"
    form = f"{digits}{digits}-{digits}-{digits}T{digits}:{digits}:{digits}.{digits * 3}+00:00"
    op.create_table(
        "processes",
        Column("id", Text, primary_key=True),
        Column("until", Time, nullable=False),
        CheckConstraint(f"until GLOB '{form}'", name="processes_until_form").ddl_if(
            dialect="sqlite"
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "room_owners",
        Column("room", Text, primary_key=True),
        Column("owner", Text, nullable=False),
        Column("epoch", Number, nullable=False),
        CheckConstraint("epoch >= 1", name="room_owners_epoch"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("room_owners")
    op.drop_table("processes")
