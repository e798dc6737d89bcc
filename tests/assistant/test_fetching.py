"""Fetching from addresses that others wrote: never a connection to anything of ours."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Iterator
from itertools import product

import httpcore
import pytest

from assistant import fetching
from assistant.errors import FetchRefused
from assistant.fetching import PublicOnly, fetch, public

INTERNAL = [
    "127.0.0.1", "127.1", "127.0.1", "0.0.0.0", "0", "10.0.0.1", "10.255.255.255", "172.16.0.1",
    "172.31.255.254", "192.168.0.1", "169.254.169.254", "100.64.0.1", "192.0.0.1", "192.0.2.1",
    "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "2130706433", "0x7f000001", "0x7f.0.0.1", "017700000001", "0177.0.0.1", "127.0.0.1.",
    "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[fc00::1]",
    "[fd12:3456::1]", "[fe80::1]", "[fe80::1%25lo]", "[ff02::1]", "[64:ff9b::7f00:1]",
    "[64:ff9b::a9fe:a9fe]", "[2002:7f00:1::]", "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
    "[2001:db8::1]", "localhost", "LOCALHOST", "localhost.", "ip6-localhost",
]  # fmt: skip
FORMS = [
    *map("".join, product(("http://", "https://"), INTERNAL, ("/feed.xml", ":8080/"))),
    *map("".join, product(("file:", "gopher:", "ftp:", "data:"), ("///etc/passwd", "//10.0.0.1/"))),
    "http://user@127.0.0.1/", "http://shop.example@127.0.0.1/", "http://127.0.0.1#@shop.example/",
    "http://shop.example:22/", "http://shop.example:6379/", "http://shop.example:5432/",
    "http://shop.example:0/", "http://shop.example:99999/", "http:///feed", "http://", "//x/y", "",
    "http://[::1", "http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://shop.example\\@127.0.0.1/",
    "http://shop.example\r\nHost: 127.0.0.1/", "http://127.0.0.1 .shop.example/",
    "http://\x00127.0.0.1/", "unix:///var/run/docker.sock", "http+unix://%2Fvar/x",
    "http://shop.example/" + "a" * 2000,
]  # fmt: skip


class Canary:
    """A server on this machine that only counts who knocks."""

    def __init__(self) -> None:
        self.knocks = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._count, daemon=True)
        self._thread.start()
        self.port = self._listener.getsockname()[1]

    def _count(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.knocks += 1
            connection.close()

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def canary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Canary]:
    canary = Canary()
    ports = (80, 8080, canary.port)
    monkeypatch.setattr(fetching, "PORTS", {"http": ports, "https": (443, 8443, canary.port)})
    yield canary
    canary.close()


def test_no_form_of_an_address_reaches_this_machine(canary: Canary) -> None:
    forms = FORMS + [
        form.replace(":8080/", f":{canary.port}/") for form in FORMS if ":8080/" in form
    ]
    assert len(forms) >= 150
    for form in forms:
        with pytest.raises(FetchRefused):
            fetch(form, io.BytesIO(), 1000)
    assert canary.knocks == 0


def test_a_name_that_changes_its_address_gains_nothing(canary: Canary) -> None:
    answers = iter((["93.184.216.34", "127.0.0.1"], ["127.0.0.1"], []))
    url = f"http://rebound.example:{canary.port}/"
    for _ in range(3):
        with pytest.raises(FetchRefused, match="public internet"):
            fetch(url, io.BytesIO(), 1000, resolve=lambda host, port: next(answers))
    assert canary.knocks == 0


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_the_public_internet_is_public(address: str) -> None:
    assert public(address)


class Scripted(httpcore.NetworkBackend):
    """Answers with the bytes given, one connection after the other."""

    def __init__(self, *answers: bytes) -> None:
        self._answers = list(answers)

    def connect_tcp(self, host: str, *rest: object, **more: object) -> httpcore.NetworkStream:
        return httpcore.MockStream([self._answers.pop(0)])


def answering(monkeypatch: pytest.MonkeyPatch, *answers: bytes) -> None:
    scripted = Scripted(*answers)
    monkeypatch.setattr(httpcore, "SyncBackend", lambda: scripted)


def somewhere(host: str, port: int) -> list[str]:
    return ["127.0.0.1"] if host == "inside.example" else ["93.184.216.34"]


def test_a_feed_is_fetched_and_redirects_are_followed_outside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moved = (
        b"HTTP/1.1 302 Found\r\nLocation: /feed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfeed"
    answering(monkeypatch, moved, whole)
    into = io.BytesIO()
    fetch("http://shop.example/", into, 1000, resolve=somewhere)
    assert into.getvalue() == b"feed"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 302 F\r\nLocation: http://inside.example/\r\n\r\n", "public internet"),
        (b"HTTP/1.1 302 F\r\nLocation: file:///etc/passwd\r\n\r\n", "scheme"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + b"x" * 2000, "larger"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", "compresses"),
        (b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", "answers 500"),
        (b"nonsense\r\n\r\n", "does not answer"),
    ],
)
def test_what_is_not_a_feed_from_outside_is_refused(
    monkeypatch: pytest.MonkeyPatch, answer: bytes, said: str
) -> None:
    answering(monkeypatch, answer)
    with pytest.raises(FetchRefused, match=said):
        fetch("http://shop.example/", io.BytesIO(), 1000, resolve=somewhere)


def test_endless_redirects_end(monkeypatch: pytest.MonkeyPatch) -> None:
    moved = b"HTTP/1.1 302 F\r\nLocation: /a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    answering(monkeypatch, *[moved] * 9)
    with pytest.raises(FetchRefused, match="more than 3 times"):
        fetch("http://shop.example/", io.BytesIO(), 1000, resolve=somewhere)


def test_a_socket_of_this_machine_is_refused() -> None:
    with pytest.raises(FetchRefused):
        PublicOnly(somewhere).connect_unix_socket("/var/run/docker.sock")
