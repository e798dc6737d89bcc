"""Origins of pages (RFC 6454), and how open a room is to them."""

from __future__ import annotations

from urllib.parse import urlsplit

from retrieval.catalog import Value

STANDARD_PORTS = {"http": 80, "https": 443}


class RoomAccess(Value):
    """`anonymous`: viewers need no token. `origins`: the pages that may call and embed the room."""

    anonymous: bool = True
    origins: tuple[str, ...] = ()


def origin_of(text: str) -> str:
    """`text` where it is an origin as browsers send it, such as https://shop.example.

    Raises ValueError for anything else: a path, a port that goes without saying, capitals.
    """
    parts = urlsplit(text)
    host, port = parts.hostname or "", parts.port
    name = f"[{host}]" if ":" in host else host
    written = f"{parts.scheme}://{name}{'' if port is None else f':{port}'}"
    if (
        parts.scheme not in STANDARD_PORTS
        or port == STANDARD_PORTS[parts.scheme]
        or not host
        or not set(host) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-:")
        or written != text
    ):
        raise ValueError("write an origin as browsers do, such as https://shop.example")
    return text
