"""eval facts, end to end, against a shop at the wire that answers from what it was told."""

from __future__ import annotations

import collections
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from eval import facts
from eval.fact_questions import FORMS, plan
from eval.feeds import feed_of
from eval.shop import Shop

NAMES = (
    "珐琅杯",
    "钻石煎锅",
    "条纹宠物窝",
    "波浪记忆枕",
    "亚麻抱枕",
    "羊毛盖毯",
    "纱布毛巾",
    "实木圆桌",
)
KINDS = ("日式经典", "北欧简约", "升级款")


class _Counter(BaseHTTPRequestHandler):
    """Finds the title in the message, or the item on air, and says its price as it is now."""

    shop: Shop
    rooms: ClassVar[dict[str, Any]]
    dearer: int
    failing: int
    url: str

    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/api/v1/rooms":
            self.rooms.update({room["id"]: room for room in body})
        self._answer({})

    do_PATCH = do_PUT  # noqa: N815

    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["message"]
        if self.failing:
            self._answer({}, self.failing)
            return
        titles = {p.title.zh: p for p in self.shop.products.values() if p.title.zh in message}
        room = self.rooms[self.path.split("/")[4]]
        on_air = self.shop.products.get(room["on_air"] or "")
        product = titles[max(titles, key=len)] if titles else on_air
        text, cards = "不清楚", []
        if product:
            yuan = product.variants[0].price.minor / 100 + self.dearer
            text, cards = f"{product.title.zh}现在{yuan:.2f}元。", [{"id": product.id}]
        reply = {"text": text, "products": cards, "citations": [], "notices": [], "language": "zh"}
        self._answer(reply)

    def _answer(self, body: dict[str, Any], status: int = 200) -> None:
        sent = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(sent)))
        self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "litemall_zh"
    folder.mkdir(parents=True)
    rows: list[dict[str, Any]] = [
        {"id": str(at), "name": kind + name, "category": "家居", "brand": None, "keywords": "",
         "brief": "", "unit": "件", "counter_price": 900.0 + at, "retail_price": 100.0 + at,
         "attributes": {}, "reviews": [], "detail_text": "", "pic_url": "",
         "skus": [{"spec": '["标准"]', "price": f"{100 + at}.00", "stock": str(10 + at)}]}
        for at, (kind, name) in enumerate((k, n) for n in NAMES for k in KINDS)
    ]  # fmt: skip
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (folder / "goods.jsonl").write_text(lines, encoding="utf-8")
    (folder / "issues_faq.jsonl").write_text("", encoding="utf-8")
    return folder.parent


@pytest.fixture
def shop(data: Path, tmp_path: Path) -> Shop:
    feed = tmp_path / "feed.jsonl"
    feed.write_text("\n".join(feed_of("litemall_zh", data)), encoding="utf-8")
    return Shop.read(feed)


@pytest.fixture
def counter(shop: Shop) -> Iterator[type[_Counter]]:
    class Counter(_Counter):
        rooms: ClassVar[dict[str, Any]] = {}

    Counter.shop, Counter.dearer, Counter.failing = shop, 0, 0
    server = ThreadingHTTPServer(("127.0.0.1", 0), Counter)
    Counter.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield Counter
    server.shutdown()
    thread.join()
    server.server_close()


def _run(counter: Any, data: Path, capsys: pytest.CaptureFixture[str], *more: str) -> Any:
    status = facts.main(["--data", str(data), "--n", "60", "--url", counter.url, "--json", *more])
    return status, capsys.readouterr()


def test_a_shop_that_reads_titles_is_right_when_they_are_exact(
    counter: Any, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "misses.md"
    status, said = _run(counter, data, capsys, "--misses", str(page))
    metrics = json.loads(said.out)["metrics"]
    assert status == 0
    for form in ("exact", "on_air"):
        assert metrics[f"{form}.product_found"]["value"] == 1
        assert metrics[f"{form}.price_right"]["value"] == 1
    assert metrics["typo.product_found"]["value"] < 1
    assert metrics["offer.price_right"]["value"] == 0
    assert metrics["wrong_figures"]["value"] == 0
    assert "offer: price not said right" in page.read_text(encoding="utf-8")


def test_a_shop_that_makes_up_prices_is_caught(
    counter: Any, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counter.dearer = 1000
    status, said = _run(counter, data, capsys)
    metrics = json.loads(said.out)["metrics"]
    assert status == 0
    assert metrics["exact.product_found"]["value"] == 1
    assert metrics["exact.price_right"]["value"] == 0
    assert metrics["wrong_figures"]["value"] > 40


def test_a_shop_that_breaks_has_not_answered(
    counter: Any, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counter.failing = 500
    status, said = _run(counter, data, capsys)
    document = json.loads(said.out)
    assert (status, document["infrastructure_errors"]) == (0, 0)
    assert document["metrics"]["product_found"]["value"] == 0


def test_a_shop_that_is_full_is_not_measured(
    counter: Any, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counter.failing = 503
    status, said = _run(counter, data, capsys)
    assert (status, said.out) == (2, "")
    assert "no question was answered" in said.err


def test_missing_data_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert facts.main(["--data", str(tmp_path), "--json"]) == 2
    assert "retail_demo_store" in capsys.readouterr().err


def test_half_the_questions_are_exact_and_the_rest_are_spread(shop: Shop) -> None:
    asking = plan(shop, 60, seed=3)
    forms = collections.Counter(question.form for question in asking.questions)
    assert len(asking.questions) == 60
    assert forms["exact"] == 30
    assert set(forms) <= set(FORMS) - {"variant"}
    assert max(forms[form] for form in forms if form != "exact") <= 8
    assert asking.questions == plan(shop, 60, seed=3).questions


def test_offers_stay_out_of_the_other_forms(shop: Shop) -> None:
    asking = plan(shop, 60, seed=3)
    covered = {key for offer in asking.offers for key in offer.product_ids}
    assert covered
    for question in asking.questions:
        assert (question.products[0] in covered) == (question.form == "offer")


def test_a_clipped_name_fits_one_product_alone(shop: Shop) -> None:
    titles = [product.title.zh for product in shop.products.values()]
    parts = [q for q in plan(shop, 60, seed=5).questions if q.form == "part"]
    assert parts
    for question in parts:
        own = shop.products[question.products[0]].title.zh
        assert own not in question.text
        piece = max((own[a:b] for a in range(len(own)) for b in range(a + 1, len(own) + 1)
                     if own[a:b] in question.text), key=len)  # fmt: skip
        assert sum(piece in title for title in titles) == 1
