"""The HTTP application over a Service: routes, errors, limits, the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.api import (
    catalog,
    catalog_import,
    chat,
    compliance,
    desk,
    events,
    feed,
    openai,
    operations,
    pages,
    problems,
    questions,
    rooms,
    show,
    viewer_tokens,
    viewers,
)
from assistant.api.access import EVERYBODY, ROUTES, authorize
from assistant.api.headers import SecurityHeaders
from assistant.api.limits import LimitBodies
from assistant.api.metrics import CountRequests
from assistant.api.request_ids import NameRequests
from assistant.api.service import Service

OWN = ("/api/", "/v1/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/pictures/", "/ui/")
STARTING = """<!doctype html><html lang="en"><meta charset="utf-8"><title>liveshop</title>
<meta http-equiv="refresh" content="1">
<p>The chat page is being opened… 聊天页面正在打开…</p>"""

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


class Pages:
    """What answers the paths that no route takes: the chat page, once it is there."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(OWN):
            raise HTTPException(404)
        if self.app is not None:
            await self.app(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] == "/":
            await HTMLResponse(STARTING, 503, {"Retry-After": "1"})(scope, receive, send)
        else:
            raise HTTPException(404)


def create_api(service: Service, others: Pages, lifespan: Lifespan | None = None) -> FastAPI:
    """The application. It opens nothing itself: `lifespan` does, and sets `service.shop`.

    `others` answers the paths that no route takes.
    """
    app = FastAPI(
        title="liveshop",
        summary="A shopping assistant for live-stream rooms",
        version=version("liveshop"),
        lifespan=lifespan,
        redoc_url=None,
        dependencies=[Depends(authorize)],
    )
    app.state.service = service
    for module in (
        openai,
        chat,
        rooms,
        questions,
        desk,
        feed,
        events,
        catalog,
        catalog_import,
        compliance,
        viewers,
        viewer_tokens,
        operations,
        pages,
        show,
    ):
        app.include_router(module.router)
        _in_the_table(module.router)
    problems.install(app)
    app.add_middleware(LimitBodies)
    app.add_middleware(CountRequests, metrics=service.metrics)
    app.add_middleware(SecurityHeaders, service=service)
    app.add_middleware(NameRequests, tracing=service.tracing)
    app.router.default = others
    app.openapi = lambda: _document(app)  # type: ignore[method-assign]
    return app


def _in_the_table(router: APIRouter) -> None:
    """Raise RuntimeError for a route without roles, so that none is ever open by oversight."""
    for route in router.routes:
        for method in getattr(route, "methods", ()):
            key = f"{method} {getattr(route, 'path_format', '')}"
            if key not in ROUTES:
                raise RuntimeError(f"{key}: needs its roles in assistant/api/access.py")


def _document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, made once, with the errors as they are really answered."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, summary=app.summary, routes=app.routes
        )
        schemas = document["components"]["schemas"]
        for model in (problems.Problem, problems.FieldProblem):
            schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
            schema.pop("$defs", None)
            schemas[model.__name__] = schema
        for path, operations_ in document["paths"].items():
            for method, operation in operations_.items():
                if path.startswith("/v1/"):
                    operation["responses"].pop("422", None)
                _document_access(operation, path, method.upper())
        schemas.pop("HTTPValidationError", None)
        schemas.pop("ValidationError", None)
        app.openapi_schema = document
    return app.openapi_schema


def _document_access(operation: dict[str, Any], path: str, method: str) -> None:
    """What the table of access says: whether a bearer is needed, and the errors that may be."""
    access = ROUTES[f"{method} {path}"]
    if access.roles == EVERYBODY:
        del operation["security"]
        return
    if "viewer" in access.roles:
        operation["security"].append({})
    responses = operation["responses"]
    for status, response in problems.documented(401, 403, 429).items():
        if path.startswith("/v1/"):
            schema = {"$ref": "#/components/schemas/OpenAIErrorBody"}
            response["content"] = {"application/json": {"schema": schema}}
        responses.setdefault(str(status), response)
    operation["responses"] = dict(sorted(responses.items()))
