"""Who may change the shop: the holder of the host key, or without one this machine alone.

Without a key a request counts as this machine's only when its peer is a loopback address, its
Host header is a loopback name (a page that rebinds its DNS name to 127.0.0.1 keeps its own name
there), no proxy has passed it on, and no page of another origin has sent it.
"""

from __future__ import annotations

import hmac
import ipaddress
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import SecretStr
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
PASSED_ON = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")

bearer = HTTPBearer(
    auto_error=False,
    description="LIVESHOP_HOST_KEY. While that is unset, requests from this machine need no key.",
)


def require_host(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> None:
    """Let hosts pass. Raises HTTPException 401 for a missing or wrong key, 403 without a key set.

    A dependency of every route that changes the shop.
    """
    key: SecretStr | None = request.app.state.service.settings.host_key
    if key is None:
        peer = request.client.host if request.client else ""
        if not from_this_machine(peer, request.headers):
            raise HTTPException(
                403, "only this machine may do this while LIVESHOP_HOST_KEY is not set"
            )
        return
    given = credentials.credentials if credentials else ""
    if not hmac.compare_digest(given.encode("latin-1"), key.get_secret_value().encode()):
        raise HTTPException(
            401,
            "this needs the header Authorization: Bearer LIVESHOP_HOST_KEY",
            {"WWW-Authenticate": 'Bearer realm="liveshop"'},
        )


def from_this_machine(peer: str, headers: Headers) -> bool:
    """Whether a request from address `peer` with these headers was sent by this machine itself."""
    host = headers.get("host", "")
    origin = headers.get("origin")
    return (
        _is_loopback(peer)
        and _name(host) in LOOPBACK_NAMES
        and not any(header in headers for header in PASSED_ON)
        and (origin is None or urlsplit(origin).netloc == host)
    )


def _is_loopback(peer: str) -> bool:
    try:
        return ipaddress.ip_address(peer).is_loopback
    except ValueError:
        return False


def _name(host: str) -> str:
    """The host name of a Host header, without its port and brackets; '' when it is malformed."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


HostOnly = Depends(require_host)
