"""How much can one live room take? Run as liveshop bench room.

A service of its own with the demo shop, its engine a fake of stated speed at the wire. Comments
come in batches of 50 as `room_mix.json` writes them, at the moments of real comment logs where
--data has them; meanwhile a host works and prices change. The same comments then go the way
others do it, one call each, to the same engine. Then viewers ask while --price-changes come, and
--kills N kills a service N times under load. --keep FILE has every figure as soon as it is known.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from eval import figures
from eval.fake_llm import FakeLlm
from eval.figures import CouldNotMeasure, Figures, Metric, count, percentile, reading, share
from eval.room_flood import ROOM, Flood, Sender, one_call_each
from eval.room_kills import killed
from eval.room_ledger import Ledger, read_ledger
from eval.room_mix import Comment, Logs, comments, read_logs
from eval.room_prices import asked_around_changes
from eval.service import NO_ENGINE, Service, running_service
from eval.shop import Shop
from retrieval.catalog import Product

SHOP = Path(str(files("assistant") / "demo_shop" / "shop.jsonl"))
LISTED = 12
AT_ONCE = 4
FIRST_TOKEN_S = 0.3
DRAIN_S = 30.0
WITHIN_S = 30.0
PARTS = ("flood", "prices", "kills")
SAID_EVERY_S = 30.0
KILLS_A_HOME = 20
UNLIMITED = {f"LIVESHOP_RATE_{who}": "100000" for who in ("VIEWER", "ADDRESS", "ROOM")}
PRODUCT, FIRST_PRICE = "pangdun-500", 7900
PRICED = ("pangdun-500-white", "pangdun-500-blue", "pangdun-500-pink")
SENTENCES = ("喜欢的话可以先放进购物车。", "想了解哪一点都可以继续问我。")


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0 when measured, 2 when that could not be done."""
    parser = figures.arguments("bench room", __doc__ or "")
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--per-minute", type=int, default=20_000, help="comments a minute")
    parser.add_argument("--changes", type=int, default=20, help="price changes during the flood")
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--price-changes", type=int, default=20, help="while viewers ask")
    parser.add_argument("--part", choices=PARTS, action="append", help="of the whole; all of them")
    parser.add_argument("--tokens-per-s", type=float, default=50.0, help="speed of the fake engine")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="JSON, written as figures come")
    options = parser.parse_args(argv)
    return figures.state(lambda: asyncio.run(_measure(options)), options)


async def _measure(options: argparse.Namespace) -> Figures:
    products = list(Shop.read(SHOP).products.values())
    logs = read_logs(options.data)
    names = ("minutes", "per_minute", "changes", "kills", "price_changes", "tokens_per_s")
    given = {name: getattr(options, name) for name in names} | {"parts": options.part or PARTS}
    given |= {"first_token_s": FIRST_TOKEN_S, "llm_concurrency": AT_ONCE, "logs": bool(logs.texts)}
    kept = Kept(given, options.keep)
    with tempfile.TemporaryDirectory(prefix="liveshop-bench-") as folder:
        home = Path(folder)
        if "flood" in given["parts"]:
            await _flood(kept, options, products, logs, home / "flood")
        if "prices" in given["parts"] and options.price_changes:
            await _prices(kept, options, home / "prices")
        if "kills" in given["parts"] and options.kills:
            await _kills(kept, options, products, logs, home / "kills")
    return kept.figures()


@dataclass
class Kept:
    """The figures so far; each that comes is said on standard error, and `file` has them all."""

    given: dict[str, Any]
    file: Path | None
    metrics: dict[str, Metric] = field(default_factory=dict)
    errors: int = 0
    begun: float = field(default_factory=time.monotonic)

    def add(self, metrics: Mapping[str, Metric]) -> None:
        """Figures that were measured, or measured further."""
        self.metrics |= metrics
        for name, metric in metrics.items():
            sys.stderr.write(f"{name} {metric.value:.4g} (n {metric.n})\n")
        if self.file:
            document = self.figures().document(time.monotonic() - self.begun)
            self.file.write_text(json.dumps(document, ensure_ascii=False) + "\n", encoding="utf-8")

    def figures(self) -> Figures:
        """All of them, in the one form."""
        return Figures("bench room", self.metrics, self.given, self.errors)


async def _flood(
    kept: Kept, options: argparse.Namespace, products: Sequence[Product], logs: Logs, home: Path
) -> None:
    due = comments(options.per_minute, 60 * options.minutes, products, LISTED, logs)
    kept.given["duplicate_share"] = round(1 - len({c.text for c in due}) / len(due), 3)
    flood = Flood()
    async with FakeLlm(SENTENCES, options.tokens_per_s, FIRST_TOKEN_S) as llm:
        settings = llm.settings | {"LIVESHOP_LLM_CONCURRENCY": str(AT_ONCE)}
        with ExitStack() as stack:
            service = await asyncio.to_thread(stack.enter_context, running_service(settings, home))
            await asyncio.to_thread(_import_shop, service)
            saying = asyncio.create_task(_say_latencies(kept, flood))
            try:
                calls = await _flooded(service, flood, due, options, llm)
            finally:
                saying.cancel()
            await asyncio.to_thread(stack.close)
        ledger = await asyncio.to_thread(read_ledger, home / "liveshop.db")
        kept.errors += flood.errors
        metrics: dict[str, Metric] = {}
        _state_flood(metrics, flood, ledger, due, calls)
        kept.add(metrics)
        others, _ = await one_call_each(due, llm.base_url, AT_ONCE, WITHIN_S)
    asked = sum(comment.question for comment in due)
    kept.add({"one_call_each.answered_30s": share(others, asked)})


