"""liveshop doctor: what the service needs, each checked, each fault with its remedy."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import typer

from assistant.cli.console import out
from assistant.errors import LiveshopError
from retrieval.errors import RetrievalError

if TYPE_CHECKING:
    from assistant.settings import Settings

LEAST_FREE = 2 * 1024**3
ASK_S = 5.0
Check = Callable[["Settings"], str]


class Fault(Exception):
    """What is wrong, and what to do."""


def doctor() -> None:
    """Check settings, servers, weights, index, disk and port; exit code 1 where one is at fault."""
    from assistant.settings import read_settings

    settings = read_settings()
    out.print("ok     settings  all can work")
    faults = 0
    for name, found, fault in checked(settings):
        faults += fault
        out.print(f"{'fault' if fault else 'ok   '}  {name:<9} {found}", markup=False)
    raise typer.Exit(1 if faults else 0)


def checked(settings: Settings) -> Iterator[tuple[str, str, bool]]:
    """The name of each check, what it found, and whether that is a fault."""
    for check in (records, index, bus, llm, embeddings, ranker, disk, port):
        try:
            yield check.__name__, check(settings), False
        except (Fault, LiveshopError, RetrievalError, OSError) as error:
            yield check.__name__, str(error), True


def records(settings: Settings) -> str:
    from assistant.store import Store

    if settings.database_url is None and not (settings.home / "liveshop.db").exists():
        return f"{settings.home}: no database yet; the first start makes it"
    with Store(settings.database) as store:
        try:
            store.ping()
        except LiveshopError as error:
            raise Fault(f"{error}; start the server, or mend LIVESHOP_DATABASE_URL") from error
        here, newest = store.revisions()
        if here is None:
            return f"{store.database!s}: empty; the first start makes its tables"
        if here != newest:
            return f"{store.database!s}: revision {here}; the next start brings it to {newest}"
        return f"{store.database!s}: {store.catalog.count()} products"


def index(settings: Settings) -> str:
    if isinstance(settings.index, Path):
        return f"{settings.index}: embedded, filled from the records by the service"
    url = f"{settings.index.rstrip('/')}/api/v2/heartbeat"
    return _answers(url, "start Chroma, or mend LIVESHOP_CHROMA_URL")


def bus(settings: Settings) -> str:
    if settings.redis_url is None:
        return "one process; several need LIVESHOP_REDIS_URL"
    from assistant.live.redis_bus import version_at

    try:
        version = asyncio.run(version_at(str(settings.redis_url)))
    except LiveshopError as error:
        raise Fault(f"{error}; start Redis, or mend LIVESHOP_REDIS_URL") from error
    if int(version.split(".")[0]) < 5:
        raise Fault(f"Redis {version}: streams need 5 or newer")
    return f"Redis {version}"


def llm(settings: Settings) -> str:
    if settings.llm_base_url is None:
        from assistant.llm.weights import path_of

        return f"embedded: {path_of(settings.engine_model, settings.cache)}"
    servers = [(settings.llm_model or "", str(settings.llm_base_url))]
    for one in settings.llm_fallbacks:
        model, _, url = one.partition("@")
        servers.append((model, url))
    for model, url in servers:
        _has_model(model, url, settings.llm_api_key.get_secret_value())
    return ", ".join(f"{model} at {url}" for model, url in servers)


def _has_model(model: str, url: str, key: str) -> None:
    remedy = "mend LIVESHOP_LLM_BASE_URL, LIVESHOP_LLM_MODEL or LIVESHOP_LLM_FALLBACKS"
    headers = {"Authorization": f"Bearer {key}"}
    try:
        answer = httpx.get(f"{url.rstrip('/')}/models", headers=headers, timeout=ASK_S)
        there = [one["id"] for one in answer.raise_for_status().json()["data"]]
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise Fault(f"{url}: {error}; start the server, or {remedy}") from error
    if model not in there:
        raise Fault(f"{url} has {', '.join(there) or 'no model'}, not {model!r}; {remedy}")


def embeddings(settings: Settings) -> str:
    if settings.embeddings != "http":
        return settings.embeddings_model or settings.embeddings
    url = f"{str(settings.embeddings_url).rstrip('/')}/models"
    return _answers(url, "start it, or mend LIVESHOP_EMBEDDINGS_URL")


def ranker(settings: Settings) -> str:
    if settings.ranker_folder is not None and not (settings.ranker_folder / "card.json").is_file():
        raise Fault(f"{settings.ranker_folder}: no ranker; `liveshop train ranker` writes one")
    return settings.ranker


def disk(settings: Settings) -> str:
    for folder, name in ((settings.home, "LIVESHOP_HOME"), (settings.cache, "LIVESHOP_CACHE")):
        there = next(one for one in (folder, *folder.parents) if one.exists())
        if not os.access(there, os.W_OK):
            raise Fault(f"{there} may not be written; choose another {name}")
        free = shutil.disk_usage(there).free
        if free < LEAST_FREE:
            raise Fault(f"{there} has {free / 1e9:.1f} GB left; make room, or move {name}")
    return f"{shutil.disk_usage(there).free / 1e9:.0f} GB left"


def port(settings: Settings) -> str:
    from assistant.serve import listening

    try:
        answer = httpx.get(f"{settings.address}/readyz", timeout=ASK_S, trust_env=False)
        parts = answer.json()["parts"]
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        listening(settings.host, settings.port).close()
        return f"{settings.port} is free"
    wrong = [f"{name}: {part['detail']}" for name, part in parts.items() if part["state"] != "ok"]
    if wrong:
        raise Fault(f"the service at {settings.address} runs, but {'; '.join(wrong)}")
    return f"the service at {settings.address} runs, all of it"


def _answers(url: str, remedy: str) -> str:
    try:
        httpx.get(url, timeout=ASK_S).raise_for_status()
    except httpx.HTTPError as error:
        raise Fault(f"{url}: {error}; {remedy}") from error
    return f"{url} answers"
