"""An id for each request, in its answer, in every line of its log and in what a client sees of
an unexpected error; and one line of the log for each request, with the JSON log."""

from __future__ import annotations

import logging
import re
import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.logs import REQUEST
from assistant.personal import masked
from assistant.tracing import Tracing

log = logging.getLogger(__name__)
HEADER = "X-Request-Id"
# A word alone may be a name and digits alone an account.
_FORM = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9._-]{8,64}")
# Answers to which a room that the address names need not be one.
NOWHERE = frozenset((401, 403, 404, 422))
QUIET = frozenset(("/healthz", "/readyz", "/metrics"))


class NameRequests:
    """ASGI middleware. An id that comes with a request in X-Request-Id is kept where it has 8 to
    64 letters and digits, some of both, dots, dashes and underscores and nothing personal in it."""

    def __init__(self, app: ASGIApp, tracing: Tracing) -> None:
        self.app, self._tracing = app, tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get(HEADER, "")
        kept = _FORM.fullmatch(given) and masked(given) == given
        name = given if kept else uuid.uuid4().hex[:12]
        status, begun = 499, time.perf_counter()

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = name
            await send(message)

        token = REQUEST.set(name)
        try:
            with self._tracing.span(
                scope["method"],
                {"http.request.method": scope["method"], "liveshop.request": name},
                kind="SERVER",
                parent={"traceparent": headers.get("traceparent", "")},
                current=True,
            ) as span:
                await self.app(scope, receive, named)
                span.set("http.route", getattr(scope.get("route"), "path", "other"))
                span.set("http.response.status_code", status)
                if status >= 500:
                    span.fail(str(status))
        finally:
            if scope["path"] not in QUIET:
                room = scope.get("path_params", {}).get("room", "")
                fields = {
                    "method": scope["method"],
                    # The template: ids of viewers in a path stay out of the log.
                    "route": getattr(scope.get("route"), "path", "other"),
                    "room": "" if status in NOWHERE else room,
                    "status": status,
                    "ms": round((time.perf_counter() - begun) * 1000, 1),
                }
                log.info("answered", extra={"fields": fields})
            REQUEST.reset(token)
