"""Personal data and keys, seeded through every entry of a service: is one in what it keeps?

First what people say goes in (questions over three streams, history, comments, transcripts, lines
to be judged) and the database is read; then the same secrets come where nobody should put them
(addresses, headers, ids, malformed bodies, feeds) and the log, which notes every request, is read.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple
from urllib.parse import quote
from uuid import uuid4

import httpx

from eval.figures import CouldNotMeasure, count
from eval.safety_outcome import Outcome
from eval.service import NO_ENGINE, running_service

SEEDED = 500
ROOM = "/api/v1/rooms/private"
ANSWER_S, AT_ONCE = 60.0, 100
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
_SPELT = str.maketrans("0123456789", "零一二三四五六七八九")
_LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGH23456789"


class Secret(NamedTuple):
    """A sentence, and what of it nobody may read afterwards."""

    kind: str
    text: str
    core: str


def secrets(n: int = SEEDED, seed: int = 7) -> list[Secret]:
    """`n` sentences with telephones, identities, cards, addresses, names, accounts and keys."""
    drawn = _drawn(Random(seed))  # noqa: S311
    return [next(drawn) for _ in range(n)]


def _drawn(chance: Random) -> Iterator[Secret]:
    def digits(n: int) -> str:
        return "".join(chance.choice("0123456789") for _ in range(n))

    def letters(n: int) -> str:
        return "".join(chance.choice(_LETTERS) for _ in range(n))

    while True:
        mobile = f"1{chance.choice('3456789')}{digits(9)}"
        spaced = f"{mobile[:3]} {mobile[3:7]} {mobile[7:]}"
        born = f"19{chance.randint(60, 99)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
        identity = f"{chance.randint(110101, 659001)}{born}{digits(3)}X"
        card = f"62{digits(14)}"
        grouped = " ".join(card[at : at + 4] for at in range(0, 16, 4))
        number = f"{chance.randint(200, 989)}-{chance.randint(200, 999)}-{digits(4)}"
        insured = f"{digits(3)}-{chance.randint(10, 99)}-{digits(4)}"
        mail = f"{letters(6)}.{letters(3)}@{letters(5).lower()}.com"
        street = f"杭州市西湖区文三路{digits(3)}号{chance.randint(1, 9)}栋{digits(3)}室"
        english = f"{chance.randint(1000, 9999)} Maple Street, Apt {digits(3)}"
        name = "".join(chance.choice("欧阳司徒慕容锋睿瀚彧翎皓") for _ in range(3))
        key = f"lsk_{''.join(chance.choice('0123456789abcdef') for _ in range(12))}_{letters(43)}"
        token = f"eyJ{letters(30)}.eyJ{letters(60)}.{letters(43)}"
        other, account, qq = f"sk-{letters(32)}", f"wx{letters(8)}", digits(9)
        wide, spelt = mobile.translate(_WIDE), mobile.translate(_SPELT)
        yield Secret("mobile", f"我的电话是{mobile}，有货通知我", mobile)
        yield Secret("mobile spaced", f"打这个{spaced}吧", spaced)
        yield Secret("mobile wide", f"电话{wide}谢谢", wide)
        yield Secret("mobile spelt", f"加我{spelt}", spelt)
        yield Secret("mobile abroad", f"+86-{mobile} call me", mobile)
        yield Secret("identity", f"身份证{identity}可以领优惠吗", identity)
        yield Secret("card", f"卡号{card}退款退到这里", card)
        yield Secret("card grouped", f"Card {grouped}, refund please", grouped)
        yield Secret("telephone", f"my number is {number} thanks", number)
        yield Secret("insured", f"SSN {insured} ok?", insured)
        yield Secret("mail", f"write to {mail} please", mail)
        yield Secret("account", f"加我微信：{account}，便宜卖", account)
        yield Secret("account qq", f"QQ{qq}可以吗", qq)
        yield Secret("address", f"寄到{street}，在家", street)
        yield Secret("address en", f"ship it to {english}", english)
        yield Secret("name", f"我叫{name}，在吗", f"我叫{name}")
        yield Secret("name en", f"My name is Ann {chance.choice('BCDKLMT')}hanovsky ok", "hanovsky")
        yield Secret("bearer", f"Authorization: Bearer {token}", token)
        yield Secret("key", f"key {key}", key)
        yield Secret("key of others", f"{other} is my key", other)


def measure_secrets(options: argparse.Namespace) -> Outcome:
    """How many of the seeded secrets stand in the database, and in the log."""
    seeded = secrets(min(options.n or SEEDED, SEEDED), options.seed)
    outcome = Outcome()
    with tempfile.TemporaryDirectory(prefix="liveshop-secrets-") as folder:
        home, log = Path(folder) / "home", Path(folder) / "service.log"
        home.mkdir()
        settings = {**NO_ENGINE, "LIVESHOP_LOG": "json"}
        with (
            running_service(settings, home, engine=False, log_to=log) as service,
            httpx.Client(base_url=service.url, timeout=ANSWER_S) as client,
        ):
            room = {"id": "private", "title": {"en": "Private"}}
            client.put("/api/v1/rooms", json=room).raise_for_status()
            entries = _sent(client, seeded, _said)
            entries |= _commented(client, seeded)
            kept = _read(path for path in home.rglob("*") if path.is_file())
            entries |= _sent(client, seeded, _misplaced)
        logged = _read([log])
    if not logged:
        raise CouldNotMeasure("the service wrote no log")
    for place, text in (("log", logged), ("database", kept)):
        found = [one for one in seeded if any(form in text for form in _forms(one.core))]
        outcome.metrics[f"secrets.in_{place}"] = count(len(found), len(seeded))
        for one in found:
            outcome.miss(f"secret in the {place}: {one.kind}", one.text)
    outcome.metrics["secrets.entries"] = count(len(entries), len(entries))
    return outcome


def _forms(core: str) -> Iterable[bytes]:
    """A secret as it is written, and as JSON, addresses and their encodings write it."""
    plain = core.encode()
    return {plain, json.dumps(core)[1:-1].encode(), quote(core).encode(), quote(core, "").encode()}


def _read(paths: Iterable[Path]) -> bytes:
    return b"\n".join(path.read_bytes() for path in paths)


Request = tuple[str, str, str, dict[str, Any]]


def _sent(
    client: httpx.Client, seeded: Iterable[Secret], of: Callable[[Secret], Iterator[Request]]
) -> set[str]:
    """Sends every request about every secret; the names of the entries."""
    names = set()
    for one in seeded:
        for name, method, path, how in of(one):
            answer = client.request(method, path, **how)
            if answer.status_code >= 500:
                raise CouldNotMeasure(f"{name}: {answer.status_code} {answer.text[:200]}")
            names.add(name)
    return names


def _said(one: Secret) -> Iterator[Request]:
    """What people say, where they say it."""
    ask, stream = f"{ROOM}/chat", {"Accept": "text/event-stream"}
    told = [{"role": "user", "content": one.text}, {"role": "assistant", "content": one.text}]
    asked = {"model": "room:private", "messages": [*told, {"role": "user", "content": one.text}]}
    line = {"text": one.text, "language": "zh"}
    yield "question", "POST", ask, {"json": {"message": one.text}}
    yield "question streamed", "POST", ask, {"json": {"message": one.text}, "headers": stream}
    yield "messages", "POST", "/v1/chat/completions", {"json": asked}
    yield "line to judge", "POST", "/api/v1/compliance/check", {"json": line}
    yield "search", "GET", "/api/v1/catalog/search", {"params": {"q": one.text}}


def _commented(client: httpx.Client, seeded: list[Secret]) -> set[str]:
    """Comments, nicknames and transcripts, as a connector sends them."""
    names = {"live.comment": "comment", "live.transcript": "transcript"}
    for kind in names:
        events = [
            {"specversion": "1.0", "id": uuid4().hex, "source": "eval", "type": kind,
             "subject": f"v{at}", "data": {"text": one.text, "nickname": one.text[:60]}}
            for at, one in enumerate(seeded)
        ]  # fmt: skip
        for at in range(0, len(events), AT_ONCE):
            batch = events[at : at + AT_ONCE]
            client.post(f"{ROOM}/events", json=batch).raise_for_status()
    return {*names.values(), "nickname"}


def _misplaced(one: Secret) -> Iterator[Request]:
    """The same where it has no business: each is refused or not found, and noted in the log."""
    path = quote(one.core, safe="")
    inside = one.text if one.text.isascii() else quote(one.text)
    yield "room in the address", "POST", f"/api/v1/rooms/{path}/chat", {"json": {"message": "?"}}
    yield "product in the address", "GET", f"/api/v1/products/{path}", {}
    yield "no such route", "GET", f"/{path}", {}
    yield "parameter", "GET", f"{ROOM}/recommendations", {"params": {"limit": one.text}}
    yield "parameter unknown", "GET", "/api/v1/rooms", {"params": {"key": one.text}}
    yield "bearer", "GET", "/api/v1/rooms", {"headers": {"Authorization": f"Bearer {inside}"}}
    yield "agent", "GET", "/api/v1/rooms", {"headers": {"User-Agent": inside, "Referer": inside}}
    yield "request id", "GET", "/api/v1/rooms", {"headers": {"X-Request-ID": path}}
    yield "last event", "GET", f"{ROOM}/feed", {"headers": {"Last-Event-ID": inside}}
    wrong = {"message": one.text, one.text[:60]: one.text}
    yield "unknown field", "POST", f"{ROOM}/chat", {"json": wrong}
    yield "wrong kind", "POST", f"{ROOM}/chat", {"json": {"message": [one.text]}}
    yield "malformed", "POST", f"{ROOM}/chat", {"content": f'{{"message": "{one.text}'.encode()}
    said = {"message": "多少钱", "conversation_id": one.text[:60], "viewer": one.text[:60]}
    yield "ids", "POST", f"{ROOM}/chat", {"json": said}
    row = json.dumps({"id": one.text[:40], "title": one.text, "price": one.text})
    yield "feed", "POST", "/api/v1/catalog/import", {"content": row.encode()}
    address = {"url": f"http://127.0.0.1:9/{path}"}
    yield "feed's address", "POST", "/api/v1/catalog/import", {"params": address}
