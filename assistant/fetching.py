"""Fetching from addresses that somebody else wrote down: the public internet alone.

Every connection is made to an address that was looked up and checked here, redirects included:
a name that changes its address between the check and the connection gains nothing. No proxy of
the environment is used, nothing is decompressed.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from typing import IO, Any
from urllib.parse import urljoin, urlsplit

import httpcore

from assistant.errors import FetchRefused

PORTS = {"http": (80, 8080), "https": (443, 8443)}
MOST_REDIRECTS = 3
LONGEST_URL = 2000
NAT64 = ipaddress.ip_network("64:ff9b::/96")
Resolve = Callable[[str, int], list[str]]


def fetch(
    url: str, into: IO[bytes], most: int, deadline_s: float = 300.0, resolve: Resolve | None = None
) -> None:
    """Write what is at `url` to `into`: at most `most` bytes, within `deadline_s` seconds.

    Raises FetchRefused for an address that is not public, a server that fails, too much, too late.
    """
    ends = time.monotonic() + deadline_s
    backend = PublicOnly(resolve or _looked_up)
    tls = ssl.create_default_context()
    with httpcore.ConnectionPool(ssl_context=tls, network_backend=backend) as pool:
        for _ in range(MOST_REDIRECTS + 1):
            following = _fetched(pool, _checked(url), into, most, ends)
            if following is None:
                return
            url = urljoin(url, following)
    raise FetchRefused(f"it is redirected more than {MOST_REDIRECTS} times")


def public(address: str) -> bool:
    """Whether an IP address is on the public internet, also what it carries within itself."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in NAT64:  # how a network without IPv4 reaches the IPv4 address within
            return public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if inner and not public(str(inner)):
            return False
        if int(ip) >> 32 == 0:  # ::a.b.c.d, long obsolete
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


class PublicOnly(httpcore.NetworkBackend):
    """Connects to public addresses alone. Raises FetchRefused for others, and where a name has
    any other among its addresses."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve, self._real = resolve, httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._resolve(host, port)
        if not addresses or not all(map(public, addresses)):
            raise FetchRefused(f"host {host!r} is not on the public internet")
        return self._real.connect_tcp(addresses[0], port, timeout, local_address, socket_options)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        raise FetchRefused("a socket of this machine is not on the public internet")


def _looked_up(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [str(entry[4][0]) for entry in found]


def _checked(url: str) -> str:
    """`url` where its form is one that we fetch."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError as error:
        raise FetchRefused(f"is no address: {error}") from error
    ports = PORTS.get(parts.scheme)
    if ports is None:
        raise FetchRefused("its scheme is neither https nor http")
    if "@" in parts.netloc or not host or len(url) > LONGEST_URL or not url.isascii():
        raise FetchRefused("write it in ASCII with a host, without a user, in 2000 characters")
    if any(c in url for c in "\\ \t\r\n") or any(ord(c) < 33 for c in url):
        raise FetchRefused("it holds a space, a backslash or a control character")
    if port is not None and port not in ports:
        raise FetchRefused(f"its port is {port}: {' and '.join(map(str, ports))} are fetched from")
    return url


def _fetched(
    pool: httpcore.ConnectionPool, url: str, into: IO[bytes], most: int, ends: float
) -> str | None:
    """Write the body and return None, or return where a redirect leads."""
    timeouts = dict.fromkeys(("connect", "read", "write", "pool"), 10.0)
    asked = [("Accept-Encoding", "identity"), ("User-Agent", "liveshop")]
    try:
        with pool.stream("GET", url, headers=asked, extensions={"timeout": timeouts}) as answer:
            told = {name.lower(): value.decode("latin-1") for name, value in answer.headers}
            if answer.status in (301, 302, 303, 307, 308) and told.get(b"location"):
                return told[b"location"]
            if answer.status != 200:
                raise FetchRefused(f"its server answers {answer.status}")
            if told.get(b"content-encoding", "identity") != "identity":
                raise FetchRefused("its server compresses what was asked for as it is")
            received = 0
            for piece in answer.iter_stream():
                received += len(piece)
                if received > most:
                    raise FetchRefused(f"it is larger than {most} bytes")
                if time.monotonic() > ends:
                    raise FetchRefused("it takes too long")
                into.write(piece)
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
        raise FetchRefused(f"its server does not answer: {type(error).__name__}") from error
    except (httpcore.UnsupportedProtocol, ValueError) as error:
        raise FetchRefused("is no address that can be fetched") from error
    return None
