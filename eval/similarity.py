"""How near an answer comes to a reference in wording, for Chinese and English alike.

chrF (Popović 2015): the F-score, recall counting twice as much, of runs of one to six characters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import mean

from eval.dialogue_reading import sentences

LONGEST, BETA = 6, 2.0


def similarity(reply: str, references: Sequence[str]) -> float | None:
    """chrF, 0 to 1, of the reply's nearest sentence to the nearest reference; None without any.

    A reply may say more than it was asked, so that its other sentences take nothing away.
    """
    said = sentences(reply)
    if not references:
        return None
    return max((chrf(one, reference) for one in said for reference in references), default=0.0)


def chrf(said: str, reference: str) -> float:
    """chrF of one text against another, spaces and case left out."""
    one, other = (_letters(text) for text in (said, reference))
    precisions, recalls = [], []
    for n in range(1, LONGEST + 1):
        mine, theirs = _runs(one, n), _runs(other, n)
        if not mine or not theirs:
            break
        shared = (mine & theirs).total()
        precisions.append(shared / mine.total())
        recalls.append(shared / theirs.total())
    if not precisions or not sum(recalls):
        return 0.0
    precision, recall = mean(precisions), mean(recalls)
    return (1 + BETA**2) * precision * recall / (BETA**2 * precision + recall)


def _letters(text: str) -> str:
    return "".join(text.lower().split())


def _runs(text: str, n: int) -> Counter[str]:
    return Counter(text[at : at + n] for at in range(len(text) - n + 1))
