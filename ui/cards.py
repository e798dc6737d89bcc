"""Product cards and messages as HTML. Everything from outside is escaped here."""

from __future__ import annotations

import re
from decimal import Decimal
from html import escape
from typing import Any
from urllib.parse import quote

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
    if not url.startswith(("https://", "http://")) and not re.match("/(?!/)", url):
        return '<div class="ls-picture"></div>'
    return f'<img class="ls-picture" src="{escape(url)}" alt="">'


def product_card(card: dict[str, Any], locale: Locale) -> str:
    """One card, with what the panel's shows: picture, title, price, stock, offers and reasons.

    What chat_page/live.js needs to let it follow the feed stands in its classes: Gradio leaves a
    message no other attribute of ours.
    """
    words = WORDS[locale]
    number = card.get("number")
    label = (
        f'<span class="ls-number">{words["number"].format(number=number)}</span>' if number else ""
    )
    options = " · ".join(_say(option["value"], locale) for option in card.get("options", []))
    offers, reasons = card["offers"], card["reasons"]
    fresh = [why for why in reasons if not any(offer["text"] in why for offer in offers)]
    running = "".join(_offer(offer) for offer in offers)
    why = "".join(f"<li>{escape(reason)}</li>" for reason in fresh)
    known = _facts(
        of=card["id"], variant=card["variant_id"], version=card["version"], locale=locale
    )
    return (
        f'<article class="ls-card {known}">{picture(card)}<div class="ls-about">'
        f'<h2 class="ls-title">{label}{_title(card)}</h2>'
        + (f'<p class="ls-options">{escape(options)}</p>' if options else "")
        + f'<p class="ls-price">{_price(card, locale)}</p>'
        f'<ul class="ls-offers">{running}</ul>'
        + (f'<ul class="ls-reasons">{why}</ul>' if why else "")
        + "</div></article>"
    )


def _facts(**facts: object) -> str:
    """Facts as classes, such as of=mug; whatever a catalogue puts into an id is encoded."""
    return " ".join(f"{name}={quote(str(one), safe='')}" for name, one in facts.items())


def _offer(offer: dict[str, Any]) -> str:
    ends = offer.get("ends_at")
    left = f'<span class="ls-left {_facts(ends=ends)}"></span>' if ends else ""
    return f"<li>{escape(offer['text'])}{left}</li>"


def _title(card: dict[str, Any]) -> str:
    url, title = str(card.get("url") or ""), escape(card["title"])
    if not url.startswith(("https://", "http://")):
        return f"<span>{title}</span>"
    return f'<a href="{escape(url)}" target="_blank" rel="noopener">{title}</a>'


def _price(card: dict[str, Any], locale: Locale) -> str:
    words, listed = WORDS[locale], card.get("list_price")
    struck = money(listed) if listed and listed["minor"] > card["price"]["minor"] else ""
    stock = card["availability"]
    status, quantity = stock["status"], stock.get("quantity")
    unknown = status == "low_stock" and quantity is None
    said = words["low_stock_unknown" if unknown else status].format(quantity=quantity)
    return (
        f"<b>{money(card['price'])}</b>"
        f'<s title="{words["list_price"]}">{struck}</s>'
        f'<span class="ls-stock ls-{escape(status)}">{escape(said)}</span>'
    )


def message(text: str, cards: list[dict[str, Any]], notices: list[str], locale: Locale) -> str:
    """A reply as one block of HTML: that an AI wrote it, text, cards, and small print."""
    said = escape(text).replace("\n", "<br>")
    shown = "".join(product_card(card, locale) for card in cards)
    small = " · ".join(escape(notice) for notice in dict.fromkeys(notices))
    return (
        f'<span class="ls-ai">{WORDS[locale]["ai"]}</span><div class="ls-text">{said}</div>'
        + (f'<div class="ls-cards">{shown}</div>' if shown else "")
        + (f'<div class="ls-notice">{small}</div>' if small else "")
    )


def on_air(card: dict[str, Any] | None, locale: Locale, room: str = "") -> str:
    """The strip above the chat: what the host of `room` shows now."""
    words, known = WORDS[locale], _facts(room=room, locale=locale)
    if card is None:
        return f'<div class="ls-air ls-idle {known}">{escape(words["nothing_on_air"])}</div>'
    return f'<div class="ls-air {known}"><span class="ls-live">{words["on_air"]}</span>' + (
        product_card(card | {"reasons": []}, locale) + "</div>"
    )


def _say(text: dict[str, str], locale: Locale) -> str:
    return text.get(locale) or text.get("en" if locale == "zh" else "zh") or ""
