"""Kill a service at random moments under load: is anything lost, is anything said twice?"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random

from eval.room_flood import Flood, Sender
from eval.room_ledger import caught_up, read_ledger
from eval.room_mix import Logs, comments
from eval.service import running_service
from retrieval.catalog import Product

PER_MINUTE = 6000
LOAD_S = 4.0
CATCH_UP_S = 60.0


async def killed(
    shop: Path,
    kills: int,
    settings: Mapping[str, str],
    products: Sequence[Product],
    numbers: int,
    logs: Logs,
    seed: int = 11,
) -> tuple[int, int, int]:
    """Lost, double, and how many comments and deeds were acknowledged, over all `kills`.

    Lost: acknowledged, and not in the records afterwards, or a question that no merged question
    has among its askers. Double: an answer in the same words to the same question once more, or
    a question merged twice, while nothing in the shop changed. One home lives through all kills.
    """
    random, flood = Random(seed), Flood()  # noqa: S311
    with tempfile.TemporaryDirectory(prefix="liveshop-kill-") as folder:
        home = Path(folder) / "home"
        shutil.copytree(shop, home)
        for number in range(kills + 1):
            last = number == kills
            with ExitStack() as stack:
                service = await asyncio.to_thread(
                    stack.enter_context, running_service(settings, home, engine=False)
                )
                sender = Sender(service.url, f"kill-{number}", flood, seed=number)
                due = comments(PER_MINUTE, LOAD_S, products, numbers, logs, seed=1000 + number)
                work = asyncio.gather(
                    *(asyncio.create_task(one) for one in (sender.comments(due), sender.hosting())),
                    return_exceptions=True,
                )
                await asyncio.sleep(LOAD_S if last else random.uniform(0.2, LOAD_S))
                if last:
                    await asyncio.to_thread(caught_up, home / "liveshop.db", CATCH_UP_S)
                elif service.pid is not None:
                    os.kill(service.pid, signal.SIGKILL)
                work.cancel()
                await asyncio.gather(work, return_exceptions=True)
                await sender.close()
                await asyncio.to_thread(stack.close)
        ledger = await asyncio.to_thread(read_ledger, home / "liveshop.db")
    lost = sum(event_id not in ledger.events for event_id in flood.acked)
    lost += sum(key not in ledger.actions for key in flood.actions)
    heard = {c.text for _, c in flood.acked.values() if c.viewer in ledger.asked}
    lost += sum(
        comment.text in heard and comment.viewer not in ledger.asked
        for _, comment in flood.acked.values()
        if comment.question
    )
    per_question = Counter((d["question_id"], d["language"]) for _, d in ledger.answers)
    double = sum(n - 1 for n in per_question.values())
    same_words = Counter((d["question"], d["language"], d["text"]) for _, d in ledger.answers)
    double += sum(n - 1 for n in same_words.values())
    return lost, double, len(flood.acked) + len(flood.actions)
