"""The model's part of a reply: a short prompt from evidence, and its stream cut in sentences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from functools import lru_cache
from typing import Literal

from rapidfuzz import fuzz

from assistant.turn.conversation import Turn
from assistant.turn.evidence import Evidence
from prompts import render
from retrieval.amounts import say_money
from retrieval.catalog import Language, Product
from retrieval.stuffing import reader_text

Message = tuple[Literal["system", "user", "assistant"], str]
Task = Literal["recommend", "compare", "advise", "answer", "chat"]

TASKS: dict[Task, dict[Language, str]] = {
    "recommend": {
        "zh": "用一句话推荐一款合适的（第1款多半最合适）：说出名字，和它哪个特点正合适。"
        "不说价格和预算。",
        "en": "Recommend one (number 1 most likely fits) in one sentence: its name, and the "
        "feature that fits. No prices, no budget.",
    },
    "compare": {
        "zh": "用一句话帮观众选，像“想轻便选小号，想多装选大号”这样，按资料里两款的不同之处。"
        "不说价格。",
        "en": "Help to choose by what differs in FACTS, in one sentence like “Take the small one "
        "to travel light, the large one to carry more”. No prices.",
    },
    "advise": {
        "zh": "再补充一句用得上的话，比如怎么用、什么场合用，不重复已经说过的。不说价格。",
        "en": "Add one useful sentence, such as how or when to use it; repeat nothing, no prices.",
    },
    "answer": {
        "zh": "直接回答观众的问题；资料里没有的，就说不确定。",
        "en": "Answer the viewer directly; if FACTS do not say, say you are not sure.",
    },
    "chat": {
        "zh": "自然地回应观众一句，可以请对方说说想找什么。",
        "en": "Reply naturally in one sentence; you may ask what they are looking for.",
    },
}
AGAIN: dict[Task, dict[Language, str]] = {
    "recommend": {
        "zh": "第1款的名字，和资料里写明的一个特点。",
        "en": "the name of number 1, and one feature that FACTS state.",
    },
    "compare": {
        "zh": "想要什么选哪款，另一种选哪款，各用资料里写明的一个特点。",
        "en": "for what to take the one and for what the other, by one stated feature each.",
    },
    "advise": {
        "zh": "适合怎么用，或什么时候用。",
        "en": "how or when to use it.",
    },
}
QUESTION_CHARACTERS = 300
MODEL_MARKS = re.compile(
    r"<\|[^|>]{0,40}\|>|<[｜|][^>]{0,40}[｜|]>|\[/?INST\]|<</?SYS>>|</?s>|</?(?:start|end)_of_turn>"
    r"|(?:FACTS|ALREADY TOLD|TASK|VIEWER)(?=\s*[:\n])"
)
ATTRIBUTE_CHARACTERS = {"zh": 32, "en": 64}
DESCRIPTION_CHARACTERS = {"zh": 60, "en": 120}
LONGEST_SENTENCE = 320
# An end mark, with closing quotes; a full stop only before a space, so that 9.9 stays whole.
END = re.compile(r"[。！？；!?]+[”’」』）)\"]*|\.+[”’)\"]*(?=\s)|\s*\n\s*")
ABBREVIATION = re.compile(
    r"(?:\b(?:No|Mr|Ms|Mrs|Dr|vs|etc|e\.g|i\.e|approx)|(?:^|\n)\s*\d{1,2})\.$", re.I
)
ITEM = re.compile(r"(?:[-*•·]\s+|\d{1,2}(?:[.)）]\s+|、)|#+\s)")
ITEM_CHARACTERS = 5
PAUSE = re.compile(r"[\s，,、；;：:。]")
# Whoever reads a reply knows of no facts that were handed in.
LEAD_IN = re.compile(
    r"^(?:根据|按照?)(?:以上|上述|提供的)?(?:资料|信息)[^，,。]{0,6}[，,]\s*"
    r"|^(?:Based on|According to) (?:the )?(?:FACTS|facts|information)[^,.]{0,24},\s*"
)
LABEL = re.compile(r"^【[^】]{1,6}】\s*(?:[中里]的?|[:：])?\s*(?=\S)")
EMPHASIS = re.compile(r"(?<!\d)\*+|\*+(?!\d)|__|^#+\s*")


def messages(
    task: Task,
    question: str,
    evidence: Evidence,
    said: Sequence[str],
    before: Sequence[Turn],
    language: Language,
) -> list[Message]:
    """The prompt: what never changes first, the last turn next, evidence and question last."""
    prompt: list[Message] = [("system", render(f"system_{language}"))]
    for turn in before[-1:]:
        prompt.append(("user", fenced(turn.question)))
        prompt.append(("assistant", fenced(turn.reply)))
    # Of more than two a small model mixes up which is which.
    shown = evidence.products[:2] if task in ("compare", "recommend") else evidence.products
    facts = "\n".join(
        f"{n}. {evidence_line(product, evidence, task, language)}"
        for n, product in enumerate(shown, 1)
    )
    told = "" if task == "recommend" else " ".join(said)
    nothing = "（无）" if language == "zh" else "(nothing)"
    prompt.append(
        (
            "user",
            render(
                f"turn_{language}",
                evidence=facts or nothing,
                said=fenced(told) or nothing,
                task=TASKS[task][language],
                question=fenced(question),
            ),
        )
    )
    return prompt


def again(prompt: Sequence[Message], draft: str, task: Task, language: Language) -> list[Message]:
    """The prompt for a second draft, where nothing of the first may be said."""
    told = render(f"again_{language}", task=AGAIN[task][language])
    return [*prompt, ("assistant", fenced(draft)), ("user", told)]


def warm_prompts() -> list[list[Message]]:
    """What every prompt of a language begins with, for an engine to read in before the first."""
    return [[("system", render(f"system_{language}"))] for language in ("zh", "en")]


def fenced(text: str) -> str:
    """Words from outside as data: one line, capped, nothing hidden, no marks of prompts or models.

    The marks are those the prompt is built of and those by which chat templates part roles.
    """
    shown = "".join(char for char in text if unicodedata.category(char) not in ("Cf", "Co", "Cn"))
    return re.sub(r"[\s【】<>|]+", " ", MODEL_MARKS.sub(" ", shown)).strip()[:QUESTION_CHARACTERS]


@lru_cache(maxsize=1)
def _instructions() -> tuple[str, ...]:
    """The sentences that prompts are made of."""
    texts = [render(f"system_{language}") for language in ("zh", "en")]
    texts += [task for tasks in TASKS.values() for task in tasks.values()]
    parts = (part.strip() for text in texts for part in re.split(r"[。；;.\n]", text))
    return tuple(part for part in parts if part)


def repeats_instructions(sentence: str) -> bool:
    """Whether a sentence gives away what the model was told to do."""
    said = re.sub(r"^\W+|\W+$", "", sentence)
    shortest = 8 if re.search("[\u3400-\u9fff]", said) else 24
    return any(
        fuzz.partial_ratio(said, told, score_cutoff=80) > 0
        for told in _instructions()
        if min(len(said), len(told)) >= shortest
    )


def copies(sentence: str, evidence: Evidence, language: Language) -> bool:
    """Whether a sentence is nothing but a field of the evidence, copied out as it stood there."""
    said = sentence.strip(" ；;。.，,")
    return any(
        said in (_short_name(product, language), *_attributes(product, language))
        for product in evidence.products
    )


def evidence_line(product: Product, evidence: Evidence, task: Task, language: Language) -> str:
    """The few fields of one product that the task needs, on one line.

    Prices are for tasks that may say them. A brand is left out: small models misspell its
    characters, and the cards show it.
    """
    # Each token is paid for in waiting: the more products, the less of each.
    alone = len(evidence.products) == 1
    parts = [_short_name(product, language)]
    if task == "answer":
        parts.append(_price(product, evidence, language))
    if not product.available:
        parts.append("售罄" if language == "zh" else "sold out")
    attributes = _attributes(product, language)
    if task == "compare":
        others = (p for p in evidence.products[:2] if p.id != product.id)
        shared = {told for other in others for told in _attributes(other, language)}
        attributes = [told for told in attributes if told not in shared]
    parts += attributes[: 4 if alone or task == "compare" else 3]
    if alone or not attributes:
        told = reader_text(product.description.say(language))
        parts.append(_cut_short(told, DESCRIPTION_CHARACTERS[language]))
    return ("；" if language == "zh" else "; ").join(fenced(part) for part in parts if part)


def _attributes(product: Product, language: Language) -> list[str]:
    most = ATTRIBUTE_CHARACTERS[language]
    return [
        f"{a.name.say(language)} {_cut_short(reader_text(a.value.say(language)), most)}"
        for a in product.attributes
    ]


def _short_name(product: Product, language: Language) -> str:
    title, brand = product.title.say(language), product.brand.say(language)
    return title.removeprefix(brand).strip() or title


def _price(product: Product, evidence: Evidence, language: Language) -> str:
    prices = [evidence.priced(product, v).price for v in evidence.variants(product)]
    cheapest = min(prices, key=lambda price: price.minor)
    said = say_money(cheapest, language)
    if len({price.minor for price in prices}) > 1:
        said += "起" if language == "zh" else " and up"
    return said


def _cut_short(text: str, most: int) -> str:
    """At most `most` characters, cut at a pause where there is one."""
    if len(text) <= most:
        return text
    pauses = [m.start() for m in PAUSE.finditer(text[:most])]
    return text[: max(pauses, default=most)]


async def sentences(deltas: AsyncIterator[str]) -> AsyncGenerator[str]:
    """The stream's text, sentence by sentence, each as soon as its end has been seen.

    A line that goes on, and a list that a colon announces, are one sentence with what is before
    them. List marks and emphasis are left out.
    """
    held = ""
    async for delta in deltas:
        held += delta
        while cut := _cut(held):
            sentence, held = _unmarked(held[:cut]), held[cut:]
            if sentence:
                yield sentence
    held = held.rstrip()
    while cut := _cut(held, ended=True):
        sentence, held = _unmarked(held[:cut]), held[cut:]
        if sentence:
            yield sentence
    if sentence := _unmarked(held, last=True):
        yield sentence


def _cut(text: str, *, ended: bool = False) -> int:
    """Where the first whole sentence of `text` ends; 0 while there is none.

    `ended`: nothing follows, so nothing need be waited for.
    """
    for match in END.finditer(text):
        if "\n" in match.group():
            after = text[match.end() :]
            if len(after) < ITEM_CHARACTERS and not ended:
                return 0
            before = text[: match.start()]
            item = ITEM.match(after) or match.group().count("\n") > 1
            if before.strip() and not before.endswith((":", "：")) and item:
                return match.end()
            continue
        # A decimal may follow a full stop, and a closing quote any mark.
        quoted = len(re.findall("[“「『（]", text)) > len(re.findall("[”」』）]", text))
        if match.end() == len(text) and not ended and (quoted or match.group()[-1] in ".!?"):
            return 0
        if not ABBREVIATION.search(text[: match.end()]):
            return match.end()
    if len(text) <= LONGEST_SENTENCE:
        return 0
    pauses = [m.end() for m in PAUSE.finditer(text, LONGEST_SENTENCE // 2, LONGEST_SENTENCE)]
    return max(pauses, default=LONGEST_SENTENCE)


def _item(line: str) -> str:
    """A line without the mark of a list that it begins with; 蓝牙5.0、2.4G holds none."""
    mark = ITEM.match(line)
    return line[mark.end() :] if mark else line


def _unmarked(text: str, *, last: bool = False) -> str:
    """One line without list marks, emphasis and a word on where it is from; an item without an
    end mark gets one."""
    lines = [_item(line.strip()) for line in text.strip().splitlines()]
    plain = EMPHASIS.sub("", " ".join(filter(None, lines))).strip()
    told = LEAD_IN.sub("", LABEL.sub("", plain))
    plain = plain if told == plain else told[:1].upper() + told[1:]
    if plain and text.endswith("\n") and not last and plain[-1].isalnum():
        plain += "。" if re.search("[\u4e00-\u9fff]", plain) else "."
    return plain
