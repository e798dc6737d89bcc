"""How large a request's body may be."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.api.problems import answer, made

LARGEST_BODY = 1024**2
LARGEST_FEED = 2 * 1024**3
IMPORT = "/api/v1/catalog/import"


class LimitBodies:
    """ASGI middleware: a body that is too large is answered 413 in our form of errors.

    A length that says so is refused before anything is read; a body without a length, or with a
    false one, as soon as it has grown too large.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = LARGEST_FEED if scope["path"] == IMPORT else LARGEST_BODY
        rule = f"a body here has at most {limit} bytes"
        length = Headers(scope=scope).get("content-length", "")
        if length.isdecimal() and int(length) > limit:
            response = answer(Request(scope), made(413, rule), {"Connection": "close"})
            await response(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413, rule)
            return message

        await self.app(scope, counted, send)
