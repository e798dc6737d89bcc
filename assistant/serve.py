"""The composition root: everything is built from Settings here, started here and stopped here.

The service answers from its first second: /healthz at once, questions as soon as the records and
the names are open, better ones once the vectors have followed and the model is loaded. What is
slow to import is imported in threads for that reason.
"""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI

from assistant.api.app import Pages, create_api
from assistant.api.service import Service
from assistant.errors import LiveshopError, SettingRefused
from assistant.opening import EngineDoor, open_shop
from assistant.settings import Settings
from assistant.tracing import exporter_to
from retrieval.errors import RetrievalError

if TYPE_CHECKING:
    from assistant.llm.engine import Engine
    from assistant.llm.tier import Tier

log = logging.getLogger(__name__)
ENGINE_LOOK_S = 5.0
GRACE_S = 5
SWITCH_S = 0.001
GARBAGE_AFTER = (20_000, 20, 20)
Failed = Callable[[Exception], None]


def create_app(settings: Settings, failed: Failed | None = None) -> FastAPI:
    """The service as an ASGI application; its lifespan opens the parts in the background.

    `failed` is told when they cannot be opened; without it the service stays up, not ready.
    """
    pictures = Path(str(files("assistant") / "demo_shop" / "pictures"))
    service, pages = Service(settings, pictures, Path(str(files("ui")))), Pages()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        running = asyncio.create_task(_run(service, pages, failed))
        yield
        await _ended(running)

    return create_api(service, pages, lifespan)


def serve(settings: Settings, up: Callable[[], None] | None = None) -> None:
    """Run the service until Ctrl-C or SIGTERM; `up` is called when it takes requests.

    Raises SettingRefused where the port is taken, and what opening the parts raises.
    """
    failures: list[Exception] = []
    listener = listening(settings.host, settings.port)
    with listener:

        def failed(error: Exception) -> None:
            failures.append(error)
            server.should_exit = True

        app = create_app(settings, failed)
        config = uvicorn.Config(
            app,
            access_log=False,
            log_level="warning",
            proxy_headers=False,  # api/auth.py trusts the peer's own address
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
        )
        server = _Server(config, app.state.service, up)
        with suppress(KeyboardInterrupt):
            # uvicorn raises a signal again once it has stopped; the work is done by then.
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
            # A thread that computes keeps the event loop waiting for so long at each of its steps.
            sys.setswitchinterval(SWITCH_S)
            # A turn makes thousands of short-lived objects: look for garbage after several turns.
            gc.set_threshold(*GARBAGE_AFTER)
            server.run(sockets=[listener])
    if failures:
        raise failures[0]


