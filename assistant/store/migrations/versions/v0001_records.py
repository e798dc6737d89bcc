"""Products, offers, policies, rooms and events."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    Text,
    UniqueConstraint,
)

revision = "0001"
down_revision = None

Number = BigInteger().with_variant(Integer(), "sqlite")
Flag = Boolean().with_variant(Integer(), "sqlite")
Time = DateTime(timezone=True).with_variant(Text(), "sqlite")


def _check(name: str, rule: str) -> CheckConstraint:
    return CheckConstraint(rule, name=name)


def _sqlite_check(name: str, rule: str) -> CheckConstraint:
    return CheckConstraint(rule, name=name).ddl_if(dialect="sqlite")


def _time_check(name: str, column: str) -> CheckConstraint:
    digits = "[0-9][0-9]"
    form = f"{digits}{digits}-{digits}-{digits}T{digits}:{digits}:{digits}.{digits * 3}+00:00"
    return _sqlite_check(name, f"{column} GLOB '{form}'")


def _version() -> Column[int]:
    return Column("version", Number, CheckConstraint("version >= 1"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "products",
        Column("id", Text, primary_key=True),
        _version(),
        Column("record", Text, nullable=False),
        Column("category_zh", Text, nullable=False),
        Column("category_en", Text, nullable=False),
        Column("category_words", Text, nullable=False),
        Column("words", Text, nullable=False),
        Column("updated_at", Time, nullable=False),
        _check("products_id_length", "length(id) BETWEEN 1 AND 128"),
        _time_check("products_updated_at_form", "updated_at"),
        sqlite_strict=True,
    )
    op.create_index("products_category_zh", "products", ["category_zh"])
    op.create_index("products_category_en", "products", ["category_en"])
    op.create_table(
        "removed_products",
        Column("id", Text, primary_key=True),
        _version(),
        sqlite_strict=True,
    )
    op.create_table(
        "variants",
        Column("id", Text, primary_key=True),
        Column("product_id", Text, ForeignKey("products.id", ondelete="CASCADE"), nullable=False),
        Column("position", Number, nullable=False),
        _version(),
        Column("price_minor", Number, nullable=False),
        Column("price_currency", Text, nullable=False),
        Column("list_price_minor", Number),
        Column("list_price_currency", Text),
        Column("available", Flag, nullable=False),
        Column("status", Text, nullable=False),
        Column("quantity", Number),
        Column("sku", Text, nullable=False),
        Column("options", Text, nullable=False),
        Column("words", Text, nullable=False),
        _check("variants_id_length", "length(id) BETWEEN 1 AND 128"),
        _check("variants_position", "position >= 0"),
        _check("variants_price", "price_minor BETWEEN 0 AND 10000000000000"),
        _check("variants_price_currency", "length(price_currency) = 3"),
        _check("variants_list_price", "list_price_minor BETWEEN 0 AND 10000000000000"),
        _check("variants_list_price_currency", "length(list_price_currency) = 3"),
        _check(
            "variants_list_price_whole",
            "(list_price_minor IS NULL) = (list_price_currency IS NULL)",
        ),
        _check(
            "variants_status",
            "status IN ('in_stock', 'low_stock', 'out_of_stock', 'preorder', 'unknown')",
        ),
        _check("variants_quantity", "quantity BETWEEN 0 AND 1000000000"),
        _sqlite_check("variants_available", "available IN (0, 1)"),
        sqlite_strict=True,
    )
    op.create_index("variants_product_id", "variants", ["product_id"])
    op.create_index("variants_price", "variants", ["price_minor"])
    op.create_table(
        "offers",
        Column("id", Text, primary_key=True),
        _version(),
        Column("kind", Text, nullable=False),
        Column("amount_minor", Number),
        Column("amount_currency", Text),
        Column("percent", Number),
        Column("threshold_minor", Number),
        Column("threshold_currency", Text),
        Column("nth", Number),
        Column("code", Text, nullable=False),
        Column("stackable", Flag, nullable=False),
        Column("starts_at", Time),
        Column("ends_at", Time),
        Column("record", Text, nullable=False),
        Column("updated_at", Time, nullable=False),
        _check("offers_id_length", "length(id) BETWEEN 1 AND 128"),
        _check("offers_kind", "kind IN ('flash_price', 'percent_off', 'amount_off', 'nth_item')"),
        _check("offers_amount", "amount_minor BETWEEN 0 AND 10000000000000"),
        _check("offers_amount_currency", "length(amount_currency) = 3"),
        _check("offers_percent", "percent BETWEEN 1 AND 100"),
        _check("offers_threshold", "threshold_minor BETWEEN 0 AND 10000000000000"),
        _check("offers_threshold_currency", "length(threshold_currency) = 3"),
        _check("offers_nth", "nth BETWEEN 2 AND 100"),
        _check("offers_span", "starts_at < ends_at"),
        _sqlite_check("offers_stackable", "stackable IN (0, 1)"),
        _time_check("offers_starts_at_form", "starts_at"),
        _time_check("offers_ends_at_form", "ends_at"),
        _time_check("offers_updated_at_form", "updated_at"),
        sqlite_strict=True,
    )
    op.create_index("offers_ends_at", "offers", ["ends_at"])
    op.create_table(
        "policies",
        Column("id", Text, primary_key=True),
        _version(),
        Column("kind", Text, nullable=False),
        Column("record", Text, nullable=False),
        Column("updated_at", Time, nullable=False),
        _check("policies_id_length", "length(id) BETWEEN 1 AND 128"),
        _check(
            "policies_kind",
            "kind IN ('shipping', 'returns', 'warranty', 'payment', 'invoice', 'price_protection')",
        ),
        _time_check("policies_updated_at_form", "updated_at"),
        sqlite_strict=True,
    )
    op.create_table(
        "rooms",
        Column("id", Text, primary_key=True),
        _version(),
        Column("title_zh", Text, nullable=False),
        Column("title_en", Text, nullable=False),
        Column("mode", Text, nullable=False),
        Column("on_air", Text, ForeignKey("products.id")),
        Column("run_of_show", Text, nullable=False),
        Column("updated_at", Time, nullable=False),
        _check("rooms_id_length", "length(id) BETWEEN 1 AND 128"),
        _check("rooms_mode", "mode IN ('auto', 'review', 'off')"),
        _time_check("rooms_updated_at_form", "updated_at"),
        sqlite_strict=True,
    )
    op.create_index("rooms_on_air", "rooms", ["on_air"])
    op.create_table(
        "room_items",
        Column("room_id", Text, ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True),
        Column("number", Number, primary_key=True, autoincrement=False),
        Column("product_id", Text, ForeignKey("products.id"), nullable=False),
        _check("room_items_number", "number BETWEEN 1 AND 999"),
        sqlite_strict=True,
    )
    op.create_index("room_items_product_id", "room_items", ["product_id"])
    op.create_table(
        "events",
        Column("seq", Number, primary_key=True, autoincrement=True),
        Column("source", Text, nullable=False),
        Column("id", Text, nullable=False),
        Column("type", Text, nullable=False),
        Column("room", Text),
        Column("viewer", Text),
        Column("time", Time, nullable=False),
        Column("received_at", Time, nullable=False),
        Column("data", Text, nullable=False),
        UniqueConstraint("source", "id", name="events_source_id"),
        _check("events_source", "length(source) >= 1"),
        _check("events_id", "length(id) >= 1"),
        _check("events_type", "length(type) >= 1"),
        _time_check("events_time_form", "time"),
        _time_check("events_received_at_form", "received_at"),
        sqlite_strict=True,
        # Without it SQLite would give the number of a deleted last row out again.
        sqlite_autoincrement=True,
    )
    op.create_index("events_room", "events", ["room", "seq"])
    op.create_index("events_viewer", "events", ["viewer", "seq"])
    op.create_index("events_type", "events", ["type", "seq"])


def downgrade() -> None:
    for table in (
        "events",
        "room_items",
        "rooms",
        "policies",
        "offers",
        "variants",
        "removed_products",
        "products",
    ):
        op.drop_table(table)
