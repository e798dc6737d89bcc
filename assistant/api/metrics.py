"""Prometheus metrics of one service, in a registry of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from starlette.types import ASGIApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from assistant.watching import Watched

__all__ = ["CONTENT_TYPE", "CountRequests", "Metrics"]

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """What /metrics tells. Durations are seconds, as Prometheus wants them."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "liveshop_requests", "HTTP requests", ("route", "status"), registry=self.registry
        )
        self.request_seconds = Histogram(
            "liveshop_request_seconds",
            "Time from a request to the end of its response",
            ("route",),
            registry=self.registry,
            buckets=SECONDS,
        )
        self.stage_seconds = Histogram(
            "liveshop_stage_seconds",
            "Time of each stage of a turn",
            ("stage",),
            registry=self.registry,
            buckets=SECONDS,
        )
        self.replies = Counter(
            "liveshop_replies", "Replies by how they ended", ("reason",), registry=self.registry
        )
        self.turns_running = Gauge(
            "liveshop_turns_running", "Turns being answered now", registry=self.registry
        )
        self.engine_up = Gauge(
            "liveshop_engine_up", "1 while the LLM answers, 0 otherwise", registry=self.registry
        )

        self.generations = Counter(
            "liveshop_generations",
            "Texts asked of a model by how that ended",
            ("model", "outcome"),
            registry=self.registry,
        )
        self.pieces = Counter(
            "liveshop_generated_pieces",
            "Pieces of text that a model sent, about a token each",
            ("model",),
            registry=self.registry,
        )
        self.first_token_seconds = Histogram(
            "liveshop_first_token_seconds",
            "Time from asking a model to its first text",
            ("model",),
            registry=self.registry,
            buckets=SECONDS,
        )

    def generation(self, model: str, outcome: str, seconds: float | None, texts: int) -> None:
        """Count one text asked of a model; see `assistant.llm.tier.Told`."""
        self.generations.labels(model, outcome).inc()
        self.pieces.labels(model).inc(texts)
        if seconds is not None:
            self.first_token_seconds.labels(model).observe(seconds)

    def watch(self, engine_up: Callable[[], bool], turns_running: Callable[[], int]) -> None:
        """Read these two whenever metrics are collected."""
        self.engine_up.set_function(lambda: float(engine_up()))
        self.turns_running.set_function(turns_running)

    def watch_rooms(self, figures: Callable[[], Iterable[RoomFigures]]) -> None:
        """Read what live rooms count whenever metrics are collected."""
        self.registry.register(_Rooms(figures))

    def watch_ranker(self, version: Callable[[], int], figures: Callable[[], Watched]) -> None:
        """Read how the ranker does whenever metrics are collected."""
        self.registry.register(_Ranker(version, figures))

    def reply(self, reason: str, timings_ms: Mapping[str, float]) -> None:
        """Count one reply. A stage that did not run took 0 ms and is left out."""
        self.replies.labels(reason).inc()
        for stage, milliseconds in timings_ms.items():
            if milliseconds > 0:
                self.stage_seconds.labels(stage).observe(milliseconds / 1000)

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self.registry)


class RoomFigures(NamedTuple):
    """What one room has counted since its stream began, and what it holds now."""

    room: str
    counted: Mapping[str, int]
    now: Mapping[str, int]


class _Rooms:
    """liveshop_room_NAME_total for each thing counted, liveshop_room_NAME for each held."""

    def __init__(self, figures: Callable[[], Iterable[RoomFigures]]) -> None:
        self._figures = figures

    def describe(self) -> Iterator[Metric]:
        """Nothing: the names are known once there is a room."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Every figure of every room, labelled with its id."""
        families: dict[str, CounterMetricFamily | GaugeMetricFamily] = {}
        for one in self._figures():
            for name, value in one.counted.items():
                text = f"{name.replace('_', ' ')} of a room's stream"
                family = families.setdefault(
                    name, CounterMetricFamily(f"liveshop_room_{name}", text, labels=("room",))
                )
                family.add_metric((one.room,), value)
            for name, value in one.now.items():
                text = f"{name.replace('_', ' ')} of a room now"
                family = families.setdefault(
                    name, GaugeMetricFamily(f"liveshop_room_{name}", text, labels=("room",))
                )
                family.add_metric((one.room,), value)
        yield from families.values()


class _Ranker:
    """liveshop_ranker_NAME: the version that serves, and what `assistant.watching` found."""

    def __init__(self, version: Callable[[], int], figures: Callable[[], Watched]) -> None:
        self._version, self._figures = version, figures

    def describe(self) -> Iterator[Metric]:
        """Nothing: reading the figures may wait for the records."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """The figures now."""
        found = self._figures()
        told = {
            "version": ("Learned version that serves, 0 for what ships", float(self._version())),
            "cards": ("Latest cards that the other figures are of", float(found.cards)),
            "taken_share": ("Share of these with a view, click, cart or purchase", found.taken),
            "explored_share": ("Share of these shown to learn of them", found.explored),
        }
        if found.calibration_error is not None:
            text = "How far deeds are from what scores foretell, 0 to 1"
            told["calibration_error"] = (text, found.calibration_error)
        for name, (text, value) in told.items():
            yield GaugeMetricFamily(f"liveshop_ranker_{name}", text, value)
        text = "Population stability index of a feature, the latest cards against those before"
        drift = GaugeMetricFamily("liveshop_ranker_drift", text, labels=("feature",))
        for feature, value in found.drift.items():
            drift.add_metric((feature,), value)
        yield drift


class CountRequests:
    """ASGI middleware: counts requests by route template, so that ids never become labels."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 499  # the client left before a response began
        begun = time.perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            self.metrics.requests.labels(route, str(status)).inc()
            self.metrics.request_seconds.labels(route).observe(time.perf_counter() - begun)
