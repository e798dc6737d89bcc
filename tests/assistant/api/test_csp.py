"""The findings of high severity of Google's CSP evaluator, on every page and answer of ours.

The rules are those of https://github.com/google/csp-evaluator for a browser with CSP 3.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.assistant.api.bench import Bench, MakeBench
from tests.assistant.api.test_pages import FOLDER

FETCHES = {f"{kind}-src" for kind in ("default", "script", "style", "img", "font", "connect")}
FETCHES |= {f"{kind}-src" for kind in ("media", "object", "frame", "child", "worker", "manifest")}
FETCHES |= {f"{kind}-src-{part}" for kind in ("script", "style") for part in ("elem", "attr")}
OTHERS = {"base-uri", "form-action", "frame-ancestors", "require-trusted-types-for", "sandbox"}
OTHERS |= {"trusted-types", "report-to", "report-uri", "upgrade-insecure-requests"}
DANGEROUS = ("script-src", "object-src", "base-uri")
UNSAFE = {"'unsafe-inline'", "'unsafe-eval'", "'unsafe-hashes'"}
KEYWORDS = {"'self'", "'none'", "'strict-dynamic'", *UNSAFE}
# Hosts that serve anybody's script, or answer with one of the caller's choice (JSONP).
BYPASSES = re.compile(
    r"(?:^|//|\.)(?:googleapis\.com|gstatic\.com|google\.com|google-analytics\.com|jsdelivr\.net"
    r"|unpkg\.com|cloudflare\.com|cloudfront\.net|amazonaws\.com|jquery\.com|yandex\.\w+"
    r"|baidu\.com|alicdn\.com|github\.io|githubusercontent\.com)"
)


def high_findings(policy: str) -> list[str]:
    """What is of high severity in a policy, each as 'directive: why'."""
    directives: dict[str, list[str]] = {}
    found = []
    for part in filter(None, (part.split() for part in policy.split(";"))):
        name = part[0].lower()
        if name not in FETCHES | OTHERS:
            found.append(f"{name}: is no directive")
        if name in directives:
            found.append(f"{name}: stands twice, and the second does not count")
        directives.setdefault(name, part[1:])

    def of(name: str) -> list[str] | None:
        fallback = directives.get("default-src") if name in FETCHES else None
        return directives.get(name, fallback)

    scripts = of("script-src") or ["*"]
    hashed = any(re.match(r"'(?:nonce|sha(?:256|384|512))-", one) for one in scripts)
    if of("script-src") is None:
        found.append("script-src: is missing")
    if of("object-src") is None:
        found.append("object-src: is missing, plug-ins run scripts")
    if (hashed or "'strict-dynamic'" in scripts) and of("base-uri") is None:
        found.append("base-uri: is missing, a <base> turns scripts elsewhere")
    if "'unsafe-inline'" in scripts and not hashed:
        found.append("script-src: 'unsafe-inline'")
    for name in DANGEROUS:
        for source in of(name) or []:
            if source in ("*", "http://*", "https://*"):
                found.append(f"{name}: {source} is everybody")
            elif re.fullmatch(r"(?:https?|data|blob|filesystem|wss?):", source):
                found.append(f"{name}: {source} is a scheme alone")
            elif name != "base-uri" and BYPASSES.search(source):
                found.append(f"{name}: {source} serves anybody's script")
    for name, sources in directives.items():
        found += [
            f"{name}: {source} is no source, or its ; is missing"
            for source in sources
            if name in FETCHES
            and (source in FETCHES | OTHERS or (source[0] == "'" and source not in KEYWORDS))
            and not re.match(r"'(?:nonce|sha(?:256|384|512))-[\w+/=-]{8,}'", source)
        ]
    return found


@pytest.mark.parametrize(
    ("policy", "names"),
    [
        ("", ["script-src", "object-src"]),
        ("script-src 'self' 'unsafe-inline'; object-src 'none'", ["script-src"]),
        ("default-src 'none'; script-src data:", ["script-src"]),
        ("default-src 'self'; script-src 'self' https:", ["script-src"]),
        ("default-src 'none'; script-src *", ["script-src"]),
        ("default-src *", ["script-src", "object-src"]),
        ("script-src 'nonce-abcdefgh'; object-src 'none'", ["base-uri"]),
        ("default-src 'none'; script-src 'self' https://cdn.jsdelivr.net", ["script-src"]),
        ("default-src 'none'; script-src 'self' object-src 'none'", ["script-src"]),
        ("default-src 'none'; scripts-src 'self'", ["scripts-src"]),
        ("default-src 'none'; script-src 'self'; script-src 'none'", ["script-src"]),
        ("default-src 'none'; script-src 'selv'", ["script-src"]),
        ("default-src 'none'; script-src 'self'; base-uri *", ["base-uri"]),
        ("script-src 'nonce-abcdefgh' 'unsafe-inline'; object-src 'none'; base-uri 'none'", []),
        ("default-src 'none'; script-src 'self'", []),
    ],
)
def test_the_rules_find_what_they_should(policy: str, names: list[str]) -> None:
    assert [found.partition(":")[0] for found in high_findings(policy)] == names


@pytest.fixture
async def client(make_bench: MakeBench) -> AsyncIterator[httpx.AsyncClient]:
    bench: Bench = make_bench(embed_origins=("https://shop.example",))
    bench.service.ui = FOLDER
    transport = httpx.ASGITransport(bench.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


@pytest.mark.parametrize(
    "path", ["/panel", "/demo", "/console", "/overlay/demo", "/api/v1/rooms", "/v1/models"]
)
async def test_the_evaluator_finds_nothing_high(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert high_findings(policy) == []
    assert "unsafe" not in policy
    assert "base-uri 'none'" in policy or path.startswith(("/api/", "/v1/"))
