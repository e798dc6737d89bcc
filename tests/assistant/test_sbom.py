"""The bill of materials: what is installed for the service, with licences and weights' hashes."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from assistant.cli import app
from assistant.cli.sbom import bill, licence_table, packages
from assistant.llm.weights import known

FORBIDDEN = ("AGPL", "SSPL", "unknown", "Non-Commercial")


def test_the_bill_names_everything_that_is_needed_and_nothing_else() -> None:
    found = {package.name: package for package in packages()}
    assert {"fastapi", "chromadb", "xllamacpp", "starlette"} <= set(found)
    assert not {"pytest", "torch", "mypy"} & set(found)
    assert "starlette" in found["fastapi"].needs
    assert "torch" in {package.name for package in packages(["train"])}


def test_every_part_has_a_licence_that_a_shop_may_use() -> None:
    held = [one for one in packages() if any(word in one.licence for word in FORBIDDEN)]
    assert held == []


def test_the_document_is_cyclonedx_with_the_weights_by_hash() -> None:
    done = CliRunner().invoke(app, ["sbom"])
    document = json.loads(done.stdout)
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert document["metadata"]["component"]["name"] == "liveshop"
    refs = [one["bom-ref"] for one in document["components"]]
    assert len(refs) == len(set(refs))
    named = {*refs, document["metadata"]["component"]["bom-ref"]}
    for one in document["dependencies"]:
        assert {one["ref"], *one["dependsOn"]} <= named
    weights = {one["name"]: one for one in document["components"]
               if one["type"] == "machine-learning-model"}  # fmt: skip
    for model in known():
        assert weights[model.name]["hashes"] == [{"alg": "SHA-256", "content": model.sha256}]


def test_the_licences_are_a_table_of_every_part() -> None:
    found, models = packages(), known()
    lines = licence_table(found, models).splitlines()
    assert len(lines) == 2 + len(found) + len(models) == 3 + len(bill(found, models)["components"])
