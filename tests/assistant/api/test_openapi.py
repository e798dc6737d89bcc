"""The OpenAPI document is true: schemathesis sends what it allows and what it does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings

from tests.assistant.api.bench import HOST, KEY, MakeBench, serving

EXAMPLES = 8
document = schemathesis.pytest.from_fixture("schema")


@pytest.fixture(scope="module")
def schema(make_module_bench: MakeBench) -> Iterator[Any]:
    bench = make_module_bench(host_key=KEY)
    with serving(bench.app) as url:
        yield schemathesis.openapi.from_url(f"{url}/openapi.json")


@document.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_document_is_true(case: schemathesis.Case) -> None:
    case.call_and_validate(headers=HOST, timeout=10)


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
