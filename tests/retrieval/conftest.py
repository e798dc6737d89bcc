"""A tiny cross-encoder with random weights, exported as the shipped one is."""

from __future__ import annotations

from pathlib import Path

import pytest

WORDS = [
    "▁",
    "mug",
    "▁mug",
    "▁lamp",
    "▁a",
    "▁b",
    "▁c",
    "杯",
    "灯",
    "s",
    "l",
    "a",
    "m",
    "p",
    "u",
    "g",
]


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BertModel of one layer with its tokenizer, as a Hugging Face folder."""
    torch = pytest.importorskip("torch", reason="training needs the train extra")
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    from retrieval.training.base_encoder import tokenizer_of

    folder = tmp_path_factory.mktemp("base")
    pieces = [(w, 0.0) for w in ("<s>", "<pad>", "</s>", "<unk>")] + [(w, -2.0) for w in WORDS]
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        pad_token_id=1,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer_of(pieces),
        bos_token="<s>",
        cls_token="<s>",
        eos_token="</s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        model_max_length=64,
    ).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_ranker(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a head, as `export` writes it for serving."""
    from retrieval.training.export import export
    from retrieval.training.train import cross_encoder

    folder = tmp_path_factory.mktemp("ranker")
    cross_encoder(tiny_base, 32).save_pretrained(str(folder / "model"))
    export(folder / "model", folder / "ranker", {"name": "tiny", "questions": []})
    return folder / "ranker"
