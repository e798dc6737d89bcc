"""Does the assistant say the right price and stock? Run as liveshop eval facts.

Questions are made from a catalogue as a viewer would ask them; a service of its own answers
them over REST. The truth is the feed and what was put by REST before asking.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from eval import figures
from eval.fact_questions import FORMS, LANGUAGES, Plan, plan
from eval.fact_scoring import Question, Said, Verdict, judge
from eval.feeds import feed_of
from eval.figures import CouldNotMeasure, Figures, Metric, count, percentile, share
from eval.service import NO_ENGINE, Service, running_service
from eval.shop import Shop

CATALOGUES = ("retail_demo_store", "litemall_zh", "ecom_bench")
ANSWER_S = 240.0
BUSY = (429, 503)
RETRIES = 5
# What the model adds is judged even where the machine is slow; the benchmark measures its speed.
PATIENT = {"LIVESHOP_LLM_FIRST_TOKEN_S": "90", "LIVESHOP_LLM_NEXT_TOKEN_S": "30"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its reply, or with the infrastructure's error in its place."""

    catalogue: str
    question: Question
    expected: str
    said: Said | None = None
    verdict: Verdict | None = None
    same_language: bool = True
    shown: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    milliseconds: float = 0.0
    error: str = ""


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0 when measured, 2 when that could not be done."""
    parser = figures.arguments("eval facts", __doc__ or "")
    parser.add_argument(
        "--catalog",
        metavar="NAME",
        action="append",
        help="a folder of --data, may stand more than once; else every known one that is there",
    )
    parser.add_argument("--n", type=int, default=200, help="questions per catalogue")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--concurrency", type=int, default=2)
    parser.add_argument(
        "--url",
        help="a running service with the feed already in it; rooms, offers and stock change",
    )
    parser.add_argument(
        "--engine", choices=("embedded", "none"), default="embedded", help="none: records alone"
    )
    parser.add_argument("--log", type=Path, metavar="OUT.log", help="keep the service's log here")
    parser.add_argument("--misses", type=Path, metavar="OUT.md", help="write what went wrong here")
    options = parser.parse_args(argv)

    def measure() -> Figures:
        names = options.catalog or [n for n in CATALOGUES if (options.data / n).is_dir()]
        if not names:
            raise CouldNotMeasure(f"none of {', '.join(CATALOGUES)} is in {options.data}")
        asked = [one for name in names for one in _ask_about(name, options)]
        if options.misses:
            options.misses.write_text(misses(asked), encoding="utf-8")
        settings = {name: getattr(options, name) for name in ("n", "seed", "concurrency", "engine")}
        return summed_up(asked, settings | {"catalog": names, "url": options.url})

    if options.data is None:
        parser.error("--data: needed, the folder in which the catalogues lie")
    return figures.state(measure, options)


def summed_up(asked: Sequence[Asked], settings: dict[str, object]) -> Figures:
    """The figures over all questions that were answered; then by form, language, catalogue."""
    answered = [one for one in asked if one.verdict is not None]
    if not answered:
        errors = sorted({one.error for one in asked})
        raise CouldNotMeasure(f"no question was answered: {'; '.join(errors[:3])}")
    metrics = _shares(answered, "")
    metrics["wrong_figures"] = count(
        sum(bool(one.verdict and one.verdict.wrong) for one in answered), len(answered)
    )
    metrics["language"] = share(sum(one.same_language for one in answered), len(answered))
    missing = sum("engine_unavailable" in one.notices for one in answered)
    metrics["engine_unavailable"] = count(missing, len(answered))
    metrics["reply.p50_ms"] = percentile([one.milliseconds for one in answered], 50)
    for form in FORMS:
        metrics |= _shares([one for one in answered if one.question.form == form], f"{form}.")
    for language in LANGUAGES:
        chosen = [one for one in answered if one.question.language == language]
        metrics |= _shares(chosen, f"{language}.")
    for name in dict.fromkeys(one.catalogue for one in answered):
        metrics |= _shares([one for one in answered if one.catalogue == name], f"{name}.")
    return Figures("facts", metrics, settings, infrastructure_errors=len(asked) - len(answered))


def _shares(asked: Sequence[Asked], prefix: str) -> dict[str, Metric]:
    judged = [(one.question.about, one.verdict) for one in asked if one.verdict is not None]
    found = [verdict.found for _, verdict in judged]
    sides: dict[str, list[bool]] = {
        "product_found": found,
        "price_right": [verdict.right for about, verdict in judged if about == "price"],
        "stock_right": [verdict.right for about, verdict in judged if about == "stock"],
    }
    return {f"{prefix}{name}": share(sum(r), len(r)) for name, r in sides.items() if r}


def misses(asked: Sequence[Asked]) -> str:
    """What went wrong, by kind and form, as a Markdown page of questions and replies."""
    kinds: dict[str, list[Asked]] = {}
    for one in asked:
        form = one.question.form
        if one.verdict is None:
            kinds.setdefault("infrastructure", []).append(one)
            continue
        if one.verdict.wrong:
            kinds.setdefault("wrong figures", []).append(one)
        if not one.verdict.found:
            kinds.setdefault(f"{form}: another product", []).append(one)
        elif not one.verdict.right:
            kinds.setdefault(f"{form}: {one.question.about} not said right", []).append(one)
        if one.said and not one.same_language:
            kinds.setdefault("answered in the other language", []).append(one)
    lines = ["# What the replies got wrong", ""]
    for kind, ones in sorted(kinds.items(), key=lambda item: -len(item[1])):
        lines += [f"## {kind} ({len(ones)})", ""]
        for one in ones:
            lines += [f"- **{one.question.text}** ({one.catalogue}, {one.question.room})"]
            lines += [f"  - expected: {one.expected}"]
            if one.said:
                lines += [f"  - shown: {'; '.join(one.shown) or 'nothing'}"]
                lines += [f"  - reply: {' / '.join(one.said.text.splitlines())}"]
            if one.verdict and one.verdict.wrong:
                lines += [f"  - from nowhere: {', '.join(one.verdict.wrong)}"]
            if one.error:
                lines += [f"  - {one.error}"]
        lines += [""]
    return "\n".join(lines)


def _ask_about(name: str, options: argparse.Namespace) -> list[Asked]:
    """Asks about one catalogue and judges the replies."""
    with tempfile.TemporaryDirectory(prefix="liveshop-feed-") as folder:
        feed = Path(folder) / f"{name}.jsonl"
        try:
            feed.write_text("\n".join(feed_of(name, options.data)), encoding="utf-8")
        except (OSError, KeyError) as error:
            raise CouldNotMeasure(f"catalogue {name!r}: {error!r}") from error
        shop = Shop.read(feed)
        asking = plan(shop, options.n, options.seed)
        with _service(feed, options) as service:
            _prepare(service, shop, asking)
            return asyncio.run(_ask_all(service, name, shop, asking, options.concurrency))


@contextmanager
def _service(feed: Path, options: argparse.Namespace) -> Iterator[Service]:
    if options.url:
        with closing(Service(options.url)) as service:
            yield service
        return
    embedded = options.engine == "embedded"
    settings = PATIENT if embedded else NO_ENGINE
    with running_service(settings, engine=embedded, log_to=options.log) as service:
        service.import_feed(feed.read_bytes())
        yield service


def _prepare(service: Service, shop: Shop, asking: Plan) -> None:
    """Puts rooms, offers and stock into the service, and notes the same in `shop`."""
    rooms = [room.model_dump(mode="json") for room in asking.rooms.values()]
    for start in range(0, len(rooms), 50):
        service.put("/api/v1/rooms", rooms[start : start + 50])
    if asking.offers:
        service.put("/api/v1/offers", [offer.model_dump(mode="json") for offer in asking.offers])
    shop.offers += asking.offers
    for (product_id, variant_id), quantity in asking.stock.items():
        service.put(f"/api/v1/variants/{variant_id}", {"stock": quantity}, "PATCH")
        shop.put_stock(product_id, variant_id, quantity)


async def _ask_all(
    service: Service, name: str, shop: Shop, asking: Plan, concurrency: int
) -> list[Asked]:
    slots = asyncio.Semaphore(concurrency)
    async with httpx.AsyncClient(base_url=service.url, timeout=ANSWER_S) as client:

        async def one(question: Question) -> Asked:
            async with slots:
                return await _ask(client, name, question, shop)

        return await asyncio.gather(*map(one, asking.questions))


async def _ask(client: httpx.AsyncClient, name: str, question: Question, shop: Shop) -> Asked:
    expected = _expected(question, shop)
    begin = time.monotonic()
    try:
        answer = await _post(client, question)
        answer.raise_for_status()
        reply = answer.json()
    except httpx.HTTPStatusError as error:
        if error.response.status_code in BUSY:
            return Asked(name, question, expected, error=f"{error}: {error.response.text[:300]}")
        # A question that the service fails on is one it does not answer: no machine's fault.
        text = f"{error.response.status_code} {error.response.text[:300]}"
        said = Said(text, ())
        return Asked(name, question, expected, said, Verdict(False, False, ()))
    except (httpx.HTTPError, ValueError) as error:
        return Asked(name, question, expected, error=repr(error))
    cited = [c["record"].partition(":")[2] for c in reply["citations"]
             if c["record"].startswith("product:")]  # fmt: skip
    products = tuple(dict.fromkeys([*(card["id"] for card in reply["products"]), *cited]))
    said = Said(reply["text"], products)
    return Asked(
        name,
        question,
        expected,
        said,
        judge(question, said, shop),
        same_language=reply["language"] == question.language,
        shown=tuple(shop.products[p].title.every()[0] for p in products if p in shop.products),
        notices=tuple(notice["code"] for notice in reply["notices"]),
        milliseconds=(time.monotonic() - begin) * 1000,
    )


async def _post(client: httpx.AsyncClient, question: Question) -> httpx.Response:
    """The answer; a service that is full is asked again when it says."""
    for _ in range(RETRIES):
        answer = await client.post(
            f"/api/v1/rooms/{question.room}/chat",
            json={"message": question.text},
            headers={"Accept": "application/json"},
        )
        if answer.status_code not in BUSY:
            break
        await asyncio.sleep(float(answer.headers.get("Retry-After", 1)))
    return answer


def _expected(question: Question, shop: Shop) -> str:
    """The record's answer, in words for the page of misses."""
    product = shop.products[question.products[0]]
    variant = product.variant(question.variant) if question.variant else None
    if question.about == "stock":
        truth = shop.availability(product, variant)
        return f"{product.title.every()[0]}: {truth.status}, {truth.quantity}"
    asked = variant or product.default_variant
    price = shop.price(product, asked)
    return f"{product.title.every()[0]}: {price / 100:.2f} {asked.price.currency}"


if __name__ == "__main__":
    sys.exit(main())
