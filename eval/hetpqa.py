"""Does the assistant answer product questions from evidence? Run as liveshop eval hetpqa.

Questions, evidence and human answers of hetPQA (Shen et al. 2022), from
--data/amazon_pqa/hetPQA/answer_generation/dev.csv, and Chinese ones of our own, whose figures begin
with `zh.`; without --data these alone. Each question gets a product whose description holds its
evidence among that of other questions; liveshop is asked on the product's page, and the baselines
get the same description.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

import bm25s
import httpx

from eval import figures
from eval.dialogue import add_options, model, model_there, service_settings
from eval.dialogue_set import Language
from eval.dialogue_solvers import ANSWER_S, Model
from eval.figures import CouldNotMeasure, Figures, Metric, mean
from eval.service import running_service

GIVEN = Path("amazon_pqa") / "hetPQA" / "answer_generation" / "dev.csv"
OWN = Path(__file__).parent / "datasets" / "product_questions" / "zh.jsonl"
BESIDE = 4  # pieces of evidence of other questions in a description
PASTED = 3
ENDED = (".", "!", "?", "。", "！", "？")
SYSTEM: dict[Language, str] = {
    "zh": "用一句短话回答关于商品的问题。",
    "en": "You answer questions about a product in one short sentence.",
}
NOTES: dict[Language, str] = {
    "zh": "商品资料：\n{notes}\n\n问题：{question}",
    "en": "Product notes:\n{notes}\n\nQuestion: {question}",
}
# Chinese is compared by characters, as CMRC 2018 does (Cui et al. 2019).
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?|[\u3400-\u9fff]")
_ARTICLES = frozenset(("a", "an", "the"))
_FUNCTION = (
    "is are was were be it this that they of to and or in on for with as at by from you your can "
    "will would should do does have has not yes no i so if"
)
_FUNCTION_ZH = "的了吗呢是在有不没也都很就可以能会这那个"
_EMPTY = frozenset((*_ARTICLES, *_FUNCTION.split(), *_FUNCTION_ZH))
Answer = Callable[["Row"], Awaitable[str]]
Given = dict[str, str | None]


class Row(NamedTuple):
    """A question with its evidence, the human answer, and all that the description says."""

    id: str
    question: str
    evidence: str
    answer: str
    told: tuple[str, ...]
    language: Language = "en"


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0 when measured, 2 when that could not be done."""
    parser = figures.arguments("eval hetpqa", __doc__ or "")
    add_options(parser)
    parser.add_argument("--n", type=int, default=100, help="of either language, by the seed")
    parser.add_argument("--misses", type=Path, metavar="OUT.tsv", help="every answer, worst first")
    options = parser.parse_args(argv)
    return figures.state(lambda: measure(options), options)


def measure(options: argparse.Namespace) -> Figures:
    """Answer match and support, of liveshop and of the baselines on the same questions."""
    rows = read_own(OWN, options.n, options.seed)
    if options.data is not None:
        rows += read_rows(options.data / GIVEN, options.n, options.seed)
    parts: dict[str, list[Row]] = {}
    for row in rows:
        parts.setdefault("zh." if row.language == "zh" else "", []).append(row)
    answers: dict[str, Given] = {"": asyncio.run(_by_liveshop(rows, options))}
    errors = 0
    if model_there(options):
        answers |= asyncio.run(_by_model(rows, options))
    answers["bm25."] = {row.id: nearest(row, 1)[0] for row in rows}
    said: dict[str, Metric] = {}
    for name, given in answers.items():
        errors += sum(given[row.id] is None for row in rows)
        for part, ones in parts.items():
            said |= scored(ones, given, f"{name}{part}")
    if options.misses:
        options.misses.write_text(_told(rows, answers), encoding="utf-8")
    settings = {key: getattr(options, key) for key in ("n", "seed", "engine", "llm_model")}
    return Figures("hetpqa", said, settings, infrastructure_errors=errors)