def listening(host: str, port: int) -> socket.socket:
    """A socket listening there. Raises SettingRefused naming the setting to change."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SettingRefused(
                f"LIVESHOP_PORT has value {port}: another program listens there; "
                "stop it or choose another port"
            ) from error
        raise SettingRefused(f"LIVESHOP_HOST has value {host!r}: {error.strerror}") from error


class _Server(uvicorn.Server):
    """uvicorn's server, telling when it takes requests, and letting replies end before it stops."""

    def __init__(
        self, config: uvicorn.Config, service: Service, up: Callable[[], None] | None
    ) -> None:
        super().__init__(config)
        self._service, self._up = service, up

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin nothing new, refused with 503; wait for replies in progress; then stop."""
        self._service.drain()
        end = time.monotonic() + self._service.settings.drain_s
        while self._service.turns.running and time.monotonic() < end and not self.force_exit:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        await super().shutdown(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._up:
            self._up()


async def _run(service: Service, pages: Pages, failed: Failed | None) -> None:
    """Open the parts, keep them, and close them in reverse when cancelled."""
    async with AsyncExitStack() as stack:
        if url := service.settings.traces_url:
            try:
                service.tracing.export(await asyncio.to_thread(exporter_to, str(url)))
            except SettingRefused as error:
                log.error("nothing is traced: %s", error)
            stack.push_async_callback(asyncio.to_thread, service.tracing.close)
        door, opened, importing = EngineDoor(), asyncio.Event(), asyncio.Lock()
        # The engine loads in a process of its own, beside all that is imported here.
        engine = asyncio.create_task(_keep_engine(service, door, opened, importing))
        stack.push_async_callback(_ended, engine)
        try:
            await open_shop(service, door, stack)
        except Exception as error:
            for name in ("records", "index"):
                if service.parts[name].state == "starting":
                    service.parts[name].set("failed", "could not be opened; the log says why")
            if failed is None or not isinstance(error, LiveshopError | RetrievalError):
                log.error("the shop could not be opened", exc_info=error)
            if failed:
                failed(error)
            return
        stack.push_async_callback(service.show.stop)
        opened.set()
        await _keep_page(service, pages, importing)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _keep_engine(
    service: Service, door: EngineDoor, opened: asyncio.Event, importing: asyncio.Lock
) -> None:
    """Start the LLM where it is ours, connect to it and watch it. Never raises.

    Its client is as slow to import as the shop is: it waits until the shop is `opened`. Who holds
    `importing` imports alone: two that import much at once may each meet what the other has half
    imported, and put back the other's warning filters, which a process has only once.
    """
    settings, part, engine = service.settings, service.parts["engine"], None
    try:
        async with AsyncExitStack() as stack:
            if settings.llm_base_url:
                base_url, model = str(settings.llm_base_url), settings.llm_model or ""
                key = settings.llm_api_key.get_secret_value()
            else:
                part.set("starting", f"loading {settings.engine_model}")
                engine = await stack.enter_async_context(await asyncio.to_thread(_engine, settings))
                base_url, model, key = engine.base_url, engine.model, engine.api_key
            await opened.wait()
            async with importing:
                tier = await asyncio.to_thread(_tier, service, base_url, model, key)
            door.client = await stack.enter_async_context(tier)
            if engine:
                engine.warm_up()  # only now: it takes every core for seconds
            while True:
                ready, detail = await tier.ready()
                part.set("ok" if ready else "failed", detail)
                await asyncio.sleep(ENGINE_LOOK_S if ready else 1)
    except (LiveshopError, OSError) as error:
        # Answers come from the records alone, as each of them says.
        part.set("failed", str(error))
        log.error("the service answers from records alone: %s", error)
    finally:
        door.client = None


def _engine(settings: Settings) -> Engine:
    from assistant.llm.engine import Engine
    from assistant.llm.weights import path_of
    from assistant.turn.generation import warm_prompts

    model = path_of(settings.engine_model, settings.cache)
    return Engine(
        model,
        threads=settings.engine_threads,
        parallel=settings.llm_concurrency,
        log=settings.home / "engine.log",
        warm=warm_prompts(),
    )


def _tier(service: Service, base_url: str, model: str, api_key: str) -> Tier:
    from assistant.llm.client import LlmClient
    from assistant.llm.tier import Tier

    settings = service.settings
    others = (one.split("@", 1) for one in settings.llm_fallbacks)
    clients = [
        LlmClient(
            url,
            name,
            api_key,
            settings.llm_first_token_s,
            settings.llm_next_token_s,
            settings.llm_max_tokens,
            settings.llm_concurrency,
        )
        for name, url in ((model, base_url), *others)
    ]
    return Tier(clients, service.metrics.generation, tracing=service.tracing)


async def _keep_page(service: Service, pages: Pages, importing: asyncio.Lock) -> None:
    """Mount the chat page for as long as the service runs. Never raises: it is only a page."""
    part = service.parts["page"]
    part.set("starting")
    try:
        async with importing:
            holder = await asyncio.to_thread(_page, service.settings)
        async with holder.router.lifespan_context(holder):
            pages.app = holder
            part.set("ok")
            gc.freeze()  # what is loaded by now stays: collections, and the end, need not walk it
            await asyncio.Event().wait()
    except Exception as error:
        part.set("failed", "the chat page could not be opened; the log says why")
        log.error("the chat page could not be opened", exc_info=error)
    finally:
        pages.app = None


def _page(settings: Settings) -> FastAPI:
    """An application with the Gradio page at its root; importing gradio alone takes seconds."""
    from ui.gradio_import import without_stubs

    without_stubs()
    import gradio as gr

    from ui import chat

    holder: FastAPI = gr.mount_gradio_app(
        FastAPI(openapi_url=None),
        chat.build(settings.address, settings.locale),
        path="/",
        css=chat.CSS,
        head=chat.HEAD,
        theme=chat.THEME,
        show_error=False,
        run_history=False,
        footer_links=[],
        enable_monitoring=False,
    )
    return holder
