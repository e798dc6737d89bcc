"""Answers about a product's properties, taken word for word from its record."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from rapidfuzz import fuzz

from assistant.turn.properties import (
    ASPECTS,
    LEAST_TOLD,
    Near,
    Property,
    every,
    names,
    nearest,
    options_of,
    properties,
    say,
    told,
)
from assistant.turn.wording import gap
from retrieval.catalog import Language, Product
from retrieval.normal import normal
from retrieval.terms import begins_word, ends_word

COLOUR = re.compile(r"色$|^(black|white|red|blue|green|pink|gr[ae]y|yellow|purple|brown|beige)$")


class Answer(NamedTuple):
    """What a record says. `option`: it is but what a variant is chosen by: stock is meant too."""

    text: str
    option: bool = False


def attribute_answer(
    product: Product,
    question: str,
    words: tuple[str, ...],
    language: Language,
    near: Near | None = None,
) -> Answer | None:
    """What the record says to `question`, or None where it says nothing.

    Looked for in this order: an answered question of the merchant in the same words, what is
    nearest in meaning, an attribute or option by its name or by what it is commonly called, an
    attribute that holds one of `words`, and a sentence of the description about the same thing.
    """
    asked = _without_names(normal(question), product)
    title = product.title.say(language)
    answered = _answered(product, asked, language, same=near is not None)
    if answered:
        return Answer(answered)
    if near is not None and (close := _nearest(product, asked, language, near)):
        stated = [each.said for each in close if not each.answer]
        answers = [each.said for each in close if each.answer]
        if stated:
            answers.insert(0, _stated(title, stated, language))
        return Answer(gap(language).join(answers), all(each.option for each in close))
    options = options_of(product)
    found = [a for a in (*product.attributes, *options) if names(a, asked)]
    if not found:
        aspects = [named for said, named in ASPECTS if re.search(said, asked)]
        found = [
            a
            for a in (*product.attributes, *options)
            if any(re.search(named, every(a.name)) for named in aspects)
        ]
        found = found or [
            a for a in product.attributes if any(normal(w) in every(a.value) for w in words)
        ]
        if not found:
            told = _told(product, asked, language, near) if near else None
            told = told or _described(product, asked, words, language)
            return Answer(told) if told else None
    text = _stated(title, [say(a, language) for a in found[:3]], language)
    return Answer(text, all(a in options for a in found))


def _nearest(product: Product, asked: str, language: Language, near: Near) -> list[Property]:
    """What is said of the product nearest to what was asked; an option only where it is named."""
    things = properties(product, asked, language)
    return nearest([each for each in things if each.shared or not each.option], asked, near)


def _stated(title: str, said: Sequence[str], language: Language) -> str:
    if language == "zh":
        return f"{title}：{'；'.join(said)}。"
    return f"{title}: {'; '.join(said)}."


def _without_names(asked: str, product: Product) -> str:
    """The question without the pieces of the product's names: 保温杯 does not ask about 保温."""
    for name in (*product.title.every(), *product.aliases):
        title = normal(name)
        longest = SequenceMatcher(None, asked, title, autojunk=False).find_longest_match()
        start, end = longest.a, longest.a + longest.size
        # The "lle" that "filled" and "allergens" share is no piece of a name.
        whole = begins_word(asked, start) and ends_word(asked, end) if longest.size else False
        if longest.size >= 3 and whole:
            asked = asked[:start] + " " + asked[end:]
    return asked


def variants_with(product: Product, words: tuple[str, ...]) -> tuple[str, ...]:
    """Ids of the variants that have one of `words` in an option; 粉色 is found in 樱粉 too."""
    sought = [normal(word).removesuffix("色") or normal(word) for word in words]
    return tuple(
        v.id
        for v in product.variants
        if any(word in every(option.value) for option in v.options for word in sought)
    )


def option_answer(product: Product, words: tuple[str, ...], language: Language) -> str | None:
    """Whether the product comes in the option that `words` ask for, such as 黑色 or size L.

    None where no word is about an option of the product.
    """
    dimensions = {every(o.name): o.name for v in product.variants for o in v.options}
    for word in words:
        sought = normal(word)
        if variants_with(product, (word,)):
            return None
        for key, name in dimensions.items():
            if COLOUR.search(sought) and re.search(r"颜色|色号|colou?r", key):
                there = dict.fromkeys(
                    o.value.say(language)
                    for v in product.variants
                    for o in v.options
                    if every(o.name) == key
                )
                title = product.title.say(language)
                if language == "zh":
                    return f"{title}没有{word}，{name.say(language)}有：{'、'.join(there)}。"
                return f"{title} does not come in {word}; {name.say(language)}: {', '.join(there)}."
    return None


def _answered(
    product: Product, asked: str, language: Language, *, same: bool = False
) -> str | None:
    """The merchant's answer to the closest question about the same thing; or in `same` words."""
    best, answer = 0.0, None
    for item in product.questions:
        for wording in item.question.every():
            written = normal(wording)
            close = fuzz.ratio(written, asked.strip())
            shared = any(re.search(a, asked) and re.search(a, written) for a, _ in ASPECTS)
            if close > best and close >= (30 if shared and not same else 70):
                best, answer = close, item.answer.say(language)
    return answer


def _told(product: Product, asked: str, language: Language, near: Near) -> str | None:
    """The sentence of the description that is nearest to what was asked."""
    sentences = [s for s in _sentences(product.description.say(language)) if len(s) > 1]
    found = nearest([told(s) for s in sentences], asked, near, LEAST_TOLD)
    return found[0].said if found else None


def _sentences(text: str) -> list[str]:
    return [s.strip() for s in re.split(r"(?<=[。！？；\n])|(?<=[.!?])\s", text) if s.strip()]


def _described(
    product: Product, asked: str, words: tuple[str, ...], language: Language
) -> str | None:
    """The first sentence of the description that is about what was asked."""
    patterns = [said for said, _ in ASPECTS if re.search(said, asked)]
    sought = [match.group() for p in patterns for match in [re.search(p, asked)] if match]
    sought += [normal(word) for word in words]
    for sentence in _sentences(product.description.say(language)):
        if any(word and word in normal(sentence) for word in sought):
            return sentence
    return None
