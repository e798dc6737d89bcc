"""A trained cross-encoder as the INT8 ONNX folder that serving loads."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from onnxruntime.quantization import (  # type: ignore[import-untyped]
    QuantType,
    quantize_dynamic,
    shape_inference,
)
from sentence_transformers import CrossEncoder
from torch import nn

from retrieval.relevance import FILES, FORM


class _Scoring(nn.Module):
    """ids and mask to one logit a row, without sentence-transformers' dictionaries."""

    def __init__(self, model: CrossEncoder) -> None:
        super().__init__()
        self.encoder: Any = model[0].auto_model
        self.head: Any = model[2].linear

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        states = self.encoder(input_ids, attention_mask=attention_mask).last_hidden_state
        seen = attention_mask.unsqueeze(-1).to(states.dtype)
        mean = (states * seen).sum(1) / seen.sum(1)
        logits: torch.Tensor = self.head(mean)
        return logits


def export(model: Path, out: Path, card: Mapping[str, Any], *, int8: bool = True) -> None:
    """Write `model`, a folder that `train` saved, to `out` as model.onnx, tokenizer and card.

    Weights are 7 bits of 8, a scale a channel: AVX2 without VNNI adds products in 16 bits, and
    8 would overflow them. `card` is kept in card.json beside form, size and SHA-256 of the files.
    """
    loaded = CrossEncoder(str(model), device="cpu", local_files_only=True)
    scoring = _Scoring(loaded).eval()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        plain, ready = Path(folder) / "plain.onnx", Path(folder) / "ready.onnx"
        ids = torch.ones((2, 8), dtype=torch.int64)
        names = ["input_ids", "attention_mask"]
        axes = {name: {0: "pairs", 1: "tokens"} for name in names}
        with warnings.catch_warnings():
            # It says that the tracing exporter will go one day.
            warnings.simplefilter("ignore")
            torch.onnx.export(
                scoring,
                (ids, torch.ones_like(ids)),
                str(plain),
                input_names=names,
                output_names=["logits"],
                dynamic_axes=axes | {"logits": {0: "pairs"}},
                opset_version=17,
                dynamo=False,
            )
        if int8:
            shape_inference.quant_pre_process(str(plain), str(ready), skip_symbolic_shape=True)
            quantize_dynamic(
                str(ready),
                str(out / FILES[0]),
                weight_type=QuantType.QInt8,
                per_channel=True,
                reduce_range=True,
                op_types_to_quantize=["MatMul", "Gather", "Gemm"],
            )
        else:
            shutil.copyfile(plain, out / FILES[0])
    loaded.tokenizer.backend_tokenizer.save(str(out / FILES[1]), pretty=False)
    hashes = {name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in FILES}
    sizes = {name: (out / name).stat().st_size for name in FILES}
    full = {"form": FORM, **card, "sha256": hashes, "bytes": sizes}
    (out / "card.json").write_text(json.dumps(full, indent=1, ensure_ascii=False) + "\n")
