"""Traces with OpenTelemetry, where it is installed and LIVESHOP_TRACES_URL says where to.

Names of attributes are those of the semantic conventions for HTTP and for generative AI
(https://opentelemetry.io/docs/specs/semconv/gen-ai/). No text of a person or a model is in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from assistant.errors import SettingRefused

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter

Value = str | int | float | bool


class Span(Protocol):
    """One timed piece of work."""

    def set(self, name: str, value: Value) -> None: ...

    def fail(self, kind: str) -> None: ...


class Nothing:
    """The span where nothing is traced."""

    def set(self, name: str, value: Value) -> None:
        """Nothing."""

    def fail(self, kind: str) -> None:
        """Nothing."""


class Tracing:
    """Where spans begin; without `export` they are nothing and cost nothing."""

    def __init__(self) -> None:
        self._on = False

    def export(self, exporter: SpanExporter) -> None:
        """Trace from now on, in batches behind the work. Raises SettingRefused."""
        try:
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ImportError as error:
            raise _missing() from error
        self._provider = TracerProvider(resource=Resource.create({"service.name": "liveshop"}))
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("liveshop")
        self._on = True

    def close(self) -> None:
        """Send what has not been sent."""
        if self._on:
            self._on = False
            self._provider.shutdown()

    @contextmanager
    def span(
        self,
        name: str,
        attributes: Mapping[str, Value],
        *,
        kind: str = "INTERNAL",
        parent: Mapping[str, str] | None = None,
        current: bool = False,
    ) -> Iterator[Span]:
        """A span until the block is left. `parent`: headers that may hold a `traceparent`;
        `current`: spans that begin within are its children. Not for a block that yields to
        others while it is current."""
        if not self._on:
            yield Nothing()
            return
        from opentelemetry import trace
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        context = TraceContextTextMapPropagator().extract(parent) if parent is not None else None
        opened = self._tracer.start_span(
            name, context, trace.SpanKind[kind], attributes=dict(attributes)
        )
        try:
            if current:
                with trace.use_span(opened, record_exception=False, set_status_on_exception=False):
                    yield _Opened(opened)
            else:
                yield _Opened(opened)
        finally:
            opened.end()


class _Opened:
    def __init__(self, span: object) -> None:
        self._span = span

    def set(self, name: str, value: Value) -> None:
        self._span.set_attribute(name, value)  # type: ignore[attr-defined]

    def fail(self, kind: str) -> None:
        from opentelemetry.trace import StatusCode

        self.set("error.type", kind)
        self._span.set_status(StatusCode.ERROR)  # type: ignore[attr-defined]


def exporter_to(url: str) -> SpanExporter:
    """Sends spans to a collector at `url` as OTLP over HTTP. Raises SettingRefused."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError as error:
        raise _missing() from error
    return OTLPSpanExporter(endpoint=f"{url.rstrip('/')}/v1/traces")


def _missing() -> SettingRefused:
    return SettingRefused(
        "LIVESHOP_TRACES_URL is set, but OpenTelemetry is not installed: "
        "pip install 'liveshop[traces]'"
    )
