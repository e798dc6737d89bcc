"""Who answers: liveshop, the plain model, the model with passages pasted in, BM25 alone.

A solver gets the turn with what was said before and gives a Reply.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import httpx

from eval.dialogue_reply import Reply
from eval.dialogue_truth import Truth
from eval.safety_records import Product
from retrieval.lexical import tokens

BUSY, RETRIES, ANSWER_S = (429, 503), 5, 300.0
MOST_TOKENS = 160  # as many as the service lets its model write
SHOP = {
    "zh": "你是直播间的导购助手，用中文简短回答观众。",
    "en": "You are the shopping assistant of a live room. Answer in English, briefly.",
}
PASTED = {
    "zh": "参考以下商品资料回答：\n{passages}\n\n观众：{question}",
    "en": "Answer from these product notes:\n{passages}\n\nViewer: {question}",
}


@dataclass(slots=True)
class Asking:
    """One turn to be answered. `before` holds the turns already answered."""

    say: str
    language: str
    room: str
    conversation: str
    truth: Truth
    on_air: str | None = None
    before: list[tuple[str, str]] = field(default_factory=list)


class Solver(Protocol):
    """Answers one turn. Raises httpx.HTTPError where the infrastructure fails."""

    name: str

    async def reply(self, asking: Asking) -> Reply: ...


def now() -> str:
    """The moment, as it is kept."""
    return datetime.now(UTC).isoformat()


class Liveshop:
    """The service over REST; `home` is its folder, from whose log the gate's decisions are read."""

    name = "liveshop"

    def __init__(self, client: httpx.AsyncClient, home: Path | None = None) -> None:
        self._client, self._log = client, home / "liveshop.db" if home else None

    async def reply(self, asking: Asking) -> Reply:
        at, begin = now(), time.monotonic()
        body = {"message": asking.say, "conversation_id": asking.conversation}
        path = f"/api/v1/rooms/{asking.room}/chat"
        for attempt in range(RETRIES):
            answer = await self._client.post(path, json=body)
            if answer.status_code not in BUSY or attempt == RETRIES - 1:
                break
            await asyncio.sleep(float(answer.headers.get("Retry-After", 1)))
        took = (time.monotonic() - begin) * 1000
        if answer.status_code in BUSY:
            answer.raise_for_status()
        if answer.is_error:
            # A question that the service fails on is one it does not answer: no machine's fault.
            why = f"{answer.status_code} {answer.text[:300]}"
            return Reply("", finish="error", evidence=(why,), milliseconds=took, at=at)
        said = answer.json()
        cited = tuple(each["record"] for each in said["citations"])
        return Reply(
            text=said["text"],
            language=said["language"],
            model=tuple(p["text"].strip() for p in said["parts"] if p["source"] == "model"),
            cards=tuple(card["id"] for card in said["products"]),
            cited=cited,
            notices=tuple(notice["code"] for notice in said["notices"]),
            finish=said["finish_reason"],
            stopped=await asyncio.to_thread(self._stopped, said["reply_id"]),
            evidence=tuple(_told(record, asking) for record in cited),
            milliseconds=took,
            timings_ms=said["timings_ms"],
            at=at,
        )

    def _stopped(self, reply_id: str) -> tuple[str, ...]:
        """What the gate and the rules kept back, each as rule and sentence."""
        if self._log is None or not self._log.is_file():
            return ()
        query = "SELECT data FROM events WHERE source = 'liveshop' AND id = ?"
        with closing(sqlite3.connect(f"file:{self._log}?mode=ro", uri=True)) as log:
            row = log.execute(query, (reply_id,)).fetchone()
        return tuple(json.loads(row[0])["stopped_by_gate"]) if row else ()


def _told(record: str, asking: Asking) -> str:
    """A cited record as it stands, in a line."""
    kind, _, key = record.partition(":")
    records = asking.truth.records
    if kind == "product" and key in records.products:
        return passage(records.products[key], asking)[:300]
    if kind == "offer" and key in records.offers:
        return records.offers[key].title.say(asking.language)
    if kind == "policy" and key in records.policies:
        return records.policies[key].text.say(asking.language)
    return record


