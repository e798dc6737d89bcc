"""An English question to a Chinese product and back, among 5,000 distractors.

Products are the demo shop's, in one language; the questions in the other one are written in
`cross_language.tsv`, in words that are not the shop's own where they can be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np

from eval.figures import CouldNotMeasure, Metric, mean
from eval.ranking_rows import distractors
from eval.shop import Shop
from retrieval.catalog import Attribute, Language, Product, Text
from retrieval.crossing import crossed
from retrieval.embeddings import Embedder
from retrieval.lexical import LexicalIndex
from retrieval.passages import passage
from retrieval.relevance import Relevance

_DISTRACTORS, _POOL, _K = 5000, 50, 60


def measure(
    data: Path,
    relevance: Relevance,
    embedder: Embedder,
    together: Callable[[Sequence[float], Sequence[float]], list[float]],
) -> dict[str, Metric]:
    """Recall@10 over both directions, of BM25, of the first stage and after reranking it.

    `together` makes one score of a logit and of the first stage's.
    """
    shop = Shop.read(Path(str(files("assistant") / "demo_shop" / "shop.jsonl"))).products
    rows = queries()
    found: dict[str, list[float]] = {"": [], "first_stage.": [], "bm25.": []}
    for language, column in (("zh", 1), ("en", 2)):
        others = distractors(data, _DISTRACTORS)[language]
        if len(others) < _DISTRACTORS:
            raise CouldNotMeasure(f"{data}: {len(others)} distractors in {language}, not 5000")
        ours = [in_one(product, language) for product in shop.values()]  # type: ignore[arg-type]
        listed = ours + [_distractor(n, text, ours[0]) for n, text in enumerate(others)]
        texts = [passage(product) for product in listed]
        vectors, lexical = embedder.passages(texts), LexicalIndex()
        for product in listed:
            lexical.put(product)
        at = {product.id: place for place, product in enumerate(listed)}
        for row in rows:
            query = row[column]
            words = [key for key, _ in lexical.search(query, _POOL)]
            dense = np.argsort(-(vectors @ embedder.queries([query])[0]))[:_POOL]
            over = [key for key, _ in lexical.search(crossed(query), _POOL)]
            lists = [[at[key] for key in words], [int(place) for place in dense]]
            found_at = fused([*lists, [at[key] for key in over]])
            pool = list(found_at)
            logits = relevance.scores(query, [texts[place] for place in pool])
            scores = together(logits.tolist(), list(found_at.values()))
            ranked = [pool[place] for place in np.argsort(-np.array(scores), kind="stable")]
            right = at[row[0]]
            found["bm25."].append(float(row[0] in words[:10]))
            found["first_stage."].append(float(right in pool[:10]))
            found[""].append(float(right in ranked[:10]))
    return {f"{name}cross_language.recall_at_10": mean(hits) for name, hits in found.items()}


def queries() -> list[list[str]]:
    """Id of a product of the demo shop, an English and a Chinese query for it."""
    text = (Path(__file__).parent / "cross_language.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines()]


def in_one(product: Product, language: Language) -> Product:
    """The product as a shop would keep it that knows one language."""

    def only(text: Text) -> Text:
        return Text(zh=text.zh) if language == "zh" else Text(en=text.en)

    return product.model_copy(
        update={
            "title": only(product.title),
            "description": only(product.description),
            "brand": only(product.brand),
            "category": only(product.category),
            "aliases": (),
            "attributes": tuple(
                Attribute(name=only(a.name), value=only(a.value)) for a in product.attributes
            ),
            "variants": tuple(v.model_copy(update={"options": ()}) for v in product.variants),
        }
    )


def _distractor(number: int, text: str, like: Product) -> Product:
    return Product(id=f"other-{number}", title=Text(zh=text), variants=like.variants[:1])


def fused(lists: Sequence[Sequence[int]], most: int = _POOL) -> dict[int, float]:
    """Places to sums of reciprocal ranks, the `most` best first."""
    scores: dict[int, float] = {}
    for each in lists:
        for rank, place in enumerate(each, start=1):
            scores[place] = scores.get(place, 0.0) + 1 / (_K + rank)
    best = sorted(scores, key=lambda place: (-scores[place], place))[:most]
    return {place: scores[place] for place in best}
