"""The exception tree. A message names the key, the value and the remedy.

LiveshopError
├── SettingRefused      a setting has a value that cannot work
├── ModelFileRefused    a model file is missing, cut short or not the pinned one
├── EngineUnavailable   the LLM cannot be reached, or is restarting
│   └── EngineTooSlow   a deadline for the first or the next token has passed
├── NotFound            a room, product, offer or viewer that is not there
├── Conflict            the thing is there but its state forbids the call
├── Busy                a queue is full; come back after `retry_after` seconds
│   └── RoomMoved       another process works on the room by now; come back
├── FetchRefused        an address from outside that is not fetched from, or does not answer
├── NotPublished        figures of a room that cannot be made private (published.py)
├── BackupRefused       a backup that cannot be restored here
└── IndexLocked         another process owns the embedded vector index
"""

from __future__ import annotations


class LiveshopError(Exception):
    """Root of this tree."""


class SettingRefused(LiveshopError):
    """A setting has a value that cannot work."""


class ModelFileRefused(LiveshopError):
    """A model file is missing, cut short or not the pinned one."""


class EngineUnavailable(LiveshopError):
    """The LLM cannot be reached, broke off, or is restarting."""


class EngineTooSlow(EngineUnavailable):
    """A deadline for the first or the next token has passed."""


class NotFound(LiveshopError):
    """A room, product, offer or viewer that is not there."""


class Conflict(LiveshopError):
    """The thing is there, but its state forbids the call."""


class Busy(LiveshopError):
    """A queue is full."""

    def __init__(self, message: str, retry_after: int = 1) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class RoomMoved(Busy):
    """Another process works on the room by now."""


class FetchRefused(LiveshopError):
    """An address from outside that is not fetched from, or that does not answer."""


class BackupRefused(LiveshopError):
    """A backup that cannot be restored here."""


class IndexLocked(LiveshopError):
    """Another process owns the embedded vector index."""
