"""How large and how slow a request's body may be."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.api.problems import answer, made

BODY_PIECE_S = 20.0
LARGEST_BODY = 1024**2
LARGEST_FEED = 2 * 1024**3
IMPORT = "/api/v1/catalog/import"


class LimitBodies:
    """ASGI middleware: a body that is too large is answered 413 in our form of errors, one that
    stops coming 408, and a compressed one 415: what it holds could not be bounded.

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
        encoding = Headers(scope=scope).get("content-encoding", "identity")
        if encoding != "identity":
            problem = made(415, f"Content-Encoding {encoding[:40]!r}: send it uncompressed")
            await answer(Request(scope), problem)(scope, receive, send)
            return
        received, whole = 0, False

        async def counted() -> Message:
            nonlocal received, whole
            if whole:
                return await receive()  # the client may stay as long as it likes to read
            try:
                async with asyncio.timeout(BODY_PIECE_S):
                    message = await receive()
            except TimeoutError as error:
                raise HTTPException(408, f"no more of the body in {BODY_PIECE_S:.0f} s") from error
            whole = not message.get("more_body", False)
            received += len(message.get("body", b""))
            if received > limit:
                raise HTTPException(413, rule)
            return message

        await self.app(scope, counted, send)
