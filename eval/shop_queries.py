"""Queries of our own in both languages to the demo shop, whose products trained nothing.

The shop is searched as the service searches it: vectors, words, and kinds of goods across
languages, then the ranker on its pool. Beside that, 1,014 pairs of a Chinese query with its
product or with one of another category, half of which the first stage puts highest.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np

from eval.cross_language import fused, queries
from eval.figures import Metric, mean
from eval.ranking_metrics import auc
from eval.shop import Shop
from retrieval.crossing import crossed
from retrieval.embeddings import Embedder
from retrieval.lexical import LexicalIndex
from retrieval.passages import passage
from retrieval.relevance import Relevance

_DEPTH, _POOL, _WRONG = 50, 20, 12


def measure(
    relevance: Relevance,
    embedder: Embedder,
    together: Callable[[Sequence[float], Sequence[float]], list[float]],
) -> dict[str, Metric]:
    """P@1 and MRR by language, and AUC over pairs in Chinese, of the ranker and its parts."""
    shop = Shop.read(Path(str(files("assistant") / "demo_shop" / "shop.jsonl"))).products
    listed = list(shop.values())
    at = {product.id: place for place, product in enumerate(listed)}
    texts, lexical = [passage(product) for product in listed], LexicalIndex()
    for product in listed:
        lexical.put(product)
    vectors = embedder.passages(texts)
    categories = [product.category.say("en") for product in listed]
    chance = random.Random(0)  # noqa: S311 - sampling, not secrets
    metrics: dict[str, Metric] = {}
    for language, column in (("en", 1), ("zh", 2)):
        reciprocal: dict[str, list[float]] = {"": [], "relevance.": [], "first_stage.": []}
        pairs: list[tuple[float, float, bool]] = []
        for row in queries():
            query, right = row[column], at[row[0]]
            dense = vectors @ embedder.queries([query])[0]
            lists = [[int(place) for place in np.argsort(-dense)[:_DEPTH]]]
            lists += [
                [at[key] for key, _ in lexical.search(words, _DEPTH)]
                for words in (query, crossed(query))
                if words
            ]
            first = fused(lists, len(listed))
            pool = list(first)[:_POOL]
            logits = relevance.scores(query, [texts[place] for place in pool]).tolist()
            both = together(logits, [first[place] for place in pool])
            orders = {
                "": both,
                "relevance.": logits,
                "first_stage.": [-n for n in range(_POOL)],
            }
            for name, scores in orders.items():
                ranked = [pool[place] for place in np.argsort(-np.array(scores), kind="stable")]
                place = ranked.index(right) + 1 if right in ranked else 0
                reciprocal[name].append(1 / place if place else 0.0)
            others = [p for p in first if categories[p] != categories[right]]
            rest = chance.sample(others[_WRONG // 2 :], _WRONG - _WRONG // 2)
            judged = [right, *others[: _WRONG // 2], *rest]
            scored = relevance.scores(query, [texts[place] for place in judged])
            pairs += [
                (float(score), float(dense[place]), place == right)
                for score, place in zip(scored, judged, strict=True)
            ]
        for name, values in reciprocal.items():
            metrics[f"{name}shop_{language}.p_at_1"] = mean([float(v == 1) for v in values])
            metrics[f"{name}shop_{language}.mrr"] = mean(values)
        rights = [is_right for _, _, is_right in pairs]
        metrics[f"shop_{language}.auc"] = auc([score for score, _, _ in pairs], rights)
        metrics[f"first_stage.shop_{language}.auc"] = auc([s for _, s, _ in pairs], rights)
    return metrics
