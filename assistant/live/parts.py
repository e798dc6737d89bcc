"""What the live rooms of one service share."""

from __future__ import annotations

from dataclasses import dataclass, field

from assistant.live.answers import Writer
from assistant.live.bus import Bus
from assistant.settings import Settings
from assistant.store import Store
from retrieval.names import ProductNames


@dataclass(frozen=True)
class Parts:
    """What the rooms of a service share.

    `talked` is for others to read: by room, the products it talked about, the latest first.
    """

    store: Store
    writer: Writer
    names: ProductNames
    settings: Settings
    bus: Bus
    talked: dict[str, tuple[str, ...]] = field(default_factory=dict)
