"""The weights that ship, as `liveshop train ranker` makes them.

`ranker/head.onnx` is the head of `retrieval.late`, trained on the rows that its card names;
`ranker/card.json` is that card. `ranker/combiner.json` holds the weights of `retrieval.combiner`:
those of behaviour learned from the Industrial valid rows of MiniOneRec (Apache-2.0, Amazon's terms
for the data), the others as `retrieval.training.rounds.HELD` says.
"""

from __future__ import annotations

from pathlib import Path

RANKER = Path(__file__).parent / "ranker"
