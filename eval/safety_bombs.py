"""Bodies that are small to send and meant to be ruinous to read, at a running service.

Each is sent over HTTP, as a feed, a question or a line; what counts is whether the service
refuses it (baits for regular expressions are only to be answered), in how many seconds, and how
much its memory has grown at the end of all.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import time
import zipfile
from collections.abc import Iterator
from typing import NamedTuple

import httpx

from eval.figures import percentile, reading, share
from eval.safety_outcome import Outcome
from eval.service import NO_ENGINE, Service, running_service

IMPORT, CHAT = "/api/v1/catalog/import", "/api/v1/rooms/bombs/chat"
CHECK = "/api/v1/compliance/check"
ANSWER_S = 60.0
MB = 2**20
LONGEST = 2000
SLOW_S, GROWN_MB = 5.0, 20
# Beginning, what is said again and again, end: what patterns with nested repeats go back over.
BAITS = (
    ("", "9", "x"), ("¥", "9,999", "."), ("", "满9减", ""), ("我要", "最", "好"), ("", "zui ", "!"),
    ("a", "@a.", "@"), ("", "1 ", "-"), ("", "一百", "点"), ("", "省市区路", "号"), ("", "e+", "1"),
    ("比", "便宜", "，"), ("", "not ", "free"), ("", "\u200b", "1"), ("", "第一", "。"),
)  # fmt: skip


class Bomb(NamedTuple):
    """One request. `format` is the feed's, None for a guess; '' for a body that is no feed.

    `path` is where such a body goes; a `bait` may be answered, and in time.
    """

    name: str
    body: bytes
    format: str | None = ""
    headers: tuple[tuple[str, str], ...] = ()
    path: str = CHAT
    bait: bool = False


def bombs() -> Iterator[Bomb]:
    """The fifty. None holds more than 64 MB."""
    for form in ("merchant-xml", None):
        for depth in (5, 9, 20):
            yield Bomb(f"billion laughs {depth}", _laughs(depth), form)
        yield Bomb("quadratic entity", _quadratic(), form)
        yield Bomb("external entity", _entity("SYSTEM 'file:///etc/passwd'"), form)
        yield Bomb("remote entity", _entity("SYSTEM 'http://127.0.0.1:9/x'"), form)
        yield Bomb("parameter entity", _entity("SYSTEM 'file:///dev/zero'", "% "), form)
        yield Bomb("deep elements", b"<rss>" + b"<a>" * 1_000_000, form)
        yield Bomb("a million attributes", _attributes(200_000), form)
        yield Bomb("endless name", b"<rss><" + b"a" * (16 * MB), form)
        yield Bomb("endless comment", b"<rss><!--" + b"-x" * (8 * MB), form)
    for form in ("jsonl", "json-ld", None):
        yield Bomb("deep list", b"[" * 5_000_000, form)
        yield Bomb("deep objects", b'{"a":' * 2_000_000, form)
        yield Bomb("endless number", b'{"id":' + b"9" * (8 * MB) + b"}", form)
        yield Bomb("endless exponent", b'{"price":1e' + b"9" * 100_000 + b"}", form)
        yield Bomb("endless line", b'{"id":"' + b"x" * (48 * MB), form)
    for form in ("merchant-tsv", "shopify-csv"):
        yield Bomb("a million columns", b"a\t," * 1_000_000 + b"\n1", form)
        yield Bomb("endless cell", b'id,title\n1,"' + b"x" * (48 * MB), form)
        yield Bomb("a million quotes", b"id,title\n" + b'"' * (8 * MB), form)
    for form in ("jsonl", "merchant-xml", None):
        yield Bomb("gzip of 4 GB of nothing, begun", _packed(), form)
        yield Bomb("zip of zeros", _zipped(), form)
    yield Bomb("compressed question", _packed(), headers=(("Content-Encoding", "gzip"),))
    yield Bomb("deep question", b"[" * 900_000)
    yield Bomb("question of endless number", b'{"message":' + b"9" * 900_000 + b"}")
    for start, again, end in BAITS:
        text = start + again * (LONGEST // len(again)) + end
        for path, body in (
            (CHAT, {"message": text[:LONGEST]}),
            (CHECK, {"text": text[:LONGEST], "language": "zh"}),
        ):
            name = f"bait {again!r} at {path.rsplit('/', 1)[1]}"
            yield Bomb(name, json.dumps(body).encode(), path=path, bait=True)


def measure_bombs(options: argparse.Namespace) -> Outcome:
    """How many were refused, the slowest answer, and how far the memory grew over all of them."""
    planned, outcome = list(bombs())[: options.n], Outcome()
    times, held_all = list[float](), 0
    with running_service(NO_ENGINE, engine=False) as service:
        service.put("/api/v1/rooms", {"id": "bombs", "title": {"en": "Bombs"}})
        before = peak = service.peak_rss_mb()
        for bomb in planned:
            seconds, status = _sent(service, bomb)
            times.append(seconds)
            grown, peak = peak, service.peak_rss_mb()
            if peak and grown and peak - grown > GROWN_MB:
                outcome.miss("grown", f"{bomb.name} as {bomb.format}: {peak - grown:.0f} MB")
            held = 400 <= status < 500 or (bomb.bait and status == 200)
            held_all += held
            if not held or seconds > SLOW_S:
                outcome.miss("bomb", f"{bomb.name} as {bomb.format}: {status}, {seconds:.1f} s")
    outcome.metrics["bombs.held"] = share(held_all, len(planned))
    outcome.metrics["bombs.slowest_s"] = reading(max(times), len(times))
    outcome.metrics["bombs.p50_s"] = percentile(times, 50)
    if before is not None and peak is not None:
        outcome.metrics["bombs.rss_growth_mb"] = reading(peak - before)
    return outcome


def _sent(service: Service, bomb: Bomb) -> tuple[float, int]:
    """The seconds until the answer, and its status; 200 rows all refused count as 422."""
    params = {"format": bomb.format} if bomb.format else {}
    path = bomb.path if bomb.format == "" else IMPORT
    headers = {"Content-Type": "application/json", **dict(bomb.headers)}
    begin = time.monotonic()
    try:
        answer = httpx.post(
            service.url + path, content=bomb.body, params=params, headers=headers, timeout=ANSWER_S
        )
    except httpx.HTTPError:
        return time.monotonic() - begin, 599
    seconds = time.monotonic() - begin
    if answer.status_code == 200 and not bomb.bait:
        kept = answer.json()["added"] + answer.json()["changed"]
        return seconds, 200 if kept else 422
    return seconds, answer.status_code


def _laughs(depth: int) -> bytes:
    """Entities of entities (CVE-2003-1564): ten to the power of `depth` words."""
    lines = ["<!ENTITY a0 'lol'>"]
    lines += [f"<!ENTITY a{n + 1} '{f'&a{n};' * 10}'>" for n in range(depth)]
    return f"<!DOCTYPE rss [{''.join(lines)}]><rss><item>&a{depth};</item></rss>".encode()


def _quadratic() -> bytes:
    return b"<!DOCTYPE rss [<!ENTITY a '" + b"x" * 100_000 + b"'>]><rss>" + b"&a;" * 100_000


def _entity(what: str, kind: str = "") -> bytes:
    used = "%a;" if kind else ""
    return f"<!DOCTYPE rss [<!ENTITY {kind}a {what}>{used}]><rss><item>&a;</item></rss>".encode()


def _attributes(n: int) -> bytes:
    return b"<rss " + b" ".join(b"a%d='x'" % i for i in range(n)) + b"/>"


def _packed() -> bytes:
    return gzip.compress(b"\0" * (64 * MB), 9)


def _zipped() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("feed.jsonl", b"\0" * (64 * MB))
    return held.getvalue()
