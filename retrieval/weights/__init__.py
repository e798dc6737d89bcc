"""The weights that ship.

`ranker/combiner.json` holds the weights of `retrieval.combiner`: those of behaviour learned from
the Industrial valid rows of MiniOneRec (Apache-2.0, Amazon's terms for the data), the others held
as `retrieval.training.rounds.HELD` says. No cross-encoder ships: `liveshop train ranker` makes one.
"""

from __future__ import annotations

from pathlib import Path

RANKER = Path(__file__).parent / "ranker"
