"""The tables. What a column may hold is checked by the database too.

Texts that nothing filters by lie in one JSON text a record, written by pydantic without its
defaults, so that two equal records are equal byte for byte. SQLite's tables are STRICT: a
column refuses a value of another type there, as PostgreSQL's do.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine


class Time(TypeDecorator[datetime]):
    """A moment, in UTC: TIMESTAMP WITH TIME ZONE, or ISO 8601 text of fixed width in SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        kind = Text() if dialect.name == "sqlite" else DateTime(timezone=True)
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"time {value.isoformat()}: needs its offset, such as +08:00")
        moment = value.astimezone(UTC)
        if dialect.name == "sqlite":
            return moment.isoformat(timespec="microseconds")
        return moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.astimezone(UTC)


Number = BigInteger().with_variant(Integer(), "sqlite")
Flag = Boolean().with_variant(Integer(), "sqlite")
metadata = MetaData()


def _check(name: str, rule: str) -> CheckConstraint:
    return CheckConstraint(rule, name=name)


def time_check(name: str, column: str) -> CheckConstraint:
    """SQLite keeps a time as text: only a full one in UTC may stand there."""
    digits = "[0-9][0-9]"
    form = f"{digits}{digits}-{digits}-{digits}T{digits}:{digits}:{digits}.{digits * 3}+00:00"
    return CheckConstraint(f"{column} GLOB '{form}'", name=name).ddl_if(dialect="sqlite")


def _version() -> Column[int]:
    return Column("version", Number, CheckConstraint("version >= 1"), nullable=False)


products = Table(
    "products",
    metadata,
    Column("id", Text, primary_key=True),
    _version(),
    Column("record", Text, nullable=False),
    Column("category_zh", Text, nullable=False),
    Column("category_en", Text, nullable=False),
    Column("category_words", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("updated_at", Time, nullable=False),
    _check("products_id_length", "length(id) BETWEEN 1 AND 128"),
    time_check("products_updated_at_form", "updated_at"),
    Index("products_category_zh", "category_zh"),
    Index("products_category_en", "category_en"),
    sqlite_strict=True,
)

removed_products = Table(
    "removed_products",
    metadata,
    Column("id", Text, primary_key=True),
    _version(),
    sqlite_strict=True,
)

variants = Table(
    "variants",
    metadata,
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
        "variants_list_price_whole", "(list_price_minor IS NULL) = (list_price_currency IS NULL)"
    ),
    _check(
        "variants_status",
        "status IN ('in_stock', 'low_stock', 'out_of_stock', 'preorder', 'unknown')",
    ),
    _check("variants_quantity", "quantity BETWEEN 0 AND 1000000000"),
    CheckConstraint("available IN (0, 1)", name="variants_available").ddl_if(dialect="sqlite"),
    Index("variants_product_id", "product_id"),
    Index("variants_price", "price_minor"),
    sqlite_strict=True,
)

offers = Table(
    "offers",
    metadata,
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
    CheckConstraint("stackable IN (0, 1)", name="offers_stackable").ddl_if(dialect="sqlite"),
    time_check("offers_starts_at_form", "starts_at"),
    time_check("offers_ends_at_form", "ends_at"),
    time_check("offers_updated_at_form", "updated_at"),
    Index("offers_ends_at", "ends_at"),
    sqlite_strict=True,
)

policies = Table(
    "policies",
    metadata,
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
    time_check("policies_updated_at_form", "updated_at"),
    sqlite_strict=True,
)

rooms = Table(
    "rooms",
    metadata,
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
    time_check("rooms_updated_at_form", "updated_at"),
    Index("rooms_on_air", "on_air"),
    sqlite_strict=True,
)

room_items = Table(
    "room_items",
    metadata,
    Column("room_id", Text, ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("product_id", Text, ForeignKey("products.id"), nullable=False),
    _check("room_items_number", "number BETWEEN 1 AND 999"),
    Index("room_items_product_id", "product_id"),
    sqlite_strict=True,
)

events = Table(
    "events",
    metadata,
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
    time_check("events_time_form", "time"),
    time_check("events_received_at_form", "received_at"),
    Index("events_room", "room", "seq"),
    Index("events_viewer", "viewer", "seq"),
    Index("events_type", "type", "seq"),
    sqlite_strict=True,
    # Without it SQLite would give the number of a deleted last row out again.
    sqlite_autoincrement=True,
)

room_progress = Table(
    "room_progress",
    metadata,
    Column("room", Text, primary_key=True),
    Column("seq", Number, nullable=False),
    Column("state", Text, nullable=False),
    _check("room_progress_seq", "seq >= 0"),
    sqlite_strict=True,
)

questions = Table(
    "questions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("room", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("last_at", Time, nullable=False),
    Column("record", Text, nullable=False),
    _check(
        "questions_status",
        "status IN ('waiting', 'review', 'answered', 'handed_off', 'dismissed', 'expired', 'shed')",
    ),
    time_check("questions_last_at_form", "last_at"),
    Index("questions_room", "room", "status", "last_at"),
    sqlite_strict=True,
)

question_askers = Table(
    "question_askers",
    metadata,
    Column("question", Text, ForeignKey("questions.id", ondelete="CASCADE"), primary_key=True),
    Column("viewer", Text, primary_key=True),
    Column("at", Time, nullable=False),
    time_check("question_askers_at_form", "at"),
    Index("question_askers_viewer", "viewer"),
    sqlite_strict=True,
)

feed = Table(
    "feed",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=True),
    Column("room", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", Time, nullable=False),
    Column("data", Text, nullable=False),
    UniqueConstraint("room", "key", name="feed_room_key"),
    time_check("feed_at_form", "at"),
    Index("feed_room", "room", "seq"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

room_mutes = Table(
    "room_mutes",
    metadata,
    Column("room", Text, primary_key=True),
    Column("viewer", Text, primary_key=True),
    sqlite_strict=True,
)

processes = Table(
    "processes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("until", Time, nullable=False),
    time_check("processes_until_form", "until"),
    sqlite_strict=True,
)

room_owners = Table(
    "room_owners",
    metadata,
    Column("room", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("epoch", Number, nullable=False),
    _check("room_owners_epoch", "epoch >= 1"),
    sqlite_strict=True,
)
