"""What the log writes: one JSON object a line, each with the request it belongs to."""

from __future__ import annotations

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime

from assistant.personal import masked, masked_in

REQUEST: ContextVar[str] = ContextVar("liveshop_request", default="")
"""The id of the request being answered in this context, '' outside one."""


class JsonLines(logging.Formatter):
    """`at`, `level`, `logger`, `message`, and where there are any `request`, `error` (a traceback)
    and what the record has under `fields`. What is personal in the texts is masked."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": masked(record.getMessage()),
        }
        if request := REQUEST.get():
            line["request"] = request
        if record.exc_info:
            line["error"] = masked(self.formatException(record.exc_info))
        line |= masked_in(getattr(record, "fields", {}))
        return json.dumps(line, ensure_ascii=False)
