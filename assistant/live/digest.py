"""What a batch of events makes of a room: questions asked, joined, handed on; the show going on.

Runs in a thread, over the state of one room, and writes nothing: it says what is to be kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from assistant.live.asked import Asked
from assistant.live.comments import CommentReader, Read, mentioned
from assistant.live.entries import Entry
from assistant.live.questions import MOST_WORDINGS, MergedQuestion
from assistant.live.state import RoomState, told_in_chat
from assistant.live.validity import Basis
from assistant.store.events import Event
from assistant.store.live import Asker, FeedItem, Step
from assistant.turn.understanding import Understanding, understand
from retrieval.catalog import Language
from retrieval.names import ProductNames

PERSONS = frozenset({"order", "complaint", "person", "schedule"})
# The words with which a host turns to the next item.
TURNS_TO = re.compile(
    r"接下来|下面|下一[款个件]|现在(?:来看|给大家|上|讲)|我们(?:来看|看一下|上)|上链接|"
    r"\b(?:next up|next is|moving on|let'?s (?:look|move)|now let|here comes|coming up)\b",
    re.I,
)


class Digest:
    """Reads events into a room's state, and collects what the step has to keep.

    Ages count from when an event is read: a connector's clock may stand anywhere.
    """

    def __init__(
        self,
        state: RoomState,
        reader: CommentReader,
        names: ProductNames,
        basis: Basis,
        now: datetime,
        clock_s: float,
    ) -> None:
        self.state, self._reader, self._names = state, reader, names
        self._basis, self._now, self._clock_s = basis, now, clock_s
        self.changed: dict[str, Entry] = {}
        self.askers: list[Asker] = []
        self.feed: list[FeedItem] = []
        self.turned_to: str | None = None

    def step(self, events: Sequence[Event]) -> Step:
        """What is to be kept once these events, in order of arrival, have been read."""
        for event in events:
            self._take(event)
            self.state.seq = event.seq
        return Step(
            room=self.state.id,
            seq=self.state.seq,
            state=self.state.kept(),
            questions=[entry.row() for entry in self.changed.values()],
            askers=self.askers,
            feed=self.feed,
        )

    def _take(self, event: Event) -> None:
        state = self.state
        match event.type:
            case "live.comment":
                self._comment(event)
            case "live.transcript":
                self._transcript(str(event.data.get("text", "")))
            case "live.product.on_air":
                self._on_air(event)
            case "live.stream.started":
                state.started_at, state.ended_at = event.time, None
                self._feed(event, "stream", {"state": "started"})
            case "live.stream.ended":
                state.ended_at = event.time
                self._feed(event, "stream", {"state": "ended"})
            case "reply.shown" if not event.data.get("merged"):
                state.told.extend(told_in_chat(event.data, event.viewer, event.time))
                if event.data.get("handed_off"):
                    self._from_chat(event)

    def _feed(self, event: Event, kind: str, data: dict[str, object]) -> None:
        self.feed.append(FeedItem(self.state.id, f"{kind}:{event.seq}", kind, self._now, data))

    def _on_air(self, event: Event) -> None:
        product_id = event.data.get("product_id")
        if self.state.on_air:
            self.state.talked_of(self.state.on_air)
        self.state.on_air = product_id
        self._feed(event, "on_air", {"product_id": product_id})

    def _transcript(self, text: str) -> None:
        """The host's words tell what is talked about; what they claim is no fact of the shop."""
        self.state.said_last = text[-300:]
        named = mentioned(text, self.state.seen, self._names, self.state.recent)
        for product_id in reversed(named):
            self.state.talked_of(product_id)
        if len(named) == 1 and named[0] != self.state.on_air and TURNS_TO.search(text):
            self.turned_to = named[0]

    def _comment(self, event: Event) -> None:
        state, text = self.state, str(event.data.get("text", "")).strip()
        viewer = event.viewer or f"{event.source}:{event.id}"
        if viewer in state.mutes:
            state.pulse.counts.muted += 1
            return
        read = self._reader.read(text, state.seen, state.recent)
        state.pulse.comment(read.triage.label, self._now)
        if read.asked is None or read.alike is None:
            return
        if not state.viewers.take(self._clock_s, viewer):
            state.pulse.counts.rate_limited += 1
            return
        self._question(event, viewer, text, read, read.asked, read.alike)

    def _question(
        self,
        event: Event,
        viewer: str,
        text: str,
        read: Read,
        asked: Understanding,
        alike: Asked,
    ) -> None:
        state = self.state
        product = asked.product_ids[0] if asked.product_ids else None
        state.pulse.question(f"{asked.intents[0]} {product or ''}".strip(), self._now)
        self._note_unmet(asked)
        found = state.merger.find(alike)
        entry = state.entries.get(found.id) if found else None
        if entry is None:
            entry = self._opened(event, text, read, asked)
            state.merger.open(entry.question.id, alike)
        self._join(entry, event, viewer, text, asked.language)

    def _opened(self, event: Event, text: str, read: Read, asked: Understanding) -> Entry:
        question = MergedQuestion(
            id=f"q{event.seq}",
            room=self.state.id,
            text=text[:300],
            language=asked.language,
            label=read.triage.label,
            intents=asked.intents,
            product_ids=asked.product_ids,
            urgency=read.triage.urgency,
            first_at=self._now,
            last_at=self._now,
            opened_at=self._now,
        )
        entry = Entry(question, asked)
        if read.triage.label == "complaint" or asked.intents[0] in PERSONS:
            question.status = "handed_off"
            question.context = "needs a person: " + asked.intents[0]
            self.state.pulse.counts.handed_off += 1
        self.state.entries[question.id] = entry
        self.state.pulse.counts.merged += 1
        return entry

    def _join(self, entry: Entry, event: Event, viewer: str, text: str, language: Language) -> None:
        question = entry.question
        question.times += 1
        question.last_at = self._now
        if text not in (question.text, *question.wordings) and (
            len(question.wordings) < MOST_WORDINGS
        ):
            question.wordings.append(text[:300])
        self.changed[question.id] = entry
        if viewer not in entry.viewers:
            entry.viewers.add(viewer)
            question.askers += 1
            question.languages[language] = question.languages.get(language, 0) + 1
            self.askers.append(Asker(question.id, viewer, self._now))
        elif question.status != "answered":
            return
        if question.status == "answered" or language in question.answers:
            self._to_answered(entry, viewer, language)
        elif question.status in ("waiting", "review"):
            entry.fresh.add(viewer)
        elif question.status in ("expired", "shed"):
            self._open_again(entry, viewer)

    def _to_answered(self, entry: Entry, viewer: str, language: Language) -> None:
        """A newcomer gets the answer while it is true; else the question is open again."""
        answer = entry.question.answers.get(language)
        if answer is None:
            entry.question.status, entry.question.opened_at = "waiting", self._now
            entry.fresh = {viewer}
        elif answer.by == "host" or self._basis.of(answer.used) == answer.basis:
            entry.joined += 1
            counts = self.state.pulse.counts
            counts.joined += 1
            counts.answered_askers += 1
        else:
            self._open_again(entry, viewer)

    def _open_again(self, entry: Entry, viewer: str) -> None:
        question = entry.question
        question.status, question.opened_at = "waiting", self._now
        question.answers, question.drafts = {}, {}
        question.revision += 1
        entry.fresh, entry.joined = {viewer}, 0

    def _note_unmet(self, asked: Understanding) -> None:
        """A sold-out variant that was asked for by its name is a wish the shop cannot meet."""
        if not asked.variant_ids:
            return
        for product in self._basis.evidence(asked.product_ids).products:
            for variant in product.variants:
                if variant.id in asked.variant_ids and not variant.availability.available:
                    label = variant.label("zh") or product.title.say("zh")
                    self.state.pulse.lacking(label, product.id)

    def _from_chat(self, event: Event) -> None:
        """A chat turn that was handed off waits in the same queue, with what was said."""
        text = str(event.data.get("question", ""))[:300]
        asked = understand(text, room=self.state.seen, names=self._names, recent=self.state.recent)
        question = MergedQuestion(
            id=f"q{event.seq}",
            room=self.state.id,
            origin="chat",
            status="handed_off",
            text=text or "-",
            language=asked.language,
            intents=asked.intents,
            product_ids=asked.product_ids,
            askers=1,
            times=1,
            languages={asked.language: 1},
            first_at=self._now,
            last_at=self._now,
            opened_at=self._now,
            context=f"answered so far: {str(event.data.get('text', ''))[:500]}",
        )
        entry = Entry(question, asked, {event.viewer} if event.viewer else set())
        self.state.entries[question.id] = entry
        self.changed[question.id] = entry
        if event.viewer:
            self.askers.append(Asker(question.id, event.viewer, self._now))
        self.state.pulse.counts.handed_off += 1
