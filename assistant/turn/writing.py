"""The model's part of a reply: its sentences, each through the gate before it leaves."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from assistant.errors import Busy, EngineUnavailable
from assistant.events import ReplyEvent, TextReleased
from assistant.turn.conversation import Turn
from assistant.turn.evidence import Evidence, Fact, read_evidence
from assistant.turn.facts import stock_fact
from assistant.turn.generation import (
    Message,
    Task,
    again,
    copies,
    messages,
    repeats_instructions,
    sentences,
)
from assistant.turn.grounding import Verdict, check, drop, mentioned, prepare
from assistant.turn.plan import fallback
from assistant.turn.ports import Engine
from assistant.turn.prices import price_fact
from assistant.turn.reply import Reply
from assistant.turn.understanding import Understanding
from retrieval.catalog import Records
from retrieval.normal import normal

TOKENS: dict[Task, int] = {
    "recommend": 96, "compare": 96, "advise": 64, "answer": 128, "chat": 64,
}  # fmt: skip
ENDED = re.compile(r"[。！？!?.~～…][”’」』）)\"]*$")
# Who has been told a price or the stock waits no longer for a word more, in seconds.
AFTERTHOUGHT_S = 3.0
# Nothing else is done for so long, in seconds, so that the request goes out at once.
REQUEST_S = 0.01
TOLD = frozenset({"price", "stock", "offer"})
ADVICE: frozenset[Task] = frozenset({"recommend", "compare", "advise"})
AGAIN = "\n---\n"  # between the two drafts of a reply that is read again later
SENTENCES: dict[Task, int] = {"recommend": 2, "compare": 2, "advise": 1, "answer": 3, "chat": 2}


@dataclass(frozen=True)
class Writer:
    """Asks the engine, and lets pass what the records support."""

    records: Records
    engine: Engine
    zone: ZoneInfo

    @asynccontextmanager
    async def begun(
        self,
        reply: Reply,
        task: Task,
        asked: Understanding,
        evidence: Evidence,
        said: Sequence[Fact],
        before: Sequence[Turn],
    ) -> AsyncIterator[AsyncGenerator[str]]:
        """Ask the engine for the task: its text as it comes. Leaving stops it."""
        told = [fact.text for fact in said]
        reply.prompt = messages(task, reply.question.text, evidence, told, before, asked.language)
        patience = None
        if task == "advise" and TOLD.issuperset(asked.intents):
            patience = AFTERTHOUGHT_S
        async with self._asked(reply, task, reply.prompt, patience) as timed:
            yield timed

    @asynccontextmanager
    async def _asked(
        self,
        reply: Reply,
        task: Task,
        prompt: Sequence[Message],
        patience: float | None,
    ) -> AsyncIterator[AsyncGenerator[str]]:
        async with aclosing(self.engine.stream(prompt, max_tokens=TOKENS[task])) as deltas:
            first = asyncio.ensure_future(anext(deltas, None))
            try:
                await asyncio.wait((first,), timeout=REQUEST_S)
                async with aclosing(_timed(first, deltas, patience, reply)) as timed:
                    yield timed
            finally:
                first.cancel()
                await asyncio.gather(first, return_exceptions=True)

    async def written(
        self,
        draft: AsyncGenerator[str],
        reply: Reply,
        task: Task,
        asked: Understanding,
        evidence: Evidence,
    ) -> AsyncGenerator[ReplyEvent]:
        """The model's sentences, each through the gate, and what stands in for those it stops.

        A viewer who is to get advice and got none of it is worth asking the model once more.
        """
        # The records are read for the gate while the engine reads its prompt.
        prepared = asyncio.create_task(asyncio.to_thread(prepare, evidence))
        kept = False
        try:
            first = self._released(draft, prepared, reply, task, asked, evidence)
            async with aclosing(first) as events:
                async for event in events:
                    kept = kept or (isinstance(event, TextReleased) and event.source == "model")
                    yield event
            if not kept and reply.raw and task in ADVICE and reply.question.merged is None:
                second = self._second(prepared, reply, task, asked, evidence)
                async with aclosing(second) as events:
                    async for event in events:
                        yield event
        except (EngineUnavailable, Busy):
            if not reply.said:
                for event in reply.say(fallback(asked, evidence)):
                    yield event
            yield reply.notice("engine_unavailable")
        finally:
            await prepared

    async def _second(
        self,
        prepared: asyncio.Task[None],
        reply: Reply,
        task: Task,
        asked: Understanding,
        evidence: Evidence,
    ) -> AsyncGenerator[ReplyEvent]:
        """A second draft; one that fails is not missed, for what records say stands already."""
        prompt = again(reply.prompt, "".join(reply.raw), task, asked.language)
        reply.raw.append(AGAIN)
        with suppress(EngineUnavailable, Busy):
            async with self._asked(reply, task, prompt, AFTERTHOUGHT_S) as draft:
                released = self._released(draft, prepared, reply, task, asked, evidence)
                async with aclosing(released) as events:
                    async for event in events:
                        yield event

    async def _released(
        self,
        draft: AsyncGenerator[str],
        prepared: asyncio.Task[None],
        reply: Reply,
        task: Task,
        asked: Understanding,
        evidence: Evidence,
    ) -> AsyncGenerator[ReplyEvent]:
        """One draft's sentences as they pass the gate."""
        ids = tuple(product.id for product in evidence.products)
        about: str | None = None
        spoken = ""
        orphaned = False
        released = 0
        earlier = len(reply.raw)
        async with aclosing(sentences(draft)) as whole:
            async for sentence in whole:
                await prepared
                # A piece of the stream is about a token: at the limit the end is torn off.
                if len(reply.raw) - earlier >= TOKENS[task] and not ENDED.search(sentence):
                    reply.stopped.append(f"cut: {sentence}")
                    continue
                if repeats_instructions(sentence) or copies(sentence, evidence, reply.language):
                    reply.stopped.append(f"prompt: {sentence}")
                    continue
                with reply.watch.stage("grounding"):
                    evidence, verdict = await asyncio.to_thread(
                        self._judge, sentence, ids, reply, asked, about, spoken
                    )
                named = mentioned(normal(sentence), evidence)
                if verdict.action == "pass" and orphaned and not named:
                    verdict = drop("orphan")
                if verdict.action != "pass":
                    reply.stopped.append(f"{verdict.rule}: {sentence}")
                # Nobody would know which of several products it is that follows.
                orphaned = verdict.action == "drop" and len(ids) > 1 and (orphaned or bool(named))
                if verdict.action == "replace" and verdict.product_id:
                    for event in self._replace(reply, verdict.rule, verdict.product_id, evidence):
                        yield event
                elif verdict.action == "pass" and not reply.repeats(sentence):
                    about = named[-1].product.id if named else about
                    said = reply.say(Fact(sentence), model=True)
                    for event in said:
                        yield event
                    spoken += sentence if said else ""
                    released += bool(said)
                    if released >= SENTENCES[task]:
                        break

    def _judge(
        self,
        sentence: str,
        ids: tuple[str, ...],
        reply: Reply,
        asked: Understanding,
        about: str | None,
        spoken: str,
    ) -> tuple[Evidence, Verdict]:
        """The records read now, and what they say of the sentence."""
        evidence = read_evidence(self.records, ids, self.zone, asked.variant_ids)
        question = reply.question.text
        return evidence, check(sentence, evidence, reply.language, question, about, spoken)

    def _replace(
        self, reply: Reply, rule: str, product_id: str, evidence: Evidence
    ) -> list[ReplyEvent]:
        """The record's own sentence in place of one that contradicted it, once a reply."""
        product = evidence.product(product_id)
        if product is None:
            return []
        fact = (stock_fact if rule == "stock" else price_fact)(product, evidence, reply.language)
        if reply.repeats(fact.text):
            return []
        return [*reply.say(fact), reply.notice("sentence_replaced")]


async def _timed(
    first: asyncio.Future[str | None],
    deltas: AsyncGenerator[str],
    patience: float | None,
    reply: Reply,
) -> AsyncGenerator[str]:
    """The engine's texts, with the first one noted and the whole stream timed.

    Nothing where the first has not come within `patience` seconds; None waits as the engine does.
    """
    with reply.watch.stage("generation"):
        try:
            text = await asyncio.wait_for(first, patience)
        except TimeoutError:
            return
        if text is None:
            return
        reply.watch.reached("first_token")
        reply.raw.append(text)
        yield text
        async for text in deltas:
            reply.raw.append(text)
            yield text
