"""The form of a dialogue: what a viewer says, what changes in the shop, what a reply has to hold.

Expected facts name records, so that a price in them is the one the records hold when it is asked.
A number stands in a dialogue only where the dialogue itself changes a record.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from eval.figures import CouldNotMeasure

OWN = Path(__file__).parent / "datasets" / "dialogues"
Kind = Literal["answered", "handed_off", "refused", "unsure"]
Language = Literal["zh", "en"]
Task = Literal["advice", "comparison", "recommendation"]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Expected(_Row):
    """One thing a reply has to say or do, by the record that knows it. Exactly one is named:

    - price, was, stock: of a variant, or of a product: every variant's price, any stock at all
    - left: the count of a variant
    - attribute and name: an attribute of a product by its English name
    - answer and number: a merchant's answer of a product, counted from 1
    - offer; policy and sentence, counted from 1
    - total: pieces by variant, priced together, with coupon `codes` entered
    - named: a product, in the text or on a card; any: one of several
    - words: one of several wordings
    - handed_off, unsure: what the reply may do instead
    """

    price: str | None = None
    was: str | None = None
    stock: str | None = None
    left: str | None = None
    attribute: str | None = None
    name: str = ""
    answer: str | None = None
    number: int = Field(default=1, ge=1)
    offer: str | None = None
    policy: str | None = None
    sentence: int = Field(default=1, ge=1)
    total: dict[str, int] | None = None
    codes: tuple[str, ...] = ()
    named: str | None = None
    any: tuple[str, ...] | None = None
    words: tuple[str, ...] | None = None
    handed_off: Literal[True] | None = None
    unsure: Literal[True] | None = None

    @property
    def kind(self) -> str:
        """Which of the fields says what is expected."""
        return next(name for name in KINDS if getattr(self, name) is not None)

    @model_validator(mode="after")
    def _names_one_thing(self) -> Expected:
        named = [name for name in KINDS if getattr(self, name) is not None]
        if len(named) != 1:
            raise ValueError(f"expects one thing, not {named}")
        return self


KINDS = (
    "price", "was", "stock", "left", "attribute", "answer", "offer", "policy", "total", "named",
    "any", "words", "handed_off", "unsure",
)  # fmt: skip


class Change(_Row):
    """What the host does before a turn. Amounts are in major units of the shop's currency."""

    on_air: str | None = None
    stock: str | None = None
    pieces: int = Field(default=0, ge=0)
    price: str | None = None
    flash: str | None = None
    amount: Decimal = Field(default=Decimal(0), ge=0)
    end_flash: str | None = None

    @model_validator(mode="after")
    def _does_one_thing(self) -> Change:
        done = (self.on_air, self.stock, self.price, self.flash, self.end_flash)
        if sum(each is not None for each in done) != 1:
            raise ValueError("a change does one thing")
        return self


class Within(_Row):
    """Limits that every product shown or named has to keep; prices are those paid now."""

    most: Decimal | None = None
    least: Decimal | None = None
    category: str | None = None
    in_stock: bool = False


class Turn(_Row):
    """One message. `facts`: of each group one has to hold; `only`: the products that may be shown;
    `forbidden`: wordings that must not stand in the reply."""

    say: str = Field(min_length=1)
    do: tuple[Change, ...] = ()
    kind: Kind = "answered"
    task: Task | None = None
    language: Language | None = None
    facts: tuple[tuple[Expected, ...], ...] = ()
    only: tuple[str, ...] = ()
    within: Within | None = None
    forbidden: tuple[str, ...] = ()


class Dialogue(_Row):
    """A conversation. With `on_air` it happens in a room whose show runs, else on a chat page."""

    id: str = Field(pattern=r"^[a-z0-9_-]+$")
    family: str
    language: Language
    on_air: str | None = None
    turns: tuple[Turn, ...] = Field(min_length=2, max_length=6)

    @property
    def changes(self) -> bool:
        """Whether it changes records that other dialogues read."""
        return any(c.on_air is None for turn in self.turns for c in turn.do)

    def spoken(self, turn: Turn) -> Language:
        """The language in which the reply to `turn` is expected."""
        return turn.language or self.language


def read_dialogues(path: Path) -> list[Dialogue]:
    """The dialogues of a JSON Lines file, or of all in a folder.

    Raises CouldNotMeasure naming file, line and fault.
    """
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    found: list[Dialogue] = []
    for file in files:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise CouldNotMeasure(f"{file}: {error}") from error
        for number, line in enumerate(lines, 1):
            try:
                found.append(Dialogue.model_validate_json(line))
            except ValidationError as error:
                raise CouldNotMeasure(f"{file}, line {number}: {error}") from error
    if not found:
        raise CouldNotMeasure(f"no dialogue in {path}")
    return found


def chosen(dialogues: Sequence[Dialogue], n: int | None, seed: int) -> list[Dialogue]:
    """`n` dialogues of every family in its share, the same for the same seed; all for None."""
    if n is None or n >= len(dialogues):
        return list(dialogues)
    families: dict[str, list[Dialogue]] = {}
    for dialogue in dialogues:
        families.setdefault(f"{dialogue.family} {dialogue.language}", []).append(dialogue)
    ranked: list[tuple[float, int]] = []
    place = {dialogue.id: at for at, dialogue in enumerate(dialogues)}
    chance = Random(seed)  # noqa: S311
    for family in families.values():
        shuffled = chance.sample(family, len(family))
        start = chance.random()
        ranked += [((at + start) / len(family), place[d.id]) for at, d in enumerate(shuffled)]
    return [dialogues[at] for at in sorted(at for _, at in sorted(ranked)[:n])]


def slice_of(dialogues: Sequence[Dialogue], turns: int, seed: int) -> list[Dialogue]:
    """Whole dialogues that together have about `turns` turns, drawn as `chosen` draws them."""
    best: list[Dialogue] = []
    for n in range(1, len(dialogues) + 1):
        drawn = chosen(dialogues, n, seed)
        if sum(len(d.turns) for d in drawn) > turns:
            break
        best = drawn
    return best


def texts(dialogues: Iterable[Dialogue]) -> dict[str, str]:
    """What the viewer says in each dialogue, by its id."""
    return {d.id: "\n".join(turn.say for turn in d.turns) for d in dialogues}
