"""Which products a turn is about, why each is there, and what records say of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from zoneinfo import ZoneInfo

from assistant.turn.evidence import Evidence, Fact, read_evidence
from assistant.turn.meant import SHOP_RULES
from assistant.turn.plan import chosen_facts
from assistant.turn.ports import Profiles
from assistant.turn.relatives import fitting
from assistant.turn.reply import Reply
from assistant.turn.understanding import Understanding
from retrieval.catalog import Exposure, Product, Records, Text
from retrieval.exploring import Exploration
from retrieval.ranker import Ranked, Ranker
from retrieval.retriever import Candidate, Retriever

MOST_CARDS = 3
_BESIDE = 20  # candidates beside the product at hand


class Found(NamedTuple):
    """The products in play as evidence, why each is there by id, and the facts to say first."""

    evidence: Evidence
    reasons: Mapping[str, tuple[Text, ...]]
    said: list[Fact]


@dataclass(frozen=True)
class Finder:
    """Searches, ranks and reads. Calls block: make them in a thread."""

    records: Records
    retriever: Retriever
    ranker: Ranker
    profiles: Profiles | None
    zone: ZoneInfo
    exploration: Exploration = field(default_factory=Exploration)

    def find(self, reply: Reply, asked: Understanding) -> Found:
        """What the question is about; search is asked where the question leaves that open."""
        ids = (asked.product_ids + asked.ambiguous)[:MOST_CARDS]
        reasons: dict[str, tuple[Text, ...]] = {}
        read: Mapping[str, Product] = {}
        search = _open(asked)
        if searches(asked):
            ranked, read = self._ranked(reply, asked)
            found = [r for r in ranked if r.product_id not in ids]
            chosen = self._chosen(reply, asked, found, read, search)
            ids += tuple(one.product_id for one in chosen)
            reply.exposures = {one.product_id: one for one in chosen}
            reply.ranker, reply.arm = (ranked[0].ranker, ranked[0].arm) if ranked else ("", "")
            reasons = {r.product_id: r.reasons for r in ranked}
        # The room's own list was held against no limit: it stands in only where none was set.
        if search and not ids and "recommendation" in asked.intents and asked.constraints.empty:
            ids = tuple(item.product_id for item in reply.room.items[:MOST_CARDS])
        with reply.watch.stage("facts"):
            evidence = read_evidence(self.records, ids, self.zone, asked.variant_ids, read)
            said = chosen_facts(
                reply.question.text, reply.room, asked, evidence, search, self.retriever.near
            )
        return Found(evidence, reasons, said)

    def _chosen(
        self,
        reply: Reply,
        asked: Understanding,
        ranked: Sequence[Ranked],
        read: Mapping[str, Product],
        search: bool,
    ) -> list[Exposure]:
        """The cards of what search found; chance has a say where a question leaves it open."""
        if not search or asked.way:
            return Exploration().choose(ranked, read, MOST_CARDS if search else 1, reply.id)
        # What is said of what was found is said of the first, unless a list is asked for.
        first = 0 if asked.intents[0] == "recommendation" else 1
        return self.exploration.choose(ranked, read, MOST_CARDS, reply.id, first)

    def _ranked(
        self, reply: Reply, asked: Understanding
    ) -> tuple[list[Ranked], Mapping[str, Product]]:
        """What search finds for the question within its limits, the best first, and its records."""
        with reply.watch.stage("retrieval"):
            query, candidates = self._candidates(asked)
            products = self.records.products(tuple(c.product_id for c in candidates))
        with reply.watch.stage("ranking"):
            profile = self.profiles.of(reply.question.viewer) if self.profiles else None
            ranked = self.ranker.rank(query, candidates, products, reply.room, profile)
        return ranked, products

    def _candidates(self, asked: Understanding) -> tuple[str, list[Candidate]]:
        """What is searched for and found; where no product has every property, without these."""
        limits = asked.constraints
        base = self.records.products((asked.beside,)).get(asked.beside) if asked.way else None
        if base is not None and asked.way is not None:
            query = base.title.say(asked.language)
            bare = limits.model_copy(update={"attributes": (), "categories": ()})
            found = self.retriever.retrieve(query, bare, _BESIDE)
            products = self.records.products(tuple(c.product_id for c in found))
            there = (products[c.product_id] for c in found if c.product_id in products)
            kin = fitting(base, there, asked.way)
            if kin:
                return query, [c for c in found if c.product_id in kin]
        found = self.retriever.retrieve(asked.query, limits, self.ranker.pool)
        if not found and limits.attributes:
            limits = limits.model_copy(update={"attributes": ()})
            found = self.retriever.retrieve(asked.query, limits, self.ranker.pool)
        return asked.query, found


def _open(asked: Understanding) -> bool:
    """Whether a question leaves open which product it is about."""
    named = asked.product_ids or asked.ambiguous or asked.unknown_reference
    return not named and asked.intents[0] != "small_talk"


def searches(asked: Understanding) -> bool:
    """Whether search is to find products for a question."""
    if _open(asked):
        wanted = bool(asked.query) or "recommendation" in asked.intents
        return wanted and bool(set(asked.intents) - SHOP_RULES)
    # One of two compared things may be named in words that are no name.
    compares = "comparison" in asked.intents and len(asked.variant_ids) < 2
    return compares and len(asked.product_ids + asked.ambiguous) == 1
