"""The embedded engine: llama.cpp in a child process, watched over and restarted.

The parent speaks to the child over two pipes: the first line of its standard input says what to
load, one line of its standard output says where it listens. When the parent ends, however it
ends, the child's standard input closes and the child goes too.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import secrets
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Self

import httpx

from assistant.errors import EngineUnavailable

CONTEXT_PER_SLOT = 3072  # tokens: a long prompt, a history and the reply
PROMPT_CACHE_MIB = 1024  # prompts of other rooms and products, kept beside the slots
LARGEST_BATCH = 128  # tokens of prompts a step, so that a long prompt does not stall the others
NICENESS = 5
START_S = 180.0
STOP_S = 5.0
BACK_OFF_S = (0.5, 30.0)  # first and longest wait before a restart
STEADY_S = 60.0  # a child that lived this long was well: the next wait is the first again
logger = logging.getLogger(__name__)


class Engine:
    """Runs the GGUF at `model_path` for as long as the `async with` block lasts.

    `threads` is 0 for one a core; `parallel` how many replies are generated at once; `warm` are
    prompts, each a list of chat messages, that `warm_up` has read in.
    The child writes its log to `log`. Entering raises EngineUnavailable when the model cannot be
    loaded; a child that dies later is started again, at the same address, after a wait that
    doubles each time, and `ready` is False until then.
    """

    def __init__(
        self,
        model_path: Path,
        *,
        threads: int = 0,
        parallel: int = 4,
        warm: Sequence[Sequence[tuple[str, str]]] = (),
        log: Path | None = None,
    ) -> None:
        self.model = model_path.stem
        self.api_key = secrets.token_urlsafe(24)
        self.ready = False
        self.restarts = 0
        self._warm = warm
        self._log = log
        self._launch: dict[str, Any] = {
            "model_path": str(model_path),
            "model": self.model,
            "api_key": self.api_key,
            "threads": threads or os.cpu_count() or 1,
            "parallel": parallel,
            "port": 0,
        }
        self._child: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def base_url(self) -> str:
        """Where the engine listens, ending in /v1; the same after a restart."""
        return f"http://127.0.0.1:{self._launch['port']}/v1"

    @property
    def pid(self) -> int | None:
        """The child's process id while it lives."""
        return self._child.pid if self._child and self._child.returncode is None else None

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._end_child()
            raise
        self._watch = asyncio.create_task(self._keep_running(), name="engine-watch")
        return self

    async def __aexit__(self, *_: object) -> None:
        self.ready = False
        tasks = [task for task in (self._watch, self._reading) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._end_child()

    async def _start(self) -> None:
        """Start the child and wait for its address."""
        with contextlib.ExitStack() as stack:
            errors: int | IO[bytes] = asyncio.subprocess.DEVNULL
            if self._log:
                self._log.parent.mkdir(parents=True, exist_ok=True)
                errors = stack.enter_context(self._log.open("ab"))
            self._child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "assistant.llm.engine",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                start_new_session=True,  # Ctrl-C is for the parent, which ends the child in order
            )
        told, heard = self._child.stdin, self._child.stdout
        if told is None or heard is None:
            raise RuntimeError("the engine's pipes are missing")
        told.write(json.dumps(self._launch).encode() + b"\n")
        try:
            async with asyncio.timeout(START_S):
                line = await heard.readline()
        except TimeoutError:
            line = b""
        if not line:
            raise EngineUnavailable(
                f"llama.cpp did not load {self._launch['model_path']} within {START_S:g} s; "
                + (f"its log is {self._log}" if self._log else "give it a log to see why")
            )
        self._launch["port"] = json.loads(line)["port"]
        self.ready = True

    def warm_up(self) -> None:
        """Have the warm prompts read in, in the background; once more after each restart."""
        self._reading = asyncio.create_task(self._read_in(), name="engine-warm")

    async def _read_in(self) -> None:
        """Have the warm prompts read, so that the first viewer finds them in the prefix cache."""
        headers = {"authorization": f"Bearer {self.api_key}"}
        async with httpx.AsyncClient(trust_env=False, timeout=START_S, headers=headers) as http:
            for prompt in self._warm:
                messages = [{"role": role, "content": content} for role, content in prompt]
                body = {"messages": messages, "max_tokens": 1}
                with contextlib.suppress(httpx.HTTPError):
                    await http.post(f"{self.base_url}/chat/completions", json=body)

    async def _keep_running(self) -> None:
        """Start the child again whenever it has died."""
        first, longest = BACK_OFF_S
        wait = first
        while self._child:
            begin = time.monotonic()
            status = await self._child.wait()
            self.ready = False
            if time.monotonic() - begin > STEADY_S:
                wait = first
            logger.warning("engine ended with status %s; it starts again in %g s", status, wait)
            await asyncio.sleep(wait)
            wait = min(2 * wait, longest)
            self.restarts += 1
            try:
                await self._start()
                self.warm_up()
            except (EngineUnavailable, OSError) as error:
                logger.warning("engine: %s", error)
                await self._end_child()

    async def _end_child(self) -> None:
        child = self._child
        if child is None:
            return
        if child.stdin:
            child.stdin.close()
        for end in (child.terminate, child.kill):
            if child.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    end()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(child.wait(), STOP_S)
                return


def _serve() -> None:
    """The child's whole life: load, say where, and serve until the parent is gone."""
    launch = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.nice(NICENESS)
    import xllamacpp  # the parent must not load llama.cpp

    params = xllamacpp.CommonParams()
    params.model.path = launch["model_path"]
    params.model_alias = {launch["model"]}
    params.hostnames = ["127.0.0.1"]
    params.port = launch["port"]
    params.api_keys = [launch["api_key"]]
    params.ui = False
    params.verbosity = 2  # warnings
    params.endpoint_slots = False
    params.endpoint_metrics = True
    params.n_parallel = launch["parallel"]
    params.n_ctx = CONTEXT_PER_SLOT * launch["parallel"]
    # Repacked weights load half as fast and, on AVX2, read prompts a third slower.
    params.no_extra_bufts = True
    params.n_batch = params.n_ubatch = LARGEST_BATCH
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = launch["threads"]
    params.cache_ram_mib = PROMPT_CACHE_MIB
    server = xllamacpp.Server(params)
    port = int(server.listening_address.rsplit(":", 1)[1])
    os.write(1, json.dumps({"port": port}).encode() + b"\n")
    threading.Event().wait()


def _end_with_parent() -> None:
    while sys.stdin.buffer.read(1):
        pass
    os._exit(0)


if __name__ == "__main__":
    _serve()