@dataclass(slots=True)
class Model:
    """An OpenAI-compatible engine, asked for whole answers."""

    client: httpx.AsyncClient
    name: str
    seed: int = 1
    temperature: float = 0.0

    async def answer(self, messages: Sequence[Mapping[str, str]]) -> str:
        """What the model says to `messages`."""
        body: dict[str, Any] = {
            "model": self.name,
            "messages": list(messages),
            "max_tokens": MOST_TOKENS,
            "temperature": self.temperature,
            "seed": self.seed,
        }
        answer = await self.client.post("chat/completions", json=body)
        answer.raise_for_status()
        return str(answer.json()["choices"][0]["message"]["content"]).strip()


class Plain:
    """The model alone, with no evidence."""

    name = "plain"

    def __init__(self, model: Model) -> None:
        self._model = model

    async def reply(self, asking: Asking) -> Reply:
        at, begin = now(), time.monotonic()
        text = await self._model.answer([*_opening(asking), _user(asking.say)])
        took = (time.monotonic() - begin) * 1000
        return Reply(text, model=(text,), milliseconds=took, at=at)


class Pasted:
    """The three passages nearest to the message pasted into one prompt, as neighbours do it.

    The passages are written from the records as they stand, which is kinder than an index of
    yesterday.
    """

    name = "pasted"

    def __init__(self, model: Model, most: int = 3) -> None:
        self._model, self._most = model, most

    async def reply(self, asking: Asking) -> Reply:
        at, begin = now(), time.monotonic()
        chosen = await asyncio.to_thread(nearest, asking, self._most)
        passages = [passage(product, asking) for product in chosen]
        numbered = "\n".join(f"{n}. {text}" for n, text in enumerate(passages, 1))
        prompt = PASTED[asking.language].format(passages=numbered, question=asking.say)
        text = await self._model.answer([*_opening(asking), _user(prompt)])
        took = (time.monotonic() - begin) * 1000
        evidence = tuple(p[:300] for p in passages)
        return Reply(text, model=(text,), evidence=evidence, milliseconds=took, at=at)


class Bm25:
    """No model: the best passage by BM25, read out, with its card."""

    name = "bm25"

    async def reply(self, asking: Asking) -> Reply:
        at, begin = now(), time.monotonic()
        (product,) = await asyncio.to_thread(nearest, asking, 1)
        took = (time.monotonic() - begin) * 1000
        text = passage(product, asking)
        return Reply(text, cards=(product.id,), evidence=(text[:300],), milliseconds=took, at=at)


def _opening(asking: Asking) -> list[dict[str, str]]:
    said = [{"role": "system", "content": SHOP[asking.language]}]
    for question, answer in asking.before[-2:]:
        said += [_user(question), {"role": "assistant", "content": answer}]
    return said


def _user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def passage(product: Product, asking: Asking) -> str:
    """A product's record as prose: name, prices now, stock, attributes, description."""
    language, moment = asking.language, datetime.now(UTC)
    prices = [
        f"{v.label(language)} ¥{asking.truth.records.price(product, v, moment):f} "
        + (("有货" if v.available else "售罄") if language == "zh"
           else ("in stock" if v.available else "sold out"))
        for v in product.variants
    ]  # fmt: skip
    attributes = [f"{a.name.say(language)} {a.value.say(language)}" for a in product.attributes]
    parts = [product.name(language), *prices, *attributes, product.description.say(language)]
    return ("；" if language == "zh" else "; ").join(part.strip() for part in parts)


def nearest(asking: Asking, most: int) -> list[Product]:
    """The products whose words fit the message best, by BM25 (Robertson and Zaragoza 2009)."""
    import bm25s

    products = list(asking.truth.records.products.values())
    texts = [[*p.texts(), *p.aliases] for p in products]
    index = bm25s.BM25()
    index.index([tokens(" ".join(text)) for text in texts], show_progress=False)
    said = [word for word in tokens(asking.say) if word in index.vocab_dict]
    if not said:
        return products[:most]
    found, _ = index.retrieve([said], k=most, show_progress=False)
    return [products[int(at)] for at in found[0]]
