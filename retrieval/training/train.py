"""Fine-tuning a cross-encoder on graded texts, with sentence-transformers' own trainer.

A batch holds queries of one source, so that its texts are about equally long. The loss is the
sum of cross-entropy over each query's texts (ListNet, Cao et al. 2007: who comes first) and
binary cross-entropy over each text (is it relevant at all: scores of two queries compare).
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from datasets import Dataset, DatasetDict
from sentence_transformers import CrossEncoder
from sentence_transformers.cross_encoder import CrossEncoderTrainer, CrossEncoderTrainingArguments
from sentence_transformers.cross_encoder.modules import Dense, Transformer
from sentence_transformers.sentence_transformer.modules import Pooling
from torch import nn
from transformers import EarlyStoppingCallback, TrainerCallback

from retrieval.training import late
from retrieval.training.dataset import Group, drawn


@dataclass(frozen=True)
class Recipe:
    """How a ranker is trained; `draws` says how often each source's questions come by."""

    draws: Mapping[str, int]
    texts: int = 4
    batch: int = 12
    tokens: int = 64
    rate: float = 1.5e-4
    warm_up: float = 0.06
    weight_decay: float = 0.01
    seed: int = 13
    every: int = 90
    patience: int = 6
    words_frozen: bool = True
    threads: int = 1


class GradedLoss(nn.Module):
    """Listwise and pointwise cross-entropy of (queries, lists of texts) against grades 0 to 1."""

    def __init__(self, model: CrossEncoder) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, inputs: list[Any], labels: list[torch.Tensor], prompt: Any = None, task: Any = None
    ) -> torch.Tensor:
        """The mean loss of a batch."""
        queries, lists = inputs
        scores = torch.cat(
            [
                self._scores([(query, text) for text in texts])
                for query, texts in zip(queries, lists, strict=True)
            ]
        )
        grades = torch.cat(list(labels)).to(scores)
        pointwise = nn.functional.binary_cross_entropy_with_logits(scores, grades)
        listwise, at = scores.new_zeros(()), 0
        for texts in labels:
            mine, wanted = scores[at : at + len(texts)], grades[at : at + len(texts)]
            at += len(texts)
            if wanted.sum() > 0:
                shares = wanted / wanted.sum()
                listwise = listwise - (shares * mine.log_softmax(0)).sum()
        return pointwise + listwise / len(labels)

    def _scores(self, pairs: list[tuple[str, str]]) -> torch.Tensor:
        """Scores of one query's texts, in order."""
        features = {
            name: value.to(self.model.device) if isinstance(value, torch.Tensor) else value
            for name, value in self.model.preprocess(pairs).items()
        }
        scores: torch.Tensor = self.model(features)["scores"]
        return scores.view(-1)


def cross_encoder(folder: Path, tokens: int) -> CrossEncoder:
    """The encoder in `folder` with mean pooling and one output; a finished one as it is."""
    if late.lies_in(folder):
        return late.model_in(folder)
    if (folder / "modules.json").is_file():
        model = CrossEncoder(str(folder), max_length=tokens, device="cpu", local_files_only=True)
        return cast(CrossEncoder, model)
    encoder = Transformer(str(folder), max_seq_length=tokens)
    wide = encoder.get_embedding_dimension()
    head = Dense(wide, 1, activation_function=nn.Identity(), module_output_name="scores")
    modules = [encoder, Pooling(wide, "mean"), head]
    return cast(CrossEncoder, CrossEncoder(modules=modules, device="cpu"))


def precision_at_1(model: CrossEncoder, groups: Sequence[Group]) -> float:
    """The share of `groups` whose first text by score has a grade of 1 or the group's best."""
    right = 0
    for group in groups:
        pairs = [(group.query, text) for text in group.texts]
        scores = np.asarray(model.predict(pairs, batch_size=32, show_progress_bar=False))
        right += group.grades[int(np.argmax(scores))] >= max(group.grades)
    return right / len(groups)


def rows_of(groups: Sequence[Group], recipe: Recipe, chance: random.Random, times: int) -> Dataset:
    """`groups`, each `times` over with other negatives each time, in random order."""
    rows = []
    for _ in range(times):
        some = [drawn(group, recipe.texts, chance) for group in groups]
        chance.shuffle(some)
        rows += some
    return Dataset.from_dict(
        {
            "query": [row.query for row in rows],
            "texts": [list(row.texts) for row in rows],
            "labels": [list(row.grades) for row in rows],
        }
    )


class _Watching(TrainerCallback):
    """Measures P@1 on held-out questions at each evaluation."""

    def __init__(self, model: CrossEncoder, watched: Mapping[str, Sequence[Group]]) -> None:
        self._model, self._watched = model, watched

    def on_evaluate(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        """Adds `eval_SOURCE` and their mean `eval_p_at_1` to the metrics."""
        metrics = more["metrics"]
        each = {name: precision_at_1(self._model, g) for name, g in self._watched.items()}
        metrics.update({f"eval_{name}": value for name, value in each.items()})
        metrics["eval_p_at_1"] = float(np.mean(list(each.values())))
        state.log_history.append({"step": state.global_step, **metrics})


def train(
    base: Path,
    out: Path,
    groups: Mapping[str, Sequence[Group]],
    watched: Mapping[str, Sequence[Group]],
    recipe: Recipe,
) -> list[dict[str, Any]]:
    """Fine-tune `base` on `groups` by source into `out`; goes on from a checkpoint lying there.

    `watched` are the held-out questions that early stopping looks at. Returns the log. The same
    recipe and rows give the same weights, killed in between or not.
    """
    torch.manual_seed(recipe.seed)
    torch.set_num_threads(recipe.threads)
    chance = random.Random(recipe.seed)  # noqa: S311 - sampling, not secrets
    model = cross_encoder(base, recipe.tokens)
    if recipe.words_frozen:
        for name, weights in model.named_parameters():
            weights.requires_grad = "word_embeddings" not in name
    data = DatasetDict(
        {
            name: rows_of(groups[name], recipe, chance, times)
            for name, times in recipe.draws.items()
            if times and groups.get(name)
        }
    )
    arguments = CrossEncoderTrainingArguments(
        output_dir=str(out / "checkpoints"),
        num_train_epochs=1,
        per_device_train_batch_size=recipe.batch,
        learning_rate=recipe.rate,
        warmup_steps=recipe.warm_up,
        weight_decay=recipe.weight_decay,
        lr_scheduler_type="linear",
        seed=recipe.seed,
        use_cpu=True,
        eval_strategy="steps",
        eval_steps=recipe.every,
        save_steps=recipe.every,
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="p_at_1",
        greater_is_better=True,
        logging_steps=20,
        report_to=["tensorboard"],
        dataloader_num_workers=0,
    )
    few = Dataset.from_dict({"query": ["a"], "texts": [["a", "b"]], "labels": [[1.0, 0.0]]})
    trainer = CrossEncoderTrainer(
        model=model,
        args=arguments,
        train_dataset=data,
        eval_dataset=few,
        loss=GradedLoss(model),
        callbacks=[_Watching(model, watched), EarlyStoppingCallback(recipe.patience)],
    )
    found = any((out / "checkpoints").glob("checkpoint-*"))
    trainer.train(resume_from_checkpoint=found or None)
    model.save_pretrained(str(out / "model"))
    return [*trainer.state.log_history, {"recipe": asdict(recipe)}]
