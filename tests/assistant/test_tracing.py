"""One trace from a request to the model it asks; nothing of what people write is in it."""

from __future__ import annotations

import pytest

from assistant.llm.client import LlmClient
from assistant.llm.tier import Tier
from assistant.tracing import Tracing
from tests.fake_engine import FakeEngine

memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
get_current_span = pytest.importorskip("opentelemetry.trace").get_current_span


async def test_what_a_model_is_asked_is_a_child_with_gen_ai_names() -> None:
    kept, tracing = memory.InMemorySpanExporter(), Tracing()
    tracing.export(kept)
    with FakeEngine("甲", "a") as engine:
        client = LlmClient(engine.base_url, engine.model, "none", 5, 5, 50, 4)
        async with Tier([client], lambda *_: None, tracing=tracing) as tier:
            with tracing.span("POST", {}, kind="SERVER", current=True):
                assert [text async for text in tier.stream([("user", "推荐")])] == ["甲"]
    tracing.close()
    child, parent = kept.get_finished_spans()
    assert child.parent.span_id == parent.context.span_id
    assert child.name == "chat a"
    assert child.attributes["gen_ai.operation.name"] == "chat"
    assert child.attributes["gen_ai.request.model"] == "a"
    assert child.attributes["gen_ai.response.time_to_first_chunk"] > 0
    assert "推荐" not in str(child.attributes)


def test_without_a_collector_a_span_is_nothing() -> None:
    with Tracing().span("GET", {}, current=True) as span:
        span.set("a", 1)
        span.fail("x")
        assert not get_current_span().get_span_context().is_valid
