"""Who is asking: a key's holder, a viewer with a token, this machine itself, or anybody.

Without LIVESHOP_HOST_KEY a request counts as this machine's only when its peer is a loopback
address, its Host header is a loopback name (a page that rebinds its DNS name to 127.0.0.1 keeps
its own name there), no proxy has passed it on, and no page of another origin has sent it. This
machine then may do everything, as the holder of the key may once there is one.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal, cast
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPBearer
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from assistant.api.tokens import TokenRefused
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.api.service import Service

Role = Literal["viewer", "host", "merchant", "connector", "metrics"]
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
PASSED_ON = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
KEY_PREFIX = "lsk_"
THIS_MACHINE = "this machine"
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="liveshop"'}

bearer = HTTPBearer(
    auto_error=False,
    description="A viewer's token, a server's key, or LIVESHOP_HOST_KEY. While that is unset, "
    "requests from this machine need none.",
)


@dataclass(frozen=True, slots=True)
class Who:
    """Who is asking. `rooms` None: every room. `viewer` is who a token names.

    `key` names the key for limits and the audit trail: its id, 'host_key', 'this machine', or ''.
    """

    role: Role
    rooms: frozenset[str] | None = None
    viewer: str | None = None
    key: str = ""

    @property
    def anonymous(self) -> bool:
        """Whether nothing vouches for who this is."""
        return self.role == "viewer" and self.viewer is None

    def of(self, claimed: str | None) -> str | None:
        """The viewer that a request is about, where it claims `claimed`.

        Servers may speak for any viewer and a token for its own. What nobody vouches for lives
        in a name space of its own: it can never be taken for a viewer that somebody does.
        Raises HTTPException 403 for a token of somebody else.
        """
        if self.viewer is not None:
            if claimed not in (None, self.viewer):
                raise HTTPException(403, "viewer: the token is of another viewer")
            return self.viewer
        if claimed is None or not self.anonymous:
            return claimed
        return "anonymous:" + hashlib.sha256(claimed.encode()).hexdigest()[:32]


async def who_asks(request: Request, service: Service) -> Who:
    """Who sent a request. Raises HTTPException 401 for a key or token that is none of ours.

    A bearer in neither form, such as the `none` that OpenAI's clients need to have, is nobody's.
    """
    settings = service.settings
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    given = given.strip() if scheme.lower() == "bearer" else ""
    host_key = settings.host_key
    if host_key and hmac.compare_digest(
        given.encode("latin-1"), host_key.get_secret_value().encode()
    ):
        return Who("merchant", key="host_key")
    if given.startswith(KEY_PREFIX):
        if service.shop is None:
            raise HTTPException(
                503, "keys are read once the records are open", {"Retry-After": "2"}
            )
        key = await run_in_threadpool(service.shop.store.keys.find, given)
        if key is None:
            raise HTTPException(401, "the key is unknown or has ended", CHALLENGE)
        return Who(key.role, key.rooms, key=key.id)
    if given.count(".") == 2:
        return _viewer(request, service, given)
    if host_key is None:
        peer = request.client.host if request.client else ""
        if from_this_machine(peer, request.headers):
            return Who("merchant", key=THIS_MACHINE)
    return Who("viewer")


def _viewer(request: Request, service: Service, given: str) -> Who:
    try:
        token = service.tokens.read(given)
    except TokenRefused as refused:
        raise HTTPException(401, f"the token {refused}", CHALLENGE) from refused
    origin = request.headers.get("origin")
    own = origin is not None and urlsplit(origin).netloc == request.headers.get("host")
    if token.origin and origin is not None and not own and origin != token.origin:
        raise HTTPException(403, "the token is for pages of another origin")
    return Who("viewer", frozenset({token.room}), token.viewer)


def from_this_machine(peer: str, headers: Headers) -> bool:
    """Whether a request from address `peer` with these headers was sent by this machine itself."""
    host = headers.get("host", "")
    origin = headers.get("origin")
    return (
        _is_loopback(peer)
        and _name(host) in LOOPBACK_NAMES
        and not any(header in headers for header in PASSED_ON)
        and (origin is None or urlsplit(origin).netloc == host)
        and headers.get("sec-fetch-site") not in ("cross-site", "same-site")
    )


def address_of(request: Request, settings: Settings) -> str:
    """The address that a request comes from: behind a proxy of ours, what that proxy says."""
    address = request.client.host if request.client else ""
    passed = request.headers.get("x-forwarded-for", "").split(",")
    while address in settings.proxies and passed and passed[-1].strip():
        address = passed.pop().strip()
    return address


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


def caller(request: Request) -> Who:
    """Who sent the request, as `access.authorize` found out before any route ran."""
    return cast(Who, request.state.who)


Caller = Annotated[Who, Depends(caller)]
