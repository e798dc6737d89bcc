"""What deploy/ says is what the service knows: its settings, its metrics, its runbooks."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.api.metrics import Metrics, RoomFigures
from assistant.live.pulse import Counts
from assistant.settings import Settings

TOP = Path(__file__).parents[2]
DEPLOY = TOP / "deploy"
CHART = DEPLOY / "helm" / "liveshop"
TEMPLATES = sorted((CHART / "templates").glob("*.yaml"))
ALERTS = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text())["groups"][0]["rules"]
PANELS = json.loads((DEPLOY / "grafana" / "liveshop.json").read_text())["panels"]


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return found


def value_of(path: str) -> Any:
    found: Any = yaml.safe_load((CHART / "values.yaml").read_text())
    for name in path.split("."):
        found = found[name]
    return found


def rendered(template: Path) -> list[dict[str, Any]]:
    """The template with its values in their places, which is all that the chart does."""

    def put(match: re.Match[str]) -> str:
        if match[1] == ".Release.Name":
            return "shop"
        value = value_of(match[1].removeprefix(".Values."))
        return json.dumps(value) if match[2] else str(value)

    text = re.sub(r"\{\{ (\S+)( \| toJson)? \}\}", put, template.read_text())
    assert "{{" not in text
    return list(yaml.safe_load_all(text))


def objects() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for template in TEMPLATES:
        for one in rendered(template):
            found.setdefault(one["kind"], []).append(one)
    return found


def test_every_setting_in_deploy_exists() -> None:
    known = {f"LIVESHOP_{name.upper()}" for name in Settings.model_fields}
    named = set()
    for file in DEPLOY.rglob("*"):
        if file.is_file():
            named |= set(re.findall(r"\bLIVESHOP_[A-Z_]+\b", file.read_text()))
    assert named
    assert named <= known


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_templates_render_to_named_objects(template: Path) -> None:
    for one in rendered(template):
        assert one["apiVersion"]
        assert one["metadata"]["name"].startswith("shop")


def test_the_pod_is_probed_drained_and_without_privileges() -> None:
    pod = objects()["Deployment"][0]["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    container = pod["containers"][0]
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"
    slept = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    drained = int(value_of("drainSeconds")) + slept + 10
    assert pod["terminationGracePeriodSeconds"] >= drained
    environment = {one["name"]: one["value"] for one in container["env"]}
    assert all(isinstance(value, str) for value in environment.values())


def test_every_selector_meets_the_pods() -> None:
    found = objects()
    labels = found["Deployment"][0]["spec"]["template"]["metadata"]["labels"]
    assert found["Service"][0]["spec"]["selector"] == labels
    assert found["PodDisruptionBudget"][0]["spec"]["selector"]["matchLabels"] == labels
    assert found["HorizontalPodAutoscaler"][0]["spec"]["scaleTargetRef"]["name"] == "shop"


def test_vllm_and_chroma_are_private() -> None:
    policies = {one["metadata"]["name"]: one["spec"] for one in objects()["NetworkPolicy"]}
    for name in ("vllm", "chroma"):
        first = policies[f"shop-{name}"]["ingress"][0]["from"][0]
        assert first == {"podSelector": {"matchLabels": {"app.kubernetes.io/name": "liveshop"}}}
    services = compose()["services"]
    for name in ("vllm", "chroma", "postgres", "redis", "liveshop"):
        assert "ports" not in services[name]
    assert compose()["networks"]["back"] == {"internal": True}


def test_images_run_without_root() -> None:
    assert re.search(r"^USER 10001$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    for name, service in compose()["services"].items():
        if name != "postgres":  # it drops its privileges by itself, and needs them to begin with
            assert service["cap_drop"] == ["ALL"], name
    grace = compose()["services"]["liveshop"]["stop_grace_period"]
    assert int(grace.removesuffix("s")) > Settings.model_fields["drain_s"].default


def metrics_there() -> set[str]:
    metrics = Metrics()
    held = dict.fromkeys(("waiting", "in_review", "with_a_person", "unread"), 1)
    metrics.watch_rooms(lambda: [RoomFigures("demo", Counts().model_dump(), held)])
    names = {"up"}
    for family in metrics.registry.collect():
        kind = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"]}
        names |= {family.name + ending for ending in kind.get(family.type, [""])}
    return names


@pytest.mark.parametrize(
    "expression",
    [rule["expr"] for rule in ALERTS] + [panel["targets"][0]["expr"] for panel in PANELS],
)
def test_every_metric_asked_for_is_told(expression: str) -> None:
    named = set(re.findall(r"\bliveshop_\w+|\bup\b", expression))
    assert named
    assert named <= metrics_there()
    assert expression.count("(") == expression.count(")")


def test_every_alert_has_its_runbook_and_no_runbook_is_left_over() -> None:
    headings = re.findall(r"^## (\w+)$", (TOP / "docs" / "runbooks.md").read_text(), re.MULTILINE)
    assert headings == [rule["alert"] for rule in ALERTS]
    for rule in ALERTS:
        assert rule["annotations"]["runbook"] == f"docs/runbooks.md#{rule['alert'].lower()}"
        assert rule["labels"]["severity"] in ("page", "ticket")