def read_rows(path: Path, n: int, seed: int) -> list[Row]:
    """`n` questions, each beside evidence of others. Raises CouldNotMeasure without the file."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            given = list(csv.DictReader(file, delimiter="\t"))
        triples = [(row["question"], row["candidate"], row["answer"]) for row in given]
    except (OSError, KeyError, ValueError) as error:
        raise CouldNotMeasure(f"{path}: {error!r}") from error
    return _drawn(triples, n, seed, "en")


def read_own(path: Path, n: int, seed: int) -> list[Row]:
    """`n` Chinese questions of our own, likewise."""
    given = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    triples = [(row["question"], row["evidence"], row["answer"]) for row in given]
    return _drawn(triples, n, seed, "zh")


def _drawn(
    given: Sequence[tuple[str, str, str]], n: int, seed: int, language: Language
) -> list[Row]:
    """Rows of drawn questions, evidence and answers, each beside evidence of others."""
    chance = Random(seed)  # noqa: S311
    drawn = chance.sample(given, min(n, len(given)))
    pool = [evidence for _, evidence, _ in given]
    name = "het" if language == "en" else language
    rows = []
    for at, (question, evidence, answer) in enumerate(drawn):
        told = [evidence, *chance.sample(pool, BESIDE)]
        chance.shuffle(told)
        rows.append(Row(f"{name}-{at}", question, evidence, answer, tuple(told), language))
    return rows


async def _by_liveshop(rows: Sequence[Row], options: argparse.Namespace) -> Given:
    none = options.engine == "none" and not options.llm_url
    with tempfile.TemporaryDirectory(prefix="liveshop-hetpqa-") as folder:
        started = running_service(
            service_settings(options), Path(folder), engine=not none, log_to=options.log
        )
        with started as service:
            await asyncio.to_thread(service.import_feed, feed(rows))
            body = {"id": "het", "title": {"en": "hetPQA", "zh": "商品问答"}}
            await asyncio.to_thread(service.put, "/api/v1/rooms", body)
            async with httpx.AsyncClient(base_url=service.url, timeout=ANSWER_S) as client:

                async def ask(row: Row) -> str:
                    sent = {"message": row.question, "product_id": row.id}
                    sent["locale"] = row.language
                    answer = await client.post("/api/v1/rooms/het/chat", json=sent)
                    answer.raise_for_status()
                    return str(answer.json()["text"])

                return await _each(rows, ask)


def feed(rows: Sequence[Row]) -> bytes:
    """The products as a native feed, one a question."""
    lines = [
        json.dumps({
            "type": "product", "id": row.id, "title": {row.language: f"Toy {row.id}"},
            "description": {row.language: _prose(row)}, "currency": "USD", "price": "9.99",
            "stock": 5,
        })
        for row in rows
    ]  # fmt: skip
    return "\n".join(lines).encode()


def _prose(row: Row) -> str:
    end, gap = (".", " ") if row.language == "en" else ("。", "")
    told = (text.strip() for text in row.told)
    return gap.join(text if text.endswith(ENDED) else text + end for text in told)


async def _by_model(rows: Sequence[Row], options: argparse.Namespace) -> dict[str, Given]:
    async with model(options) as engine:

        async def plain(row: Row) -> str:
            return await _said(engine, row.question, row.language)

        async def pasted(row: Row) -> str:
            notes = "\n".join(nearest(row, PASTED))
            prompt = NOTES[row.language].format(notes=notes, question=row.question)
            return await _said(engine, prompt, row.language)

        return {"plain.": await _each(rows, plain), "pasted.": await _each(rows, pasted)}


async def _said(engine: Model, prompt: str, language: Language) -> str:
    system = {"role": "system", "content": SYSTEM[language]}
    return await engine.answer([system, {"role": "user", "content": prompt}])


async def _each(rows: Sequence[Row], answer: Answer) -> Given:
    """The answer to each question; None where the infrastructure failed."""
    given: Given = {}
    for row in rows:
        try:
            given[row.id] = await answer(row)
        except (httpx.HTTPError, ValueError, KeyError):
            given[row.id] = None
    return given


def nearest(row: Row, most: int) -> list[str]:
    """The pieces of the description nearest to the question, by BM25."""
    index = bm25s.BM25()
    index.index([words(text) or ["-"] for text in row.told], show_progress=False)
    said = [word for word in words(row.question) if word in index.vocab_dict]
    if not said:
        return list(row.told[:most])
    found, _ = index.retrieve([said], k=most, show_progress=False)
    return [row.told[int(at)] for at in found[0]]


def words(text: str) -> list[str]:
    """Words in lower case without articles, as SQuAD compares them (Rajpurkar et al. 2016)."""
    return [word for word in _WORD.findall(text.lower()) if word not in _ARTICLES]


def f1(answer: str, reference: str) -> float:
    """Overlap of words with the human answer, 0 to 1."""
    said, wanted = Counter(words(answer)), Counter(words(reference))
    shared = sum((said & wanted).values())
    if not shared:
        return 0.0
    precision, recall = shared / sum(said.values()), shared / sum(wanted.values())
    return 2 * precision * recall / (precision + recall)


def support(answer: str, row: Row) -> float:
    """The share of the answer's telling words that the evidence or the question has; 0 for none."""
    telling = [word for word in words(answer) if word not in _EMPTY]
    known = {*words(row.evidence), *words(row.question)}
    return sum(word in known for word in telling) / len(telling) if telling else 0.0


def scored(rows: Sequence[Row], given: Given, prefix: str) -> dict[str, Metric]:
    """Answer match (F1 and recall of the human answer) and support, over what was answered."""
    said = [(row, text) for row in rows if (text := given[row.id]) is not None]
    if not said:
        return {}
    return {
        f"{prefix}answer_f1": mean([f1(text, row.answer) for row, text in said]),
        f"{prefix}answer_recall": mean([_recall(text, row.answer) for row, text in said]),
        f"{prefix}support": mean([support(text, row) for row, text in said]),
    }


def _recall(answer: str, reference: str) -> float:
    wanted = [word for word in words(reference) if word not in _EMPTY]
    return sum(word in words(answer) for word in wanted) / len(wanted) if wanted else 0.0


def _told(rows: Sequence[Row], answers: dict[str, Given]) -> str:
    ours = answers[""]
    lines = ["f1\tquestion\tevidence\thuman answer\t" + "\t".join(n or "liveshop" for n in answers)]
    for row in sorted(rows, key=lambda r: f1(ours[r.id] or "", r.answer)):
        given = [" ".join((each[row.id] or "").split()) for each in answers.values()]
        score = f"{f1(ours[row.id] or '', row.answer):.2f}"
        lines.append("\t".join([score, row.question, row.evidence, row.answer, *given]))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
