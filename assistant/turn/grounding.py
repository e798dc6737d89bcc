"""The gate: a sentence of the model leaves only when records read now support it.

It knows nothing of how the sentence came about and trusts none of it. Every amount of money
must be a price, list price or offer of the product the sentence is about; every other figure
must stand in that product's record, in an offer or in a policy; stock words must agree with
the stock; promises, links and superlatives must stand word for word in a record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

from assistant.turn.evidence import Evidence
from retrieval.amounts import Amount, minor_digits, read_amounts
from retrieval.catalog import Language, Money, Product, Variant
from retrieval.normal import normal

PROMISES = re.compile(
    r"包邮|免邮|免运费|运费险|保价|价保|无理由|包退|包换|退换|退款|退货|换货|正品|保真|假一赔|质保|保修|"
    r"联保|赠品|赠送|送你|送您|免费|到货|发货|送达|当天发|今天发|明天到|次日|现货|下单立减|成交|保证|承诺|"
    r"优惠券|优惠|满减|立减|打折|折扣|特价|秒杀|半价|"
    r"free shipping|free delivery|free return|refund|return|warrant|guarant|genuine|authentic|"
    r"free gift|for free|deliver|ships? (?:in|within|today)|dispatch|deal\b|binding|promise|"
    r"coupon|discount|promo|half price|on sale|special offer|price match"
)
SUPERLATIVES = re.compile(
    r"最(?!近|后|终|多可|大程度)|第一(?!次|步|代)|唯一|顶级|国家级|世界级|独一无二|史无前例|绝对|百分百|永久|万能|"
    r"\b(?:best|cheapest|lowest|number one|no\. ?1|perfect(?:ly)?|unbeatable|lightest|warmest|"
    r"strongest|most (?!likely|of|people)\w+|ultimate|unique|100 ?%)\b"
)
COMPARATIVES = re.compile(
    r"更便宜|更贵|便宜些|贵一点|更轻|更重|更大|更小|比.{1,20}(?:便宜|贵|轻|重|大|小|长|短)|"
    r"\b(?:cheaper|pricier|more expensive|less expensive|lighter|heavier|bigger|larger|smaller|"
    r"longer|shorter)\b"
)
IN_STOCK = re.compile(
    r"有货|有现货|现货|库存充足|货源充足|还有货|能买到|可以买到|\bin stock\b|"
    r"\bavailable (?:now|for)|plenty|\bis available\b|\bare available\b"
)
SOLD_OUT = re.compile(
    r"售罄|卖完|缺货|没货|无货|断货|抢光|没有了|sold.?out|out of stock|unavailable|not available|"
    r"no longer available"
)
SCARCE = re.compile(
    r"仅剩|只剩|最后\S{0,2}[件个]|库存不多|所剩不多|快卖完|抓紧|手慢无|low in stock|few left|"
    r"almost gone|running (?:low|out)|hurry|limited stock|selling fast"
)
LINK = re.compile(
    r"https?://|www\.|\b[\w-]+\.(?:com|cn|net|org|shop|io)\b|@\w+|微信|加我|vx\b|qq", re.I
)
LEAK = re.compile(r"【(?:资料|任务|观众|已经)|^(?:FACTS|TASK|VIEWER|ALREADY TOLD)\b|<\|", re.M)
BOUND = re.compile(r"以内|以下|预算|不超过|之内|under|below|within|budget|up to|less than")
HAN = re.compile(r"[\u4e00-\u9fff]")


class Verdict(NamedTuple):
    """What is to happen to a sentence. `rule` names what it broke; empty where it passes.

    `replace` asks for the facts of `product_id` in the sentence's place; `drop` for nothing.
    """

    action: Literal["pass", "replace", "drop"]
    rule: str = ""
    product_id: str | None = None


class Mention(NamedTuple):
    """Where a sentence names a product in play."""

    start: int
    end: int
    product: Product


Figure = tuple[Decimal, str]
PASS = Verdict("pass")


# Records change seldom and every sentence is held against the same wordings.
@lru_cache(maxsize=8192)
def _normal(text: str) -> str:
    return normal(text)


@lru_cache(maxsize=8192)
def _figures(text: str) -> frozenset[Figure]:
    return frozenset((amount.value, amount.unit) for amount in read_amounts(text))


def check(
    sentence: str,
    evidence: Evidence,
    language: Language,
    question: str = "",
    about: str | None = None,
) -> Verdict:
    """The verdict on one sentence of a reply to `question`.

    `about` is the product that the sentence before it spoke of.
    """
    text = normal(sentence)
    if LEAK.search(sentence) or LINK.search(text):
        return Verdict("drop", "link or instruction")
    mentions = mentioned(text, evidence)
    bare = _masked(text, mentions)
    if not _in_language(bare, evidence, language):
        return Verdict("drop", "language")
    before = [p for p in evidence.products if p.id == about]
    products = [m.product for m in mentions] or before or list(evidence.products)
    subject = products[0].id if products else None
    texts = _own_texts(products, evidence)
    own = "\n".join(_normal(text) for text in texts)
    for pattern, rule in ((PROMISES, "promise"), (SUPERLATIVES, "superlative")):
        if any(match.group() not in own for match in pattern.finditer(bare)):
            return Verdict("drop", rule)
    if COMPARATIVES.search(bare):
        return Verdict("drop", "comparison")
    if not _stock_agrees(bare, products):
        return Verdict("replace" if subject else "drop", "stock", subject)
    texts += [wording for policy in evidence.policies for wording in policy.text.every()]
    written = frozenset[Figure]().union(*(_figures(text) for text in texts))
    for amount in read_amounts(bare):
        if amount.kind == "money":
            owner = _owner(amount.start, mentions) or (products[0] if products else None)
            if not (
                owner and _is_true_price(amount, owner, bare, evidence)
            ) and not _is_asked_bound(amount, bare, products, evidence, question):
                subject = owner.id if owner else None
                return Verdict("replace" if subject else "drop", "money", subject)
        elif not _stands(amount, bare, products, evidence, written):
            return Verdict("drop", amount.kind)
    return PASS


def mentioned(text: str, evidence: Evidence) -> list[Mention]:
    """The products in play that `text` (normal) names, in the order it does.

    A title inside a longer title that is named in the same place is not named itself.
    """
    found = [
        Mention(match.start(), match.end(), product)
        for product in evidence.products
        for name in {_normal(n) for n in (*product.title.every(), *product.aliases)}
        if name
        for match in re.finditer(re.escape(name), text)
    ]
    whole = [
        m
        for m in found
        if not any(
            o.start <= m.start and m.end <= o.end and o.end - o.start > m.end - m.start
            for o in found
        )
    ]
    return sorted(whole, key=lambda m: m.start)


def _masked(text: str, mentions: Iterable[Mention]) -> str:
    """`text` with the names of products blotted out, so that their digits are not figures."""
    for start, end, _ in mentions:
        text = text[:start] + "\u25a1" * (end - start) + text[end:]
    return text


def _owner(position: int, mentions: Sequence[Mention]) -> Product | None:
    """The product named last before `position`, or first after it."""
    before = [m.product for m in mentions if m.start < position]
    return before[-1] if before else (mentions[0].product if mentions else None)


def _in_language(bare: str, evidence: Evidence, language: Language) -> bool:
    for product in evidence.products:
        for text in (product.brand, *(a.value for a in product.attributes)):
            for wording in text.every():
                bare = bare.replace(_normal(wording), " ")
    letters = re.findall(r"[a-z]{3,}", bare)
    han = len(HAN.findall(bare))
    return len(letters) <= max(3, han) if language == "zh" else han == 0


def _own_texts(products: Iterable[Product], evidence: Evidence) -> list[str]:
    """Every wording in the records of `products` and of the offers that run for them."""
    parts: list[str] = []
    for product in products:
        texts = [product.title, product.description, product.brand, product.category]
        texts += [t for a in product.attributes for t in (a.name, a.value)]
        texts += [o.value for v in product.variants for o in v.options]
        texts += [t for q in product.questions for t in (q.question, q.answer)]
        texts += [offer.title for offer in evidence.running(product)]
        parts += [wording for text in texts for wording in text.every()]
    return parts


def _meant_variants(text: str, product: Product) -> tuple[Variant, ...]:
    """The variants whose every option value stands in the sentence, else all."""
    meant = tuple(
        v
        for v in product.variants
        if v.options and all(any(_normal(w) in text for w in o.value.every()) for o in v.options)
    )
    return meant or product.variants


def _stock_agrees(text: str, products: Sequence[Product]) -> bool:
    claims_out, claims_scarce = bool(SOLD_OUT.search(text)), bool(SCARCE.search(text))
    claims_in = bool(IN_STOCK.search(SOLD_OUT.sub(" ", text)))
    if not (claims_out or claims_in or claims_scarce):
        return True
    for product in products:
        states = [v.availability for v in _meant_variants(text, product)]
        if claims_in and not claims_out and not any(s.available for s in states):
            return False
        if claims_out and not claims_in and any(s.available for s in states):
            return False
        if claims_scarce and not any(s.status == "low_stock" for s in states):
            return False
    return bool(products)


def _is_true_price(amount: Amount, product: Product, text: str, evidence: Evidence) -> bool:
    """Whether the product, or the variant the sentence names, has this price or offer."""
    known: set[Money] = set()
    for variant in _meant_variants(text, product):
        priced = evidence.priced(product, variant)
        known |= {m for m in (priced.price, priced.list_price) if m}
    for offer in evidence.running(product):
        known |= {m for m in (offer.amount, offer.threshold) if m and m.minor}
    return any(_equals(amount, money) for money in known)


def _is_asked_bound(
    amount: Amount,
    text: str,
    products: Sequence[Product],
    evidence: Evidence,
    question: str,
) -> bool:
    """Whether the amount repeats the viewer's upper limit, and the products keep it."""
    if not products or not BOUND.search(text):
        return False
    asked = any(a.kind == "money" and a.value == amount.value for a in read_amounts(question))
    prices = [evidence.priced(p, p.default_variant).price for p in products]
    return asked and all(_decimal(price) <= amount.value for price in prices)


def _stands(
    amount: Amount,
    text: str,
    products: Sequence[Product],
    evidence: Evidence,
    written: frozenset[Figure],
) -> bool:
    """Whether a figure that is no money stands in the records, with its unit."""
    if (amount.value, amount.unit) in written:
        return True
    if amount.kind in ("percent", "discount"):
        paid = amount.value * 100 if amount.kind == "discount" else 100 - amount.value
        offers = [o for p in products for o in evidence.running(p)]
        return any(o.percent is not None and paid == 100 - o.percent for o in offers)
    if amount.kind == "number":
        return any(value == amount.value for value, _ in written)
    if amount.kind == "count":
        states = [v.availability for p in products for v in _meant_variants(text, p)]
        left = {Decimal(s.quantity) for s in states if s.quantity is not None}
        return amount.value in left | {Decimal(1), Decimal(len(evidence.products))}
    return False


def _decimal(money: Money) -> Decimal:
    return Decimal(money.minor).scaleb(-minor_digits(money.currency))


def _equals(amount: Amount, money: Money) -> bool:
    return amount.unit in ("", money.currency) and amount.value == _decimal(money)
