"""How names, times, offers and stock are said in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from retrieval.catalog import Availability, Language, Offer, Product, Variant

MOST_VARIANTS = 6


def say_name(product: Product, variants: Sequence[Variant], language: Language) -> str:
    """The product's title, with the variant's label where one variant is meant."""
    title = product.title.say(language)
    label = variants[0].label(language) if len(variants) == 1 else ""
    if not label:
        return title
    return f"{title}（{label}）" if language == "zh" else f"{title} ({label})"


def say_time(moment: datetime, zone: ZoneInfo, language: Language) -> str:
    """A moment on the shop's clock, without its year."""
    local = moment.astimezone(zone)
    if language == "zh":
        return f"{local.month}月{local.day}日{local:%H:%M}"
    return f"{local:%H:%M} on {local:%b} {local.day}"


def say_offer(offer: Offer, zone: ZoneInfo, language: Language) -> str:
    """An offer by its own title, with its code and its end."""
    text = offer.title.say(language)
    if offer.code:
        text += f"，优惠码 {offer.code}" if language == "zh" else f", code {offer.code}"
    if offer.ends_at:
        until = say_time(offer.ends_at, zone, language)
        text += f"，{until}结束" if language == "zh" else f", until {until}"
    return text


def say_stock(availability: Availability, language: Language) -> str:
    """Stock in words, with the count where the shop keeps one."""
    zh, en = {
        "in_stock": ("有货", "in stock"),
        "low_stock": ("有货但不多", "low in stock"),
        "out_of_stock": ("已售罄", "sold out"),
        "preorder": ("可以预订", "open for preorder"),
        "unknown": ("库存没有登记", "not tracked in stock"),
    }[availability.status]
    if not availability.quantity:
        return zh if language == "zh" else en
    count = availability.quantity
    if language == "zh":
        return f"{zh}，还有{count}件"
    return f"{en}, {count} left"


def gap(language: Language) -> str:
    """What stands between two words."""
    return "" if language == "zh" else " "


def closed(text: str, language: Language) -> str:
    """The text with the full stop of its language."""
    return text + ("。" if language == "zh" else ".")
