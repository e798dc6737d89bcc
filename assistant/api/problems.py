"""Errors at the edge: RFC 9457 problems for the native routes, OpenAI's form under /v1.

What we raise on purpose says field, value and rule. What we did not expect says a correlation
id only, and the log has the traceback under the same id.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.errors import Busy, Conflict, EngineUnavailable, LiveshopError, NotFound
from assistant.logs import REQUEST
from retrieval.errors import EmbeddingFailed, IndexUnreadable, RowRefused

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
LONGEST_VALUE = 80
RECORD_RULE = re.compile(r"([\w.\[\]]+): (.+)", re.DOTALL)
ONE, MANY = "<one>", "<many>"


class FieldProblem(BaseModel):
    """One field that breaks one rule; `value` is cut at 80 characters."""

    field: str
    value: str
    rule: str


class Problem(BaseModel):
    """A problem as RFC 9457 describes it; `correlation_id` finds an unexpected one in the log."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = Field(default_factory=list)
    correlation_id: str | None = None


class FieldsRefused(Exception):
    """A well-formed request whose fields break rules that only the shop's records know."""

    def __init__(self, *errors: FieldProblem) -> None:
        self.errors = errors
        super().__init__("; ".join(f"{e.field} {e.value!r}: {e.rule}" for e in errors))


def refuse(field: str, value: object, rule: str) -> FieldsRefused:
    """One field refused; raise what this returns."""
    return FieldsRefused(FieldProblem(field=field, value=shortened(value), rule=rule))


def shortened(value: object) -> str:
    """`value` as text of at most 80 characters, safe to send back."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def one_or_many(body: object) -> str:
    """Which branch a body that may be one record or a list of them takes: the tag ONE or MANY.

    With tags an error is about the one branch that was meant; names of fields leave them out.
    """
    return MANY if isinstance(body, list) else ONE


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a native route that may answer these error statuses."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for status in sorted(statuses)
    }


def answer(
    request: Request, problem: Problem, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """`problem` in the form of the route that was asked."""
    if request.url.path.startswith("/v1/"):
        return JSONResponse(_openai_form(problem), problem.status, headers)
    body = problem.model_dump(exclude_none=True)
    return JSONResponse(body, problem.status, headers, media_type=MEDIA_TYPE)


def _openai_form(problem: Problem) -> dict[str, Any]:
    """The same error as OpenAI's clients read it."""
    kinds = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
    kind = "server_error" if problem.status >= 500 else "invalid_request_error"
    codes = {404: "not_found", 409: "conflict", 413: "request_too_large", 503: "overloaded"}
    message = problem.detail
    if problem.correlation_id:
        message += f" (correlation id {problem.correlation_id})"
    return {
        "error": {
            "message": message,
            "type": kinds.get(problem.status, kind),
            "param": problem.errors[0].field if problem.errors else None,
            "code": codes.get(problem.status),
        }
    }


def made(status: int, detail: str, errors: Sequence[FieldProblem] = ()) -> Problem:
    """A problem whose title is the status' own."""
    return Problem(
        title=HTTPStatus(status).phrase, status=status, detail=detail, errors=list(errors)
    )


def _field_name(location: Sequence[int | str]) -> str:
    """A pydantic location as a reader says it: ('items', 0, 'number') -> items[0].number."""
    name = ""
    for part in location:
        if part in (ONE, MANY):
            continue
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else part
    return name


def field_problems(errors: Sequence[Any], skip: int = 0) -> list[FieldProblem]:
    """At most 20 of pydantic's errors, their locations without the first `skip` parts.

    The rules of a whole record begin with the field they are about, as in "percent: needed".
    """
    problems = []
    for error in errors[:20]:
        location = list(error["loc"][skip:])
        rule = str(error["msg"]).removeprefix("Value error, ")
        named = RECORD_RULE.match(rule) if error["type"] == "value_error" else None
        if named:
            location.append(named[1])
            rule = named[2]
        name = _field_name(location) or str(error["loc"][0] if error["loc"] else "body")
        value = shortened(error.get("input", ""))
        problems.append(FieldProblem(field=name, value=value, rule=rule))
    return problems


async def _validation(request: Request, error: RequestValidationError) -> JSONResponse:
    errors = field_problems(error.errors(), skip=1)
    status = 400 if request.url.path.startswith("/v1/") else 422
    detail = "; ".join(f"{e.field}: {e.rule}" for e in errors[:3])
    return answer(request, made(status, detail, errors))


async def _fields(request: Request, error: FieldsRefused) -> JSONResponse:
    status = 400 if request.url.path.startswith("/v1/") else 422
    detail = "; ".join(f"{e.field}: {e.rule}" for e in error.errors[:3])
    return answer(request, made(status, detail, error.errors))


async def _http(request: Request, error: HTTPException) -> JSONResponse:
    detail = str(error.detail)
    if error.status_code == 400:  # FastAPI's only use of it: a body that is no text at all
        return await _fields(request, refuse("body", "", "is not JSON in UTF-8"))
    if error.status_code == 405:
        detail = f"{request.url.path} does not take {request.method}"
    elif error.status_code == 404:
        detail = f"there is nothing at {request.url.path}"
    return answer(request, made(error.status_code, detail), error.headers)


async def _ours(request: Request, error: Exception) -> JSONResponse:
    match error:
        case NotFound():
            return answer(request, made(404, str(error)))
        case Conflict():
            return answer(request, made(409, str(error)))
        case Busy(retry_after=seconds):
            return answer(request, made(503, str(error)), {"Retry-After": str(seconds)})
        case RowRefused():
            bad = FieldProblem(field=error.field, value=error.value, rule=error.rule)
            return answer(request, made(422, str(error), [bad]))
        case EngineUnavailable() | IndexUnreadable() | EmbeddingFailed():
            log.error("a part is not usable", exc_info=error)
            detail = "a part of the service is not usable now; /readyz says which"
            return answer(request, made(503, detail), {"Retry-After": "5"})
    return unexpected(request, error)


def unexpected(request: Request, error: BaseException) -> JSONResponse:
    """A 500 that tells the client nothing but where the log has it."""
    return answer(request, unexpected_problem(error))


def unexpected_problem(error: BaseException) -> Problem:
    """Log `error` with its traceback under its correlation id, and the problem naming that id."""
    correlation = REQUEST.get() or uuid.uuid4().hex[:12]
    log.error("unexpected error, correlation id %s", correlation, exc_info=error)
    problem = made(500, "the service made a mistake; its log has it under this correlation id")
    return problem.model_copy(update={"correlation_id": correlation})


class CatchUnexpected:
    """ASGI middleware: an exception that nobody handled becomes a 500 problem.

    Starlette's own handler answers and then raises the exception again, which a server logs a
    second time without the id. After the response has begun, closing it is all that is left.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except ClientDisconnect:
            pass  # nobody is there to be answered
        except Exception as error:  # noqa: BLE001  the last line of defence
            response = unexpected(Request(scope), error)
            if not begun:
                await response(scope, receive, send)


def install(app: FastAPI) -> None:
    """Make `app` answer every error in these forms."""
    app.exception_handler(RequestValidationError)(_validation)
    app.exception_handler(FieldsRefused)(_fields)
    app.exception_handler(HTTPException)(_http)
    for kind in (LiveshopError, IndexUnreadable, EmbeddingFailed, RowRefused):
        app.add_exception_handler(kind, _ours)
    app.add_middleware(CatchUnexpected)
