"""One JSON object a line, with its request, without what is personal."""

from __future__ import annotations

import json
import logging
import sys

from assistant.logs import REQUEST, JsonLines
from assistant.personal import MASK


def record(message: str, **more: object) -> logging.LogRecord:
    made = logging.LogRecord("assistant.x", logging.WARNING, "f", 1, message, None, None)
    made.__dict__.update(more)
    return made


def test_a_line_is_an_object_with_its_request() -> None:
    token = REQUEST.set("abc-123-def")
    line = json.loads(
        JsonLines().format(record("answered", fields={"status": 200, "room": "打13812345678"}))
    )
    REQUEST.reset(token)
    assert (line["level"], line["logger"], line["message"]) == (
        "warning",
        "assistant.x",
        "answered",
    )
    assert (line["request"], line["status"]) == ("abc-123-def", 200)
    assert line["room"] == f"打{MASK}"
    assert line["at"].endswith("+00:00")
    assert "request" not in json.loads(JsonLines().format(record("alone")))


def test_what_is_personal_stays_out_of_message_and_traceback() -> None:
    try:
        raise ValueError("call 13812345678")
    except ValueError:
        failed = record("from ann@example.com", exc_info=sys.exc_info())
    line = json.loads(JsonLines().format(failed))
    assert "ann@" not in line["message"]
    assert "ValueError" in line["error"]
    assert "13812345678" not in line["error"]
