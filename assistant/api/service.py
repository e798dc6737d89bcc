"""What the routes work with: the opened parts of the shop, and the state of each."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Protocol, cast

from fastapi import Depends, Request

from assistant.api.doors import Doors
from assistant.api.metrics import Metrics, RoomFigures
from assistant.api.rates import Counts, Rates
from assistant.api.tokens import Tokens, tokens_of
from assistant.api.turns import Turns
from assistant.errors import Busy
from assistant.events import ReplyEvent
from assistant.live.show import Show
from assistant.settings import Settings
from assistant.tracing import Tracing
from retrieval.catalog import Constraints

if TYPE_CHECKING:
    from assistant.live.rooms import LiveRooms
    from assistant.profiles import Profiles
    from assistant.store import Store
    from assistant.turn.answer import Question
    from assistant.turn.compliance import Compliance
    from retrieval.exploring import Exploration
    from retrieval.ranker import LearnedRanker
    from retrieval.retriever import Candidate

State = Literal["ok", "starting", "degraded", "failed"]
SHOW = Path(str(files("assistant") / "demo_shop" / "replay.jsonl"))
NEEDED = ("records", "index")


class Answering(Protocol):
    """Answers questions. Closing the generator stops the turn and its generation."""

    def answer(self, question: Question) -> AsyncGenerator[ReplyEvent, None]: ...


class Searching(Protocol):
    """Finds products. Blocks: called in a thread."""

    def retrieve(
        self, query: str, constraints: Constraints, limit: int = 20
    ) -> list[Candidate]: ...


@dataclass(frozen=True)
class Shop:
    """The parts once they are open.

    `index_changed` asks for the search index to follow these products' records; any thread may.
    `forget` takes a viewer's turns from memory.
    """

    store: Store
    assistant: Answering
    search: Searching
    index_changed: Callable[[Collection[str]], None]
    compliance: Compliance
    live: LiveRooms
    ranker: LearnedRanker
    profiles: Profiles
    forget: Callable[[str], None] = lambda viewer: None
    exploration: Exploration | None = None


@dataclass
class Part:
    """The state of one part, and a few words on it."""

    state: State = "starting"
    detail: str = ""

    def set(self, state: State, detail: str = "") -> None:
        self.state, self.detail = state, detail


@dataclass
class Service:
    """One running service. `shop` is None until its parts are open, or when they failed to.

    `draining`: it is about to stop, and begins nothing that would be cut off.

    `pictures` and `ui` are the folders of the demo shop's pictures and of our own pages.
    """

    settings: Settings
    pictures: Path
    ui: Path = Path()
    metrics: Metrics = field(default_factory=Metrics)
    shop: Shop | None = None
    parts: dict[str, Part] = field(
        default_factory=lambda: {name: Part() for name in ("records", "index", "engine", "page")}
    )
    show: Show = field(default_factory=lambda: Show(SHOW, "demo"))
    turns: Turns = field(init=False)
    doors: Doors = field(init=False)
    tracing: Tracing = field(default_factory=Tracing)
    rates: Counts = field(default_factory=Rates)
    draining: bool = False

    def __post_init__(self) -> None:
        self.doors = Doors(self)
        self.turns = Turns(max(64, 4 * self.settings.llm_concurrency), self.metrics)
        self.metrics.watch(
            engine_up=lambda: self.parts["engine"].state == "ok",
            turns_running=lambda: self.turns.running,
        )
        self.metrics.watch_rooms(
            lambda: [
                RoomFigures(room, counted, now)
                for room, counted, now in (self.shop.live.figures() if self.shop else ())
            ]
        )

    @cached_property
    def tokens(self) -> Tokens:
        """Signs and reads viewers' tokens; made when first asked for, since it may write a file."""
        return tokens_of(self.settings)

    def drain(self) -> None:
        """Begin nothing new: no turn, no feed. Feeds end, and their readers go elsewhere."""
        self.draining = self.turns.ended = True
        if self.shop:
            self.shop.live.end_feeds()

    @property
    def usable(self) -> bool:
        """Whether questions can be answered: from records at least."""
        return (
            not self.draining
            and self.shop is not None
            and all(self.parts[name].state in ("ok", "degraded") for name in NEEDED)
        )


def service_of(request: Request) -> Service:
    """The service behind a request."""
    return cast(Service, request.app.state.service)


def shop_of(request: Request) -> Shop:
    """The open shop behind a request. Raises Busy while the service starts."""
    shop = service_of(request).shop
    if shop is None:
        raise Busy("the shop is being opened; /readyz says how far it is", retry_after=2)
    return shop


TheService = Annotated[Service, Depends(service_of)]
OpenShop = Annotated[Shop, Depends(shop_of)]
