"""What every response carries: who may frame it, call it from a page, and how much more it may ask.

A route that has set one of these headers keeps its own. No route sets a cookie, and none is read:
CORS here only lets pages of exact origins read answers, and never with credentials.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.api import rates

if TYPE_CHECKING:
    from assistant.api.service import Service

API = ("/api/", "/v1/")
CALLABLE = "GET, POST, PUT, PATCH, DELETE"
SENT = "Authorization, Content-Type, Accept, Last-Event-ID, Idempotency-Key"
READ = "RateLimit, RateLimit-Policy, Retry-After"
EVERYWHERE = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
# An answer for programs: nothing of it may ever be run, framed or kept on the way.
FOR_PROGRAMS = EVERYWHERE | {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
FOR_PEOPLE = EVERYWHERE | {"Content-Security-Policy": "frame-ancestors 'self'"}
# Gradio's page has scripts and styles in its markup and compiles templates; nothing comes from
# elsewhere but pictures.
FOR_CHAT = EVERYWHERE | {
    "Content-Security-Policy": "default-src 'none'; object-src 'none'; script-src 'self' "
    "'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' "
    "data: https: http:; font-src 'self' data:; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'none'; "
    "frame-ancestors 'self'"
}


class SecurityHeaders:
    """ASGI middleware: the headers above, CORS by exact origin, and what is left of the limits."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app, self._service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path, asked = scope["path"], Headers(scope=scope)
        people = FOR_CHAT if path == "/" else FOR_PEOPLE
        added = dict(FOR_PROGRAMS if path.startswith(API) else people)
        origin = asked.get("origin")
        if origin and path.startswith(API):
            added["Vary"] = "Origin"
            allowed = origin in await self._origins(path)
            if allowed:
                added["Access-Control-Allow-Origin"] = origin
                added["Access-Control-Expose-Headers"] = READ
            if scope["method"] == "OPTIONS" and "access-control-request-method" in asked:
                if allowed:
                    added["Access-Control-Allow-Methods"] = CALLABLE
                    added["Access-Control-Allow-Headers"] = SENT
                    added["Access-Control-Max-Age"] = "600"
                await Response(status_code=204, headers=added)(scope, receive, send)
                return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = MutableHeaders(scope=message)
                charged = scope.get("state", {}).get("charged")
                for name, value in (added | (rates.headers(charged) if charged else {})).items():
                    if name == "Vary":
                        given.add_vary_header(value)
                    else:
                        given.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers)

    async def _origins(self, path: str) -> frozenset[str]:
        """The origins that may read what is at `path`: a room's own, or of any room."""
        doors, parts = await self._service.doors.all(), path.split("/")
        everywhere = self._service.settings.cors_origins
        if path.startswith("/api/v1/rooms/") and len(parts) > 5:
            door = doors.get(parts[4])
            return frozenset((*everywhere, *(door.origins if door else ())))
        return frozenset((*everywhere, *(o for door in doors.values() for o in door.origins)))
