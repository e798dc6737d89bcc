"""The gate: a sentence of the model leaves only when records read now support it.

It knows nothing of how the sentence came about and trusts none of it. Every amount of money has
to be what the sentence says it is (price, list price, saving, total) of the product and variant
it is said of; every other figure has to stand in that product's record or offers and mean the
same there; stock words have to agree with the stock, comparisons with both records; promises
pass as quotes alone; what cannot be read for certain does not pass.
"""

from __future__ import annotations

from assistant.turn.grounding.check import borne_out, check, prepare
from assistant.turn.grounding.mentions import mentioned
from assistant.turn.grounding.said import Verdict, drop

__all__ = ["Verdict", "borne_out", "check", "drop", "mentioned", "prepare"]
