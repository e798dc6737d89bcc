"""Product cards and messages as HTML. Everything from outside is escaped here."""

from __future__ import annotations

from decimal import Decimal
from html import escape
from typing import Any

from ui.wording import WORDS, Locale

SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "JP¥"}
WHOLE_UNITS = frozenset({"JPY", "KRW", "VND"})


def money(amount: dict[str, Any]) -> str:
    """An amount of minor units as a viewer reads it, exact: ¥129, ¥9.90, $1,299.00."""
    currency = amount["currency"]
    digits = 0 if currency in WHOLE_UNITS else 2
    value = Decimal(amount["minor"]).scaleb(-digits)
    whole = currency == "CNY" and value == value.to_integral_value()
    written = f"{value:,.0f}" if whole or not digits else f"{value:,.2f}"
    return f"{SYMBOLS.get(currency, currency + ' ')}{written}"


def picture(card: dict[str, Any]) -> str:
    """The card's picture. Only web addresses and the service's own paths are shown."""
    media = card.get("media") or []
    url = str(media[0]["url"]) if media else ""
    if not url.startswith(("https://", "http://", "/")):
        return '<div class="ls-picture"></div>'
    return f'<img class="ls-picture" src="{escape(url)}" alt="{escape(card["title"])}">'


def product_card(card: dict[str, Any], locale: Locale) -> str:
    """One card: picture, title, live price, stock, offers and reasons."""
    words = WORDS[locale]
    stock = card["availability"]
    status = words[stock["status"]].format(quantity=stock.get("quantity"))
    struck = f"<s>{money(card['list_price'])}</s>" if card.get("list_price") else ""
    number = card.get("number")
    label = (
        f'<span class="ls-number">{words["number"].format(number=number)}</span>' if number else ""
    )
    options = " · ".join(_say(option["value"], locale) for option in card.get("options", []))
    offers = "".join(f'<li class="ls-offer">{escape(o["text"])}</li>' for o in card["offers"])
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in card["reasons"])
    lines = f'<ul class="ls-lines">{offers}{reasons}</ul>' if offers or reasons else ""
    return (
        f'<div class="ls-card">{picture(card)}<div class="ls-about">'
        f'<div class="ls-title">{label}{escape(card["title"])}</div>'
        + (f'<div class="ls-options">{escape(options)}</div>' if options else "")
        + f'<div class="ls-price"><b>{money(card["price"])}</b>{struck}'
        f'<span class="ls-stock ls-{escape(stock["status"])}">{escape(status)}</span></div>'
        f"{lines}</div></div>"
    )


def message(text: str, cards: list[dict[str, Any]], notices: list[str], locale: Locale) -> str:
    """A reply as one block of HTML: text, cards, and small print."""
    said = escape(text).replace("\n", "<br>")
    shown = "".join(product_card(card, locale) for card in cards)
    small = " · ".join(escape(notice) for notice in dict.fromkeys(notices))
    return (
        f'<div class="ls-text">{said}</div>'
        + (f'<div class="ls-cards">{shown}</div>' if shown else "")
        + (f'<div class="ls-notice">{small}</div>' if small else "")
    )


def on_air(card: dict[str, Any] | None, locale: Locale) -> str:
    """The strip above the chat: what the host shows now."""
    words = WORDS[locale]
    if card is None:
        return f'<div class="ls-air ls-idle">{escape(words["nothing_on_air"])}</div>'
    return f'<div class="ls-air"><span class="ls-live">{words["on_air"]}</span>' + (
        product_card(card | {"reasons": []}, locale) + "</div>"
    )


def _say(text: dict[str, str], locale: Locale) -> str:
    return text.get(locale) or text.get("en" if locale == "zh" else "zh") or ""