async def _say_latencies(kept: Kept, flood: Flood) -> None:
    """Every SAID_EVERY_S the latencies so far: a run that dies leaves those."""
    while True:
        await asyncio.sleep(SAID_EVERY_S)
        if flood.ingest_s and flood.host_s:
            kept.add(_latencies(flood))


async def _prices(kept: Kept, options: argparse.Namespace, home: Path) -> None:
    async with FakeLlm(SENTENCES, options.tokens_per_s, FIRST_TOKEN_S) as llm:
        settings = llm.settings | {"LIVESHOP_LLM_CONCURRENCY": str(AT_ONCE)} | UNLIMITED
        with ExitStack() as stack:
            service = await asyncio.to_thread(stack.enter_context, running_service(settings, home))
            await asyncio.to_thread(_import_shop, service)
            told = await asked_around_changes(
                service.url, ROOM, PRODUCT, PRICED, FIRST_PRICE, options.price_changes
            )
            await asyncio.to_thread(stack.close)
    kept.errors += told.errors
    kept.add(told.metrics())


async def _kills(
    kept: Kept, options: argparse.Namespace, products: Sequence[Product], logs: Logs, home: Path
) -> None:
    with ExitStack() as stack:
        running = running_service(NO_ENGINE, home, engine=False)
        service = await asyncio.to_thread(stack.enter_context, running)
        await asyncio.to_thread(_import_shop, service)
    left, lost, double, acked = options.kills, 0, 0, 0
    while left:
        kills = min(left, KILLS_A_HOME)
        found = await killed(home, kills, NO_ENGINE, products, LISTED, logs, seed=left)
        left -= kills
        lost, double, acked = lost + found[0], double + found[1], acked + found[2]
        kept.given["kills_done"] = options.kills - left
        kept.add({"kill.lost": count(lost, acked), "kill.double": count(double, acked)})


def _import_shop(service: Service) -> None:
    service.import_feed(SHOP.read_bytes())


async def _flooded(
    service: Service,
    flood: Flood,
    due: Sequence[Comment],
    options: argparse.Namespace,
    llm: FakeLlm,
) -> int:
    """Sends everything, lets the room finish, and returns the engine's calls."""
    before = len(llm.generations)
    sender = Sender(service.url, "flood", flood)
    beside = [asyncio.create_task(sender.hosting())]
    if service.pid is not None:
        beside.append(asyncio.create_task(sender.watch_memory(service.pid)))
    seconds = 60 * options.minutes
    beside.append(asyncio.create_task(sender.pricing(PRICED, options.changes, seconds)))
    try:
        await sender.comments(due)
        await asyncio.sleep(DRAIN_S)
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await sender.close()
    return len(llm.generations) - before


def _state_flood(
    metrics: dict[str, Metric], flood: Flood, ledger: Ledger, due: Sequence[Comment], calls: int
) -> None:
    if not flood.ingest_s or not flood.host_s:
        raise CouldNotMeasure("nothing was acknowledged")
    took = flood.ended - flood.begun
    metrics["comments_per_min"] = reading(60 * len(flood.acked) / took, len(flood.acked))
    lost = sum(event_id not in ledger.events for event_id in flood.acked)
    lost += sum(key not in ledger.actions for key in flood.actions)
    metrics["acked_lost"] = count(lost, len(flood.acked) + len(flood.actions))
    metrics |= _latencies(flood)
    _state_memory(metrics, flood)
    waits = {
        comment.viewer: ledger.waited(comment.viewer, sent)
        for sent, comment in flood.acked.values()
        if comment.question
    }
    asked = sum(comment.question for comment in due)
    answered = [wait for wait in waits.values() if wait is not None]
    metrics["answered_share"] = share(len(answered), asked)
    metrics["answered_30s"] = share(sum(wait <= WITHIN_S for wait in answered), asked)
    metrics["calls_per_asker"] = reading(calls / max(1, len(answered)), len(answered))
    metrics["answers"] = reading(len(ledger.answers), len(ledger.answers))
    metrics["refused_batches"] = reading(flood.refused)
    told = ledger.priced(PRODUCT, set(PRICED))
    stale = [item for item in told if item.price not in _true(flood, item.at)]
    if told:
        metrics["flood.stale_answers"] = count(len(stale), len(told))


def _latencies(flood: Flood) -> dict[str, Metric]:
    found: dict[str, Metric] = {}
    for name, took in (("ingest", flood.ingest_s), ("host", flood.host_s)):
        ms = [1000 * seconds for seconds in took]
        found |= {f"{name}.p{q}_ms": percentile(ms, q) for q in (50, 99)}
    return found


def _true(flood: Flood, at: float) -> set[int]:
    """The prices that may be said at `at`: those in force at some moment of the second before."""
    changes = [(0.0, 0.0, FIRST_PRICE), *flood.prices]
    ends = [acked + 1.0 for _, acked, _ in changes[1:]] + [float("inf")]
    return {
        minor for (asked, _, minor), end in zip(changes, ends, strict=True) if asked <= at <= end
    }


def _state_memory(metrics: dict[str, Metric], flood: Flood) -> None:
    during = [mb for at, mb in flood.rss_mb if at <= flood.ended]
    if len(during) >= 8:
        middle = during[len(during) // 2]
        metrics["rss_growth"] = reading(max(during[len(during) // 2 :]) / middle - 1, len(during))
        metrics["rss_mb"] = reading(max(during), len(during))


if __name__ == "__main__":
    sys.exit(main())
