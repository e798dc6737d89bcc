"""The OpenAPI document is true: schemathesis sends what it allows and what it does not."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from assistant.api.app import Pages, create_api
from assistant.api.service import Service
from assistant.settings import Settings
from tests.assistant.api.bench import HOST, KEY, MakeBench, serving

EXAMPLES = 6
QUICK = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
OPERATIONS = [
    (path, method)
    for path, operations in create_api(
        Service(Settings(_env_file=None), Path()),
        Pages(),
    )
    .openapi()["paths"]
    .items()
    for method in operations
    if not path.endswith("/feed")  # it goes on for ever; test_feed.py reads it
]


# Where rules hold that a schema cannot state: which products there are, what a kind of offer needs.
RULED_BY_CODE = {
    "/v1/chat/completions",
    "/api/v1/rooms",
    "/api/v1/rooms/{room}/on-air",
    "/api/v1/rooms/{room}/items",
    "/api/v1/rooms/{room}/pin",
    "/api/v1/rooms/{room}/access",
    "/api/v1/rooms/{room}/viewer-tokens",
    "/api/v1/rooms/{room}/events",
    "/api/v1/offers",
    "/api/v1/products/{id}",
    "/api/v1/catalog/import",
}
# A feed may be any bytes: what cannot be read in it is refused row by row, with 200.
ANY_BYTES = "/api/v1/catalog/import"


@pytest.fixture(scope="module")
def schema(make_module_bench: MakeBench) -> Iterator[BaseSchema]:
    with serving(make_module_bench(host_key=KEY).app) as url:
        yield schemathesis.openapi.from_url(f"{url}/openapi.json")


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_the_document_is_true(
    schema: BaseSchema, path: str, method: str, mode: GenerationMode
) -> None:
    operation = schema[path][method]
    answered: list[int] = []

    @QUICK
    @given(case=operation.as_strategy(generation_mode=mode))
    def conforms(case: Case[Any]) -> None:
        excluded: list[Any] = [positive_data_acceptance] if path in RULED_BY_CODE else []
        if path == ANY_BYTES:
            excluded.append(negative_data_rejection)
        response = case.call(headers=HOST, timeout=10)
        answered.append(response.status_code)
        if response.status_code != 413:  # the one answer that schemathesis has no place for
            case.validate_response(response, excluded_checks=excluded)

    with contextlib.suppress(Unsatisfiable):  # a request that carries nothing cannot be wrong
        conforms()
    assert answered or mode is GenerationMode.NEGATIVE


def test_every_native_error_is_a_problem(make_bench: MakeBench) -> None:
    paths = make_bench().app.openapi()["paths"]
    for path, operations in paths.items():
        for method, operation in operations.items():
            for status, response in operation["responses"].items():
                if status >= "400" and path != "/readyz":
                    kind = (
                        "application/json"
                        if path.startswith("/v1/")
                        else "application/problem+json"
                    )
                    assert list(response["content"]) == [kind], (method, path, status)


def test_every_route_is_explained(make_bench: MakeBench) -> None:
    for path, operations in make_bench().app.openapi()["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (method, path)
            assert operation["description"], (method, path)
