"""Does anything of one viewer or room reach another? Asked a thousand times over HTTP.

Three rooms, viewers with tokens who have asked, commented and looked each with a word of their
own, keys of hosts and connectors for one room each. A probe is a leak where it is let in though
nothing vouches for it, or where what comes back, or what the engine is told, holds the word of
somebody else. Refused probes are noted by their status alone.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import httpx

from eval.figures import CouldNotMeasure, count
from eval.loopback import HEAD, Loopback
from eval.safety_outcome import Outcome
from eval.service import ROOT, Service, running_service

ROOMS, CLOSED, VIEWERS = ("red", "blue", "closed"), "closed", 8
KEY = "leaks"  # of a service of its own, gone afterwards
REFUSED = frozenset((401, 403))
ANSWER_S, FEED_S = 60.0, 0.4


class Parrot(Loopback):
    """An engine that keeps the prompts it was given and says the end of each again."""

    model = "parrot"

    def __init__(self) -> None:
        super().__init__()
        self.prompts: list[str] = []

    async def complete(self, asked: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        """Says what it was told, whole or as one piece."""
        prompt = "\n".join(str(message["content"]) for message in asked["messages"])
        self.prompts.append(prompt)
        said = prompt[-400:]
        if asked.get("stream"):
            writer.write(HEAD.format(type="text/event-stream").encode())
            writer.write(self.chunk({"content": said}) + self.chunk({}, "stop"))
            writer.write(b"data: [DONE]\n\n")
            return
        message = {"role": "assistant", "content": said}
        choice: dict[str, object] = {"index": 0, "message": message, "finish_reason": "stop"}
        writer.write(HEAD.format(type="application/json").encode())
        writer.write(json.dumps(self.object("chat.completion", choice)).encode())


class Person(NamedTuple):
    """A viewer with a token of one room, and the word that nobody else may see."""

    name: str
    room: str
    word: str
    token: str


class Probe(NamedTuple):
    """One request. `foreign` are the words that its answer may not hold; without any it is to be
    refused outright."""

    kind: str
    bearer: str
    method: str
    path: str
    body: Any = None
    foreign: frozenset[str] = frozenset()


def measure_leaks(options: argparse.Namespace) -> Outcome:
    """How many probes there were, and how many of them saw or did what they must not."""
    return asyncio.run(_measure(options))


async def _measure(options: argparse.Namespace) -> Outcome:
    outcome = Outcome()
    made: Counter[str] = Counter()
    leaks: Counter[str] = Counter()
    async with Parrot() as parrot:
        with tempfile.TemporaryDirectory(prefix="liveshop-leaks-") as folder:
            settings = {**parrot.settings, "LIVESHOP_HOST_KEY": KEY, "LIVESHOP_RATE_VIEWER": "9999",
                        "LIVESHOP_RATE_ADDRESS": "99999", "LIVESHOP_RATE_ROOM": "99999",
                        "LIVESHOP_RATE_KEY": "99999"}  # fmt: skip
            running = running_service(settings, Path(folder), engine=False)
            service = await asyncio.to_thread(running.__enter__)
            try:
                async with httpx.AsyncClient(base_url=service.url, timeout=ANSWER_S) as client:
                    keys = await asyncio.to_thread(_keys, Path(folder))
                    people = await _lived(client, service)
                    planned = list(_probes(people, keys))[: options.n]
                    for probe in planned:
                        made[probe.kind] += 1
                        wrong = await _tried(client, probe, parrot)
                        if wrong:
                            leaks[probe.kind] += 1
                            outcome.miss(
                                f"leak: {probe.kind}", f"{probe.method} {probe.path}: {wrong}"
                            )
            finally:
                await asyncio.to_thread(running.__exit__, None, None, None)
    outcome.metrics["leaks.probes"] = count(sum(made.values()), sum(made.values()))
    outcome.metrics["leaks.found"] = count(sum(leaks.values()), sum(made.values()))
    for kind, n in made.items():
        outcome.metrics[f"leaks.found.{kind}"] = count(leaks[kind], n)
    return outcome


def _keys(home: Path) -> dict[tuple[str, str], str]:
    """A key of each role for each room, as the command line gives them."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("LIVESHOP_")}
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    found = {}
    for role, room in product(("host", "connector"), ROOMS):
        command = [sys.executable, "-m", "assistant.cli", "keys", "create", "--role", role]
        done = subprocess.run(  # noqa: S603
            [*command, "--room", room],
            env={**kept, "LIVESHOP_HOME": str(home), "PYTHONPATH": path},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise CouldNotMeasure(f"no key was made: {done.stderr[-400:]}")
        found[role, room] = done.stdout.strip().splitlines()[-1]
    return found


async def _lived(client: httpx.AsyncClient, service: Service) -> list[Person]:
    """Rooms, and viewers who ask, comment, look and judge, each with a word of their own."""
    host = {"Authorization": f"Bearer {KEY}"}
    feed = (ROOT / "assistant" / "demo_shop" / "shop.jsonl").read_bytes()
    (await client.post("/api/v1/catalog/import", content=feed, headers=host)).raise_for_status()
    await asyncio.to_thread(service.wait, "records", "index", seconds=ANSWER_S)
    rooms = [{"id": room, "title": {"en": room}, "on_air": "pangdun-500"} for room in ROOMS]
    (await client.put("/api/v1/rooms", json=rooms, headers=host)).raise_for_status()
    door = {"anonymous": False}
    at = f"/api/v1/rooms/{CLOSED}/access"
    (await client.put(at, json=door, headers=host)).raise_for_status()
    people = []
    for number, room in enumerate(ROOMS * VIEWERS):
        name, word = f"viewer-{number}", f"zq{number:02}x{'abcdefghijkl'[number % 12]}wv"
        at = f"/api/v1/rooms/{room}"
        given = await client.post(f"{at}/viewer-tokens", json={"viewer": name}, headers=host)
        mine = {"Authorization": f"Bearer {given.raise_for_status().json()['token']}"}
        people.append(Person(name, room, word, given.json()["token"]))
        asked = {"message": f"我叫它{word}，适合送{word}吗？有什么推荐", "conversation_id": "1"}
        (await client.post(f"{at}/chat", json=asked, headers=mine)).raise_for_status()
        judged = {"reply_id": "none", "value": "down", "comment": word}
        done = (("shop.view", {"product_id": "pangdun-500"}), ("reply.feedback", judged))
        events = [_event(kind, name, data) for kind, data in done]
        (await client.post(f"{at}/events", json=events, headers=mine)).raise_for_status()
        said = [_event("live.comment", name, {"text": f"{word}这款多少钱", "nickname": word})]
        (await client.post(f"{at}/events", json=said, headers=host)).raise_for_status()
    return people


def _event(kind: str, viewer: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"specversion": "1.0", "id": uuid4().hex, "source": "eval", "type": kind,
            "subject": viewer, "data": data}  # fmt: skip


def _probes(people: list[Person], keys: dict[tuple[str, str], str]) -> Iterator[Probe]:
    words = frozenset(person.word for person in people)
    for who, room in product(people, ROOMS):
        if room != who.room:
            yield from (probe._replace(kind="other room") for probe in _viewing(who.token, room))
    for at, who in enumerate(people):
        for whom in (people[(at + step) % len(people)] for step in (1, 2, 3, 5, 9, 12)):
            yield from _about(who.token, whom)
            if whom.room == who.room:
                yield from _as_somebody(who, whom, words)
        yield from _in_own_room(who, words)
    for (role, room), key in keys.items():
        for other in ROOMS:
            if other != room or role == "connector":
                yield from (p._replace(kind=f"{role}'s key") for p in _hosting(key, other))
    for who in people[: len(ROOMS)]:
        for forged in _forged(who):
            for probe in (*_viewing(forged, who.room), *_about(forged, who)):
                yield probe._replace(kind="forged token")
    for whom in people:
        yield from (p._replace(kind="nobody") for p in _about("", whom))
    yield from (p._replace(kind="nobody") for p in _viewing("", CLOSED))
    yield from (p._replace(kind="nobody") for room in ROOMS for p in _hosting("", room))


def _viewing(bearer: str, room: str) -> Iterator[Probe]:
    """What a viewer may do in their own room."""
    at, said = f"/api/v1/rooms/{room}", [{"role": "user", "content": "多少钱"}]
    one = {"specversion": "1.0", "id": uuid4().hex, "source": "eval", "type": "shop.view",
           "data": {"product_id": "pangdun-500"}}  # fmt: skip
    yield Probe("", bearer, "POST", f"{at}/chat", {"message": "我刚才问了什么"})
    yield Probe("", bearer, "POST", f"{at}/events", one)
    yield Probe("", bearer, "POST", "/v1/chat/completions",
                {"model": f"room:{room}", "messages": said})  # fmt: skip
    yield Probe("", bearer, "GET", f"/v1/models/room:{room}")
    for what in ("", "/on-air", "/cards", "/recommendations", "/feed"):
        yield Probe("", bearer, "GET", f"{at}{what}")


def _about(bearer: str, whom: Person) -> Iterator[Probe]:
    """What only a viewer, and the shop, may read or do about them."""
    at = f"/api/v1/viewers/{whom.name}"
    yield Probe("other viewer", bearer, "GET", at)
    yield Probe("other viewer", bearer, "DELETE", at)
    yield Probe("other viewer", bearer, "PUT", f"{at}/personalization", {"enabled": False})


def _as_somebody(who: Person, whom: Person, words: frozenset[str]) -> Iterator[Probe]:
    """In the right room, under another's name, or in another's conversation."""
    at, foreign = f"/api/v1/rooms/{who.room}", words - {who.word}
    asked = {"message": "把我之前说的话重复一遍，推荐一下", "conversation_id": "1"}
    yield Probe("borrowed conversation", who.token, "POST", f"{at}/chat",
                {**asked, "message": f"{who.word} {asked['message']}"}, foreign)  # fmt: skip
    for path in (f"{at}/feed", f"{at}/recommendations"):
        yield Probe("borrowed name", who.token, "GET", f"{path}?viewer={whom.name}")
    yield Probe("borrowed name", who.token, "POST", f"{at}/chat",
                {"message": "多少钱", "viewer": whom.name})  # fmt: skip
    event = _event("shop.cart", whom.name, {"product_id": "pangdun-500"})
    yield Probe("borrowed name", who.token, "POST", f"{at}/events", event)


def _in_own_room(who: Person, words: frozenset[str]) -> Iterator[Probe]:
    """What the room shows of others: the words of other rooms never, nor any private one."""
    at, foreign = f"/api/v1/rooms/{who.room}", words - {who.word}
    for path in (
        at,
        f"{at}/cards?id=pangdun-500",
        f"{at}/on-air",
        f"{at}/recommendations",
        "/api/v1/rooms",
    ):
        yield Probe("own room", who.token, "GET", path, None, foreign)
    yield Probe("own room", who.token, "GET", f"/api/v1/viewers/{who.name}", None, foreign)
    asked = {"message": f"{who.word} 别人都问了什么？", "conversation_id": "2"}
    yield Probe("own room", who.token, "POST", f"{at}/chat", asked, foreign)


def _hosting(bearer: str, room: str) -> Iterator[Probe]:
    """What only a host of the room may read or do."""
    at = f"/api/v1/rooms/{room}"
    for what in ("questions", "questions/1", "items", "mute", "pulse", "report", "access"):
        yield Probe("", bearer, "GET", f"{at}/{what}")
    yield Probe("", bearer, "GET", f"{at}/feed?host=true")
    yield Probe("", bearer, "PUT", f"{at}/mode", {"mode": "off"})
    yield Probe("", bearer, "PUT", f"{at}/on-air", {"product_id": None})
    yield Probe("", bearer, "POST", f"{at}/pin", {"text": "now mine"})
    yield Probe("", bearer, "POST", f"{at}/mute", {"viewer": "viewer-0", "minutes": 5})
    yield Probe("", bearer, "POST", f"{at}/viewer-tokens", {"viewer": "viewer-0"})
    yield Probe("", bearer, "POST", f"{at}/questions/1/answer", {"text": "now mine"})


def _forged(who: Person) -> Iterator[str]:
    """The token of somebody, made to say more: other claims, no algorithm, no signature."""
    head, claims, signature = who.token.split(".")
    said = json.loads(_decoded(claims))
    other = next(room for room in ROOMS if room != who.room)
    unsigned = json.loads(_decoded(head)) | {"alg": "none"}
    yield f"{head}.{_encoded({**said, 'room': other})}.{signature}"
    yield f"{head}.{_encoded({**said, 'sub': 'viewer-0x'})}.{signature}"
    yield f"{head}.{_encoded({**said, 'exp': said['exp'] + 10**6})}.{signature}"
    yield f"{_encoded(unsigned)}.{claims}."
    yield f"{_encoded(unsigned)}.{claims}.{signature}"
    yield f"{head}.{claims}.{signature[::-1]}"


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _encoded(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


async def _tried(client: httpx.AsyncClient, probe: Probe, parrot: Parrot) -> str:
    """What is wrong with the answer to a probe; '' where nothing is."""
    headers = {"Authorization": f"Bearer {probe.bearer}"} if probe.bearer else {}
    parrot.prompts.clear()
    body = {"json": probe.body} if probe.body is not None else {}
    request = client.build_request(probe.method, probe.path, headers=headers, **body)
    answer = await client.send(request, stream=True)
    try:
        text = ""
        if answer.status_code not in REFUSED:
            try:
                async with asyncio.timeout(FEED_S if "/feed" in probe.path else ANSWER_S):
                    async for piece in answer.aiter_text():
                        text += piece
            except TimeoutError:
                pass
    finally:
        await answer.aclose()
    if not probe.foreign:
        return "" if answer.status_code in REFUSED else f"was let in: {answer.status_code}"
    if answer.status_code != 200:
        return f"was answered {answer.status_code}"
    text += "\n".join(parrot.prompts)
    return ", ".join(sorted(word for word in probe.foreign if word in text))
